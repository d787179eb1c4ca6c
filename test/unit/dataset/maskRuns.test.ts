import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskAt, maskShare, packMask, unpackMask } from '../../../src/dataset/maskRuns.ts';

const masks: readonly (readonly [string, number, number, readonly number[], readonly number[]])[] = [
  ['empty', 3, 2, [0, 0, 0, 0, 0, 0], [6]],
  ['full', 3, 2, [1, 1, 1, 1, 1, 1], [0, 6]],
  ['runs go on in the next row', 3, 2, [0, 0, 1, 1, 0, 1], [2, 2, 1, 1]],
  ['of no pixels', 0, 0, [], []],
];
for (const [name, width, height, mask, runs] of masks) {
  test(`mask as runs and back: ${name}`, () => {
    const packed = packMask(width, height, Uint8Array.from(mask));
    assert.deepEqual([...packed.runs], runs);
    assert.deepEqual([...unpackMask(packed)], mask);
  });
}

test('runs that do not fill the mask are refused', () => {
  assert.throws(() => unpackMask({ width: 2, height: 2, runs: Uint32Array.of(1, 2) }), /runs of 3 pixels for 2 × 2/);
});

test('a mask at another size: nearest neighbour, pixel centres aligned', () => {
  const mask = { width: 3, height: 2, runs: [1, 1, 1, 2, 1] };
  assert.deepEqual([...maskAt(mask, { width: 3, height: 2 })], [0, 1, 0, 1, 1, 0]);
  assert.deepEqual([...maskAt(mask, { width: 6, height: 2 })], [0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0]);
  assert.deepEqual([...maskAt(mask, { width: 1, height: 4 })], [1, 1, 1, 1]);
  assert.deepEqual([...maskAt(mask, { width: 2, height: 1 })], [1, 0]);
  assert.equal(maskShare(mask), 0.5);
});
