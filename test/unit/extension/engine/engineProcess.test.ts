import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, test } from 'node:test';
import { EngineProcess } from '../../../../src/extension/features/engine/engineProcess.ts';
import { RpcError } from '../../../../src/protocol/rpc.ts';

const lines: string[] = [];
const write = (message: string) => void lines.push(message);
let started = 0;
const cpu = { executionProvider: 'cpu', threads: 1 };

function start(idleMs?: number): EngineProcess {
  const engine = new EngineProcess({
    spawn: () => {
      started++;
      return fork(path.join(import.meta.dirname, 'fakeEngine.ts'), [], {
        execArgv: ['--import', 'tsx'],
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
    },
    log: { trace: write, debug: write, info: write, warn: write, error: write },
    t: (text, ...values) => text.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)])),
    ...(idleMs !== undefined && { idleMs }),
  });
  after(() => engine.dispose());
  return engine;
}

test(
  'the process starts on demand, is configured first, carries bytes, and dies with a clear message; ' +
    'the next request works',
  async () => {
    const process = start();
    assert.equal(process.pid, undefined);
    assert.match(await process.use(cpu).doctor(), /cpu$/);
    assert.deepEqual(await process.use(cpu).picture({ image: '', maxSide: 3 }), Uint8Array.of(7, 7, 7));
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const before = process.pid!;
      const pending = process.use(cpu).describe('never answers');
      assert.equal(process.busy, true);
      globalThis.process.kill(before, signal);
      await assert.rejects(pending, (error: unknown) => {
        assert.ok(error instanceof RpcError && error.ending === 'disposed' && error.forUser);
        assert.match(error.message, new RegExp(`The engine stopped unexpectedly \\(${signal}\\)\\. Try again`));
        return true;
      });
      assert.equal(await process.use(cpu).doctor(), `pid ${process.pid}, cpu`);
      assert.notEqual(process.pid, before);
    }
    assert.ok(lines.includes('hello'));
  },
);

test('each request is computed with the options of its folder', async () => {
  const process = start();
  for (const executionProvider of ['cpu', 'webgpu', 'webgpu', 'cpu']) {
    assert.match(await process.use({ executionProvider, threads: 0 }).doctor(), new RegExp(`, ${executionProvider}$`));
  }
});

test('an idle process stops and starts again', async () => {
  started = 0;
  const process = start(20);
  await process.use(cpu).doctor();
  await sleep(100);
  assert.equal(process.pid, undefined);
  await process.use(cpu).doctor();
  assert.equal(started, 2);
});

test('disposing ends what is in flight', async () => {
  const process = start();
  const pending = process.use(cpu).describe('never answers');
  process.dispose();
  await assert.rejects(pending, /The extension was stopped/);
  assert.throws(() => process.use(cpu), /The extension was stopped/);
});
