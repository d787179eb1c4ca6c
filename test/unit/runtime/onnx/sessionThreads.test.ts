import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { Graph } from '../../../../src/graph/graph.ts';
import { encodeModel } from '../../../../src/graph/model.ts';
import * as ops from '../../../../src/graph/ops.ts';
import { float32 } from '../../../../src/graph/tensor.ts';
import { openSession } from '../../../../src/runtime/onnx/session.ts';
import { openSideBySide } from '../../../../src/runtime/onnx/sessionThreads.ts';
import { shareOut } from '../../../../src/runtime/threads/threads.ts';
import { RpcError } from '../../../../src/protocol/rpc.ts';
import { sourceThreads } from '../sourceThread.ts';

/** `twice`: 2 · values, and `sum`: their sum. */
function model(): Uint8Array {
  const graph = new Graph('twice');
  const values = graph.input('values', 'float32', ['N']);
  graph.output('twice', ops.add(values, values));
  graph.output('sum', ops.reduceSum(values, [0], false));
  return encodeModel(graph);
}

const options = { executionProvider: 'cpu', threads: 2 };
const { started, start } = sourceThreads('runtime/onnx/sessionThread.ts');
const values = (...given: number[]) => ({ values: float32(given) });

test('runs side by side: each has its own answer, and the caller keeps what it gave', async () => {
  const session = await openSession(model(), { ...options, sideBySide: true }, start);
  assert.deepEqual([session.atOnce, session.executionProvider, session.outputNames], [2, 'cpu', ['twice', 'sum']]);
  const feeds = Array.from({ length: 9 }, (_, i) => values(...Array.from({ length: 1 + (i % 3) }, () => i)));
  const found = await Promise.all(feeds.map((given) => session.run(given)));
  feeds.forEach(({ values: { data } }, i) => {
    assert.equal(data.length, 1 + (i % 3));
    assert.deepEqual(
      [...(found[i]!['twice']!.data as Float32Array)],
      [...(data as Float32Array)].map((v) => 2 * v),
    );
    assert.equal((found[i]!['sum']!.data as Float32Array)[0], i * data.length);
  });
  assert.deepEqual(Object.keys(await session.run(values(1), ['sum'])), ['sum']);
  await session.release();
});

test('a run that fails, a thread that ends: each says so, the others go on, releasing works', async () => {
  const session = (await openSideBySide(model(), options, start))!;
  await assert.rejects(session.run({ wrong: float32([1]) }), /values/);
  assert.equal(((await session.run(values(3)))['sum']!.data as Float32Array)[0], 3);
  const [broken, whole] = started.slice(-2) as [Worker, Worker];
  await broken.terminate();
  await assert.rejects(
    session.run(values(1)),
    (error) =>
      error instanceof RpcError &&
      error.forUser &&
      error.message === 'A thread that ran the detector ended. Try it again.',
  );
  await session.release();
  assert.equal(whole.threadId, -1);
});

test('threads are used evenly, and by as many sessions as there is memory for', () => {
  const cases = [1, 2, 3, 4, 5, 6, 7, 8, 10, 16].map((all) => [all, shareOut(all)] as const);
  assert.deepEqual(
    cases.map(([all, { count, each }]) => [all, count, each]),
    [
      [1, 1, 1],
      [2, 2, 1],
      [3, 3, 1],
      [4, 4, 1],
      [5, 4, 1],
      [6, 3, 2],
      [7, 3, 2],
      [8, 4, 2],
      [10, 2, 5],
      [16, 4, 4],
    ],
  );
  assert.deepEqual(shareOut(8, 2), { count: 2, each: 4 });
  assert.deepEqual([shareOut(8, 1).count, shareOut(8, 0).count], [1, 1]);
});

test('a model that is none: said, and no thread is left', async () => {
  await assert.rejects(
    openSession(new Uint8Array([1, 2, 3]), { ...options, sideBySide: true }, start),
    /The model could not be loaded \(cpu: .*\)\. Set nferd\.executionProvider/,
  );
  assert.ok(started.every(({ threadId }) => threadId === -1));
});

test('where there is one thread only, or threads are not built, the session is a plain one', async () => {
  for (const [threads, begin] of [
    [1, start],
    [2, () => undefined],
  ] as const) {
    const session = await openSession(model(), { ...options, threads, sideBySide: true }, begin);
    assert.equal(session.atOnce, 1);
    assert.equal(((await session.run(values(1, 2)))['sum']!.data as Float32Array)[0], 3);
    await session.release();
  }
});
