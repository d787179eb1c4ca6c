import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { createDownload, type DownloadSettings } from '../../../src/runtime/net/download.ts';
import { proxyFor } from '../../../src/runtime/net/downloadRequest.ts';
import { UserError } from '../../../src/services/ports/errors.ts';
import type { DownloadProgress, DownloadRequest } from '../../../src/services/ports/teacherPorts.ts';
import { serve, sha256Of, type Served } from './server.ts';

const body = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) % 251);
const sum = sha256Of(body);
const quick: Partial<DownloadSettings> = { retryDelayMs: 1, progressEveryMs: 0, attempts: 3, env: {} };

async function setUp(t: TestContext, served: Partial<Served>, settings: Partial<DownloadSettings> = {}) {
  const server = await serve({ body, ...served });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nferd-download-'));
  t.after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const target = path.join(folder, 'new', 'file.bin');
  const run = (request: Partial<DownloadRequest> = {}) =>
    createDownload({ ...quick, ...settings })({ url: `${server.url}/a/file.bin`, target, ...request });
  return { ...server, folder, target, run, left: () => readdirSync(path.dirname(target)) };
}

test('a file arrives whole, with progress and the checksum that the hub announces before its redirect', async (t) => {
  const { run, target, asked, left } = await setUp(t, { linkedEtag: `"${sum}"`, etag: `"${'0'.repeat(64)}"` });
  const told: DownloadProgress[] = [];
  assert.deepEqual(await run({ onProgress: (progress) => told.push(progress) }), {
    bytes: body.length,
    sha256: sum,
    verifiedBy: 'server',
  });
  assert.deepEqual(readFileSync(target), Buffer.from(body));
  assert.deepEqual(left(), ['file.bin']);
  assert.deepEqual(
    asked.map(({ status }) => status),
    [302, 200],
  );
  const last = told.at(-1)!;
  assert.deepEqual([last.receivedBytes, last.totalBytes, last.secondsLeft], [body.length, body.length, 0]);
  assert.ok(told.every(({ bytesPerSecond }) => bytesPerSecond > 0));
});

test('a broken connection is taken up where it broke', async (t) => {
  const { run, asked } = await setUp(t, { cutAfter: (request) => (request < 6 ? 40_000 : undefined) });
  assert.deepEqual(await run({ sha256: sum }), { bytes: body.length, sha256: sum, verifiedBy: 'user' });
  const ranges = asked.filter(({ url }) => url.startsWith('/store')).map(({ range }) => range ?? '');
  assert.equal(ranges.length, 7);
  assert.ok(ranges.slice(1).every((range) => range.startsWith('bytes=')));
});

test('a later run goes on from an earlier one’s part', async (t) => {
  const { run, asked, left } = await setUp(t, {
    cutAfter: (request) => (request === 0 ? 40_000 : request < 4 ? 0 : undefined),
  });
  await assert.rejects(run(), /the connection broke .*Run the same command again to go on\./);
  assert.deepEqual(left().sort(), ['file.bin.part', 'file.bin.part.json']);
  assert.equal((await run()).sha256, sum);
  assert.match(asked.at(-1)!.range!, /^bytes=[1-9]\d*-$/);
  assert.equal(asked.at(-1)!.status, 206);
});

test('a part of a changed file, of another address or without a note is not used', async (t) => {
  const { run, target, asked, url, folder } = await setUp(t, {});
  const cases = [
    { url: `${url}/a/file.bin`, validator: '"v0"' },
    { url: `${url}/other`, validator: '"v1"' },
    'nonsense',
  ];
  for (const note of cases) {
    await run();
    rmSync(target);
    writeFileSync(`${target}.part`, 'wrong bytes');
    writeFileSync(`${target}.part.json`, JSON.stringify(note));
    assert.equal((await run()).sha256, sum);
  }
  assert.ok(asked.every(({ status }) => status === 302 || status === 200));
  assert.ok(existsSync(folder));
});

test('a part that is already whole needs no more bytes', async (t) => {
  const { run, target, asked, url } = await setUp(t, {});
  await run();
  writeFileSync(`${target}.part`, body);
  writeFileSync(`${target}.part.json`, JSON.stringify({ url: `${url}/a/file.bin`, validator: '"v1"' }));
  assert.equal((await run()).sha256, sum);
  assert.equal(asked.at(-1)!.status, 416);
});

test('a server without Range sends the whole again', async (t) => {
  const { run } = await setUp(t, { ignoreRange: true, cutAfter: (request) => (request < 2 ? 50_000 : undefined) });
  assert.equal((await run()).sha256, sum);
});

const refusals: readonly [string, Partial<Served>, Partial<DownloadRequest>, RegExp][] = [
  [
    'not found',
    { status: () => 404 },
    {},
    /^http:\S+\/a\/file\.bin: not found \(HTTP 404\)\. Check the name and the address\.$/,
  ],
  ['forbidden', { status: () => 403 }, {}, /access refused \(HTTP 403\)/],
  ['a web page', { contentType: 'text/html; charset=utf-8' }, {}, /answered with a web page, not the file/],
  ['a busy server', { status: () => 503 }, {}, /the server answered HTTP 503\)\. Run the same command again/],
  [
    'a wrong checksum from the user',
    {},
    { sha256: '0'.repeat(64) },
    /its sha256 is [0-9a-f]{64}, expected 0{64}\. The download was deleted\. Check the sha256/,
  ],
  [
    'a checksum that the server contradicts',
    { linkedEtag: `"${'1'.repeat(64)}"` },
    {},
    /expected 1{64}\. The download was deleted\. Try again/,
  ],
];
for (const [name, served, request, message] of refusals) {
  test(`${name}: one line, nothing left`, async (t) => {
    const { run, left } = await setUp(t, served);
    await assert.rejects(run(request), (error) => error instanceof UserError && message.test(error.message));
    assert.deepEqual(left(), []);
  });
}

