import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, test } from 'node:test';
import { forkEngine } from '../../../../src/extension/features/engine/forkEngine.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'nferd-fork-'));
after(() => rm(folder, { recursive: true, force: true }));
const worker = path.join(folder, 'worker.mjs');
await writeFile(
  worker,
  `import { url } from 'node:inspector';
process.send({ url: url(), argv: process.execArgv, options: process.env.NODE_OPTIONS });
process.disconnect();`,
);

const given = [...process.execArgv];
afterEach(() => {
  delete process.env.NFERD_ENGINE_INSPECT;
  delete process.env.NODE_OPTIONS;
  process.execArgv = [...given];
});

interface Started {
  readonly url?: string;
  readonly argv: readonly string[];
  readonly options?: string;
}

async function started(): Promise<Started> {
  const [message] = (await once(forkEngine(worker), 'message')) as [Started];
  return message;
}

test('the engine has nothing of a debugged extension host', async () => {
  process.execArgv = ['--inspect-brk=127.0.0.1:9333'];
  process.env.NODE_OPTIONS = '--max-old-space-size=64';
  assert.deepEqual(await started(), { url: undefined, argv: [], options: undefined });
});

test('a debugger can attach to the port that the environment names, and to nothing else', async () => {
  process.env.NFERD_ENGINE_INSPECT = '0';
  const { url, argv } = await started();
  assert.match(url ?? '', /^ws:\/\/127\.0\.0\.1:\d+\//);
  assert.deepEqual(argv, ['--inspect=127.0.0.1:0']);
  process.env.NFERD_ENGINE_INSPECT = '9229 --eval=1';
  assert.deepEqual((await started()).argv, []);
});
