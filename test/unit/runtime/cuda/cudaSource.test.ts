import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { pipRequirements } from '../../../../src/runtime/cuda/cudaPorts.ts';
import { runtime } from '../../../../src/runtime/cuda/cudaPlace.ts';
import { installMetadata, locateCuda, type InstallMetadata } from '../../../../src/runtime/cuda/cudaSource.ts';
import { createDownload } from '../../../../src/runtime/net/download.ts';
import { files } from '../../../../src/runtime/files/files.ts';
import { unzip } from '../../../../src/runtime/net/unzip.ts';
import { installCuda, planCuda, type CudaPorts } from '../../../../src/services/cuda/cudaRuntime.ts';
import { zip } from '../zip.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'nferd-cuda-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => path.join(folder, name);

const native = 'runtimes/linux-x64/native/';
const provider = Buffer.alloc(200_000, 'provider ');
const shared = Buffer.from('shared');
const nupkg = zip([
  { name: `${native}libonnxruntime.so`, content: Buffer.from('not wanted') },
  { name: `${native}libonnxruntime_providers_cuda.so`, content: provider },
  { name: `${native}libonnxruntime_providers_shared.so`, content: shared },
]);

/**
 * A feed as the install script's, on this machine: index, versions, registration, catalogue (always
 * compressed) and package.
 */
