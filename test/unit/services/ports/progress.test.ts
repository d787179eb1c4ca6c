import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Progress } from '../../../../src/protocol/engine.ts';
import { imageInput } from '../../../../src/services/detect/imageInput.ts';
import type { RgbImage } from '../../../../src/services/ports/disk.ts';
import { ahead, phase } from '../../../../src/services/ports/progress.ts';

test('phase: rate and time left from its own start, without what an earlier run did', () => {
  let now = 1000;
  const told: Progress[] = [];
  const report = phase({ clock: () => now, onProgress: (progress) => told.push(progress) }, 'Training', 100, 40);
  report(40);
  now = 3000;
  report(50, 0.7);
  assert.deepEqual(told, [
    { phase: 'Training', done: 40, total: 100 },
    { phase: 'Training', done: 50, total: 100, rate: 5, remainingMs: 10_000, loss: 0.7 },
  ]);
});

test('ahead: keeps the order, never more than `depth` under way, a failure comes at its turn', async () => {
  let underWay = 0;
  let most = 0;
  const read = async (item: number): Promise<number> => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, item % 3));
    underWay--;
    if (item === 7) throw new Error('seven');
    return 10 * item;
  };
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const value of ahead([1, 2, 3, 4, 5, 6, 7, 8, 9], 3, read)) seen.push(value);
  }, /seven/);
  assert.deepEqual(seen, [10, 20, 30, 40, 50, 60]);
  assert.ok(most <= 3, `${most}`);
  for await (const value of ahead([], 3, read)) assert.fail(`${value}`);
});

test('imageInput: interleaved RGB becomes planes, image after image', () => {
  const image = (first: number): RgbImage => ({
    width: 2,
    height: 1,
    data: Uint8Array.from({ length: 6 }, (_, i) => first + i),
    content: { left: 0, top: 0, width: 2, height: 1 },
    original: { width: 2, height: 1 },
  });
  const { dims, data } = imageInput([image(1), image(201)]);
  assert.deepEqual(dims, [2, 3, 1, 2]);
  assert.deepEqual([...data], [1, 4, 2, 5, 3, 6, 201, 204, 202, 205, 203, 206]);
  // A grey image is its one channel three times; an earlier input's buffer is taken where it is
  // large enough.
  const grey = { ...image(1), grey: Uint8Array.of(7, 8) };
  const again = imageInput([grey], data.buffer);
  assert.deepEqual([...again.data], [7, 8, 7, 8, 7, 8]);
  assert.equal(again.data.buffer, data.buffer);
  assert.notEqual(imageInput([grey, grey], again.data.buffer.slice(0, 24)).data.byteLength, 24);
});
