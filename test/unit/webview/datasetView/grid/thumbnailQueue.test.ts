import assert from 'node:assert/strict';
import { test } from 'node:test';
import { thumbnailQueue } from '../../../../../src/webview/datasetView/grid/thumbnailQueue.ts';

function harness(batch = 2) {
  const loaded = new Set<number>();
  const asked: number[][] = [];
  const waiting: { resolve: (rows: { row: number }[]) => void; reject: (error: Error) => void }[] = [];
  const queue = thumbnailQueue<object>({
    batch,
    isLoaded: (row) => loaded.has(row),
    onLoaded: (row) => void loaded.add(row),
    fetch: (rows) => {
      asked.push([...rows]);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
  });
  const settle = () => new Promise((done) => setImmediate(done));
  return {
    queue,
    asked,
    loaded,
    answer: async () => {
      waiting.shift()!.resolve(asked.at(-1)!.map((row) => ({ row })));
      await settle();
    },
    refuse: async () => {
      waiting.shift()!.reject(new Error('no'));
      await settle();
    },
  };
}

test('one batch at a time, the most wanted first', async () => {
  const { queue, asked, answer, loaded } = harness();
  queue.want([1, 2, 3]);
  assert.deepEqual(asked, [[1, 2]]);
  await answer();
  await answer();
  assert.deepEqual(asked, [[1, 2], [3]]);
  assert.deepEqual([...loaded], [1, 2, 3]);
  assert.equal(queue.pending, 0);
});

test('what scrolled away is not fetched', async () => {
  const { queue, asked, answer } = harness();
  queue.want([1, 2, 3, 4]);
  queue.want([50, 51, 3]);
  await answer();
  assert.deepEqual(asked, [
    [1, 2],
    [50, 51],
  ]);
});

test('a batch that fails is left until it comes into view again', async () => {
  const { queue, asked, refuse, answer } = harness();
  queue.want([1, 2]);
  await refuse();
  queue.want([1, 2]);
  assert.equal(asked.length, 1);
  queue.want([3]);
  await answer();
  queue.want([1]);
  assert.deepEqual(asked, [[1, 2], [3], [1]]);
});

test('what was asked for before a clearing is not taken', async () => {
  const { queue, asked, answer, loaded } = harness();
  queue.want([1]);
  queue.clear();
  await answer();
  assert.deepEqual([...loaded], []);
  assert.deepEqual(asked, [[1], [1]]);
  await answer();
  assert.deepEqual([...loaded], [1]);
});