async function feed(body: Buffer = nupkg) {
  const asked: string[] = [];
  let cut = true;
  const server = http.createServer((request, response) => {
    const url = request.url ?? '';
    asked.push(`${url} ${request.headers.range ?? ''}`.trim());
    const json = (value: unknown, compressed = false) => {
      const text = Buffer.from(JSON.stringify(value));
      response.writeHead(200, {
        'Content-Type': 'application/json',
        ...(compressed && { 'Content-Encoding': 'gzip' }),
      });
      response.end(compressed ? gzipSync(text) : text);
    };
    if (url === '/index.json')
      return json({
        resources: [
          { '@id': `${base()}/packages`, '@type': 'PackageBaseAddress/3.0.0' },
          { '@id': `${base()}/registration/`, '@type': 'RegistrationsBaseUrl/3.6.0' },
        ],
      });
    if (url === '/packages/ort.gpu/index.json') return json({ versions: ['1.2.2', '1.2.3'] });
    if (url === '/registration/ort.gpu/1.2.3.json') return json({ catalogEntry: `${base()}/catalog.json` }, true);
    if (url === '/catalog.json')
      return json({
        packageSize: nupkg.length,
        packageHash: createHash('sha512').update(nupkg).digest('base64'),
        packageHashAlgorithm: 'SHA512',
      });
    if (url !== '/packages/ort.gpu/1.2.3/ort.gpu.1.2.3.nupkg') return response.writeHead(404).end();
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const headers = { ETag: '"1"', 'Content-Length': body.length - start };
    response.writeHead(start ? 206 : 200, {
      ...headers,
      ...(start && { 'Content-Range': `bytes ${start}-${body.length - 1}/${body.length}` }),
    });
    // The first time the line breaks half way.
    if (cut)
      return (
        response.write(body.subarray(0, body.length >> 1), () => setTimeout(() => response.destroy(), 100)),
        (cut = false)
      );
    return response.end(body.subarray(start));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  after(() => server.close());
  return { index: `${base()}/index.json`, base: base(), asked };
}

const metadata = (index: string): InstallMetadata => ({
  requirements: { 'linux/x64': ['cuda12'], 'win32/x64': [] },
  manifests: {
    'linux/x64:cuda12': Object.fromEntries(
      ['cuda', 'shared', 'tensorrt'].map((name) => [
        `./libonnxruntime_providers_${name}.so`,
        { package: 'p', path: `${native}libonnxruntime_providers_${name}.so` },
      ]),
    ),
  },
  packages: { p: { name: 'Ort.Gpu', versions: [{ feed: 'main', version: '1.2.3' }] } },
  feeds: { main: { type: 'nuget', index } },
});

test("the bundled onnxruntime's own install metadata names the package of its version, for Linux x64", () => {
  const { requirements, packages } = installMetadata();
  assert.deepEqual(requirements['linux/x64'], ['cuda12']);
  const versions = Object.values(packages).flatMap((found) => found.versions.map(({ version }) => version));
  assert.ok(versions.includes(runtime().version), `${versions.join()} has no ${runtime().version}`);
});

test('a feed answers with address, size and checksum; only what is used is wanted', async () => {
  const { index, base } = await feed();
  const found = await locateCuda({}, metadata(index), 'linux/x64');
  assert.equal(found.source, `${base}/packages/ort.gpu/1.2.3/ort.gpu.1.2.3.nupkg`);
  assert.equal(found.bytes, nupkg.length);
  assert.equal(found.sha512, createHash('sha512').update(nupkg).digest('hex'));
  assert.equal(found.cudaMajor, 12);
  assert.deepEqual(
    found.files.map(({ name }) => name),
    ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'],
  );
  await assert.rejects(locateCuda({}, metadata(index), 'win32/x64'), /no CUDA for win32\/x64/);
});

test('NFERD_CUDA_SOURCE names another feed, an address or a file; failures name it', async () => {
  const { index, base } = await feed();
  const elsewhere = metadata('http://127.0.0.1:1/index.json');
  assert.match((await locateCuda({ NFERD_CUDA_SOURCE: index }, elsewhere, 'linux/x64')).source, /nupkg$/);
  const address = `${base}/some.nupkg`;
  assert.equal((await locateCuda({ NFERD_CUDA_SOURCE: address }, elsewhere, 'linux/x64')).source, address);
  writeFileSync(at('own.whl'), nupkg);
  const own = await locateCuda({ NFERD_CUDA_SOURCE: at('own.whl') }, elsewhere, 'linux/x64');
  assert.deepEqual([own.source, own.bytes, own.cudaMajor], [at('own.whl'), nupkg.length, undefined]);
  for (const [source, says] of [
    [at('none.whl'), /none\.whl: no such file\. Correct NFERD_CUDA_SOURCE/],
    ['http://127.0.0.1:1/index.json', /127\.0\.0\.1:1\/index\.json: can't be read \(.*ECONNREFUSED.*proxy/],
    [`${base}/catalog.json`, /catalog\.json: no package feed/],
    [`${base}/missing.json`, /HTTP 404/],
  ] as const)
    await assert.rejects(locateCuda({ NFERD_CUDA_SOURCE: source }, elsewhere, 'linux/x64'), says);
});

test('files are taken out of an archive by path or name, and their checksums are checked', async () => {
  const wanted = [{ name: 'a.so', pathInPackage: 'native/a.so' }];
  const packed = (name: string, crc?: number) => zip([{ name, content: provider, ...(crc !== undefined && { crc }) }]);
  for (const [name, archive, says] of [
    ['path', packed('native/a.so'), undefined],
    ['name', packed('onnxruntime/capi/a.so'), undefined],
    ['crc', packed('native/a.so', 1), /a\.so is damaged/],
    ['lacking', packed('b.so'), /holds no a\.so/],
    ['no zip', Buffer.from('<html>'), /no ZIP archive/],
    ['cut', packed('native/a.so').subarray(0, -30), /no ZIP archive/],
    ['outside', packed('../../a.so'), /a\.so|no ZIP archive|invalid relative path/],
  ] as const) {
    writeFileSync(at('x.zip'), archive);
    const done = unzip(at('x.zip'), wanted, at(`out-${name}`));
    if (says) await assert.rejects(done, says, name);
    else {
      await done;
      assert.deepEqual(readFileSync(at(`out-${name}/a.so`)), provider, name);
    }
  }
  await assert.rejects(unzip(at('none.zip'), wanted, at('out')), /none\.zip: does not exist/);
});

const onThisMachine = (base: CudaPorts['locate'], odd: Partial<CudaPorts> = {}): CudaPorts => ({
  machine: async () => ({ target: 'linux-x64', gpus: [], driver: '550.54.15' }),
  locate: base,
  download: createDownload({ env: {}, retryDelayMs: 1 }),
  sha512: async (file) => createHash('sha512').update(readFileSync(file)).digest('hex'),
  unpack: unzip,
  libraries: async () => ({ needed: [], failures: [], cudaMajor: 12 }),
  fetchLibraries: async () => undefined,
  prove: async () => ({ maxDifference: 0, cudaMs: 1, cpuMs: 2 }),
  writeFolder: files.writeFolder,
  writeText: files.write,
  exists: files.exists,
  remove: files.remove,
  folder: at('cuda'),
  now: () => 'now',
  ...odd,
});

test('from a feed to the folder: the broken line is resumed, the checksum agrees, the folder is whole', async () => {
  const { index, asked } = await feed();
  const ports = onThisMachine(() => locateCuda({}, metadata(index), 'linux/x64'));
  await installCuda(await planCuda(ports), { fetchMissing: false }, ports, { clock: () => 0 });
  assert.deepEqual(readdirSync(at('cuda')), ['1.2.3']);
  assert.deepEqual(readdirSync(at('cuda/1.2.3')).sort(), [
    'cuda.json',
    'libonnxruntime_providers_cuda.so',
    'libonnxruntime_providers_shared.so',
  ]);
  assert.match(asked.at(-1)!, new RegExp(`bytes=${nupkg.length >> 1}-`));
});

test('a second install that fails leaves the first as it was, and no download', async () => {
  const { index } = await feed();
  const broken = onThisMachine(() => locateCuda({}, metadata(index), 'linux/x64'), {
    prove: () => Promise.reject(new Error('/x/libcublas.so.12: file too short')),
  });
  await assert.rejects(
    installCuda(await planCuda(broken), { fetchMissing: false }, broken, { clock: () => 0 }),
    /libcublas\.so\.12 is damaged/,
  );
  assert.deepEqual(readdirSync(at('cuda')), ['1.2.3']);
  assert.ok(existsSync(at('cuda/1.2.3/cuda.json')));
  const other = await feed(Buffer.from(nupkg).fill(0, 100, 200));
  const wrong = onThisMachine(() => locateCuda({}, metadata(other.index), 'linux/x64'));
  await assert.rejects(
    installCuda(await planCuda(wrong), { fetchMissing: false }, wrong, { clock: () => 0 }),
    /its sha512 is .* expected/,
  );
  assert.deepEqual(readdirSync(at('cuda')), ['1.2.3']);
});

test('pip is asked for the packages of the libraries that are missing, each once, for their CUDA', () => {
  const missing = ['libcublasLt.so.12', 'libcublas.so.12', 'libcurand.so.10', 'libcudnn.so.9'];
  assert.deepEqual(pipRequirements(missing, 12), [
    'nvidia-cublas-cu12',
    'nvidia-curand-cu12>=10,<11',
    'nvidia-cudnn-cu12>=9,<10',
    'nvidia-cuda-nvrtc-cu12',
  ]);
  assert.deepEqual(pipRequirements(['libcudart.so.13', 'libcudnn.so.9'], 13), [
    'nvidia-cuda-runtime>=13,<14',
    'nvidia-cudnn-cu13>=9,<10',
    'nvidia-cuda-nvrtc>=13,<14',
  ]);
});
