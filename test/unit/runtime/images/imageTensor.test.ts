import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeTensor } from '../../../../src/runtime/images/imageTensor.ts';

const rect = { left: 0, top: 0, width: 2, height: 1 };
const image = { width: 2, height: 1, data: new Uint8Array([0, 127, 255, 10, 20, 30]), content: rect, original: rect };
const normalisation = { mean: [127, 127, 100], scale: [128, 1, 50] } as const;

test('[H, W, 3] becomes normalised [3, H, W] at the offset', () => {
  const out = new Float32Array(8).fill(9);
  writeTensor(image, out, 1, normalisation);
  const expected = [9, -127 / 128, -117 / 128, 0, -107, 155 / 50, -70 / 50, 9];
  assert.deepEqual([...out], [...Float32Array.from(expected)]);
});

test('what does not fit is refused', () => {
  assert.throws(() => writeTensor(image, new Float32Array(6), 1, normalisation), RangeError);
});
