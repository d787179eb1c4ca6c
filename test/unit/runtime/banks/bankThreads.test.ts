import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { createRng } from '../../../../src/dataset/rng.ts';
import { RpcError } from '../../../../src/protocol/rpc.ts';
import { openBankThreads } from '../../../../src/runtime/banks/bankThreads.ts';
import { openOnProcessor } from '../../../../src/runtime/onnx/ownSession.ts';
import type { BankJob } from '../../../../src/services/ports/bankPorts.ts';
import { chooseBank } from '../../../../src/services/train/chooseBank.ts';
import { UserError } from '../../../../src/services/ports/errors.ts';
import { Cancelled } from '../../../../src/services/ports/progress.ts';
import { sourceThreads } from '../sourceThread.ts';

const compute = { executionProvider: 'cpu', threads: 2 };
const { started, start } = sourceThreads('runtime/banks/bankThread.ts');

/** `rows` candidates of noise. */
function job(seed: number, rows = 600, count = 50): BankJob {
  const rng = createRng(seed);
  const channels = 5;
  const features = { data: Float32Array.from({ length: rows * channels }, () => rng.normal()), channels };
  const provenance = {
    image: Uint32Array.from({ length: rows }, (_, i) => i),
    row: new Uint16Array(rows),
    column: new Uint16Array(rows),
  };
  return { candidates: { features, provenance }, count };
}

test('banks chosen in threads are those chosen here', async () => {
  const threads = openBankThreads(compute, 1e6, start)!;
  assert.equal(threads.atOnce, 2);
  const seeds = [1, 2, 3, 4, 5];
  const chosen: number[] = [];
  const onChosen = (count: number) => void chosen.push(count);
  const found = await Promise.all(seeds.map((seed) => threads.choose(job(seed), { onChosen })));
  assert.ok(chosen.includes(50));
  for (const [at, seed] of seeds.entries())
    assert.deepEqual(found[at], await chooseBank(job(seed), { onChosen }, openOnProcessor, compute));
  await threads.release();
  assert.ok(started.every(({ threadId }) => threadId === -1));
});

test('stopped: it ends as cancelled, and the thread goes on', async () => {
  const threads = openBankThreads(compute, 1e6, start)!;
  const stop = new AbortController();
  const onChosen = () => stop.abort();
  await assert.rejects(threads.choose(job(1, 20_000, 5000), { signal: stop.signal, onChosen }), Cancelled);
  assert.equal((await threads.choose(job(2), { onChosen: () => undefined })).provenance.image.length, 50);
  await threads.release();
});

test('a job that fails says why', async () => {
  const threads = openBankThreads(compute, 1e6, start)!;
  const { candidates, count } = job(1);
  const odd = { candidates: { ...candidates, features: { data: new Float32Array(7), channels: 5 } }, count };
  await assert.rejects(
    threads.choose(odd, { onChosen: () => undefined }),
    (error) => error instanceof RpcError && error.message.length > 0,
  );
  await threads.release();
});

test('a thread that ends says so', async () => {
  const threads = openBankThreads(compute, 1e6, start)!;
  const under = Promise.allSettled([1, 2].map((seed) => threads.choose(job(seed), { onChosen: () => undefined })));
  // At once: they have not begun, and must not end inside onnxruntime.
  await Promise.all(started.slice(-2).map((worker) => worker.terminate()));
  for (const one of await under) {
    assert.ok(one.status === 'rejected' && one.reason instanceof UserError);
    assert.equal(one.reason.message, 'A thread that chose a bank ended. Try it again.');
  }
  await threads.release();
});

test('none where there is one thread only, no memory for two, or they are not built', () => {
  const before = started.length;
  assert.equal(openBankThreads(compute, os.totalmem(), start), undefined);
  assert.equal(openBankThreads({ ...compute, threads: 1 }, 1e6, start), undefined);
  assert.equal(
    openBankThreads(compute, 1e6, () => undefined),
    undefined,
  );
  assert.equal(started.length, before);
});

test('where one of the threads can not be started there are none, and none is left', async () => {
  const before = started.length;
  const failing = (): Worker => {
    if (started.length > before) throw new Error('no more threads');
    return start();
  };
  assert.equal(openBankThreads(compute, 1e6, failing), undefined);
  await new Promise((ended) => started.at(-1)!.once('exit', ended));
  assert.equal(started.at(-1)!.threadId, -1);
});