test('a server that is busy only once is asked again', async (t) => {
  const { run } = await setUp(t, { status: (request) => (request === 0 ? 503 : undefined) });
  assert.deepEqual(await run(), { bytes: body.length, sha256: sum, verifiedBy: 'nobody' });
});

test('a connection that falls silent is dropped and taken up', async (t) => {
  const silent = { hangs: true, cutAfter: (request: number) => (request < 1 ? 40_000 : undefined) };
  const { run, asked } = await setUp(t, silent, { stallMs: 100 });
  assert.equal((await run()).sha256, sum);
  assert.equal(asked.at(-1)!.status, 206);
});

test('a stopped download says so and keeps its part', async (t) => {
  const { run, left } = await setUp(t, { cutAfter: () => 10_000 }, { retryDelayMs: 60_000 });
  const aborter = new AbortController();
  const onProgress = () => setTimeout(() => aborter.abort(), 20);
  await assert.rejects(
    run({ signal: aborter.signal, onProgress }),
    /: stopped\. Run the same command again to go on\./,
  );
  assert.ok(left().includes('file.bin.part'));
  await assert.rejects(run({ signal: AbortSignal.abort() }), /: stopped\./);
});

test('a target whose folder is a file, and a host that is not there, are named', async (t) => {
  const { run, folder } = await setUp(t, {});
  writeFileSync(path.join(folder, 'file'), '');
  await assert.rejects(
    run({ target: path.join(folder, 'file', 'x') }),
    /file\/x: could not be written: a part of the path is a file\. Choose another folder/,
  );
  await assert.rejects(
    run({ url: 'http://127.0.0.1:1/x' }),
    /127\.0\.0\.1:1\/x: can't be fetched \(.*ECONNREFUSED.*\)\. Check the network/,
  );
});

const proxies: readonly [string, Record<string, string>, string | undefined][] = [
  ['https://a.test/x', {}, undefined],
  ['https://a.test/x', { HTTPS_PROXY: 'http://p:8080' }, 'http://p:8080/'],
  ['https://a.test/x', { https_proxy: 'p:8080', HTTPS_PROXY: 'http://q' }, 'http://p:8080/'],
  ['https://a.test/x', { http_proxy: 'http://p' }, undefined],
  ['http://a.test/x', { ALL_PROXY: 'http://p' }, 'http://p/'],
  ['https://a.test/x', { https_proxy: 'http://p', no_proxy: 'b.test, .a.test' }, undefined],
  ['https://cdn.a.test/x', { https_proxy: 'http://p', NO_PROXY: 'a.test' }, undefined],
  ['https://aa.test/x', { https_proxy: 'http://p', no_proxy: 'a.test' }, 'http://p/'],
  ['https://a.test/x', { https_proxy: 'http://p', no_proxy: 'a.test:8443' }, 'http://p/'],
  ['https://a.test/x', { https_proxy: 'http://p', no_proxy: '*' }, undefined],
];
for (const [url, env, expected] of proxies) {
  test(`proxy for ${url} with ${JSON.stringify(env)}: ${expected}`, () => {
    assert.equal(proxyFor(new URL(url), env)?.href, expected);
  });
}

test('plain HTTP goes through the proxy as a whole address', async (t) => {
  let seen = '';
  const proxy = http.createServer((request, response) => {
    seen = `${request.url} ${request.headers['proxy-authorization']}`;
    response.end(body);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  const env = { http_proxy: `http://me:secret@127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  const { run } = await setUp(t, {}, { env });
  assert.equal((await run({ url: 'http://hub.test/file' })).sha256, sum);
  assert.equal(seen, `http://hub.test/file Basic ${Buffer.from('me:secret').toString('base64')}`);
});

test('HTTPS goes through a tunnel, and a proxy’s refusal is told', async (t) => {
  const seen: string[] = [];
  const proxy = net.createServer((socket) => {
    socket.once('data', (data) => {
      seen.push(data.toString().split('\r\n')[0]!);
      if (seen.length > 1) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      return socket.once('data', (hello: Buffer) => {
        seen.push(`TLS record ${hello[0]}`);
        socket.destroy();
      });
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  const env = { https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  const { run } = await setUp(t, {}, { env, attempts: 2 });
  await assert.rejects(
    run({ url: 'https://hub.test/file' }),
    /the proxy 127\.0\.0\.1:\d+ refused a connection to hub\.test:443 \(HTTP 407\)/,
  );
  assert.deepEqual(seen, ['CONNECT hub.test:443 HTTP/1.1', 'TLS record 22', 'CONNECT hub.test:443 HTTP/1.1']);
});
