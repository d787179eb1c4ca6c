import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recogniseDataset } from '../../../src/dataset/recogniseDataset.ts';
import { assignSplits, calibrationFolds } from '../../../src/dataset/split.ts';

const sizes: readonly [count: number, heldOut: number[]][] = [
  [320, [48]],
  [60, [10]],
  [50, [10]],
  [49, [10, 10, 10, 10, 9]],
  [12, [3, 3, 2, 2, 2]],
  [3, [1, 1, 1]],
  [2, [1, 1]],
];

for (const [count, heldOut] of sizes) {
  test(`calibration folds of ${count}`, () => {
    const folds = calibrationFolds(count, { seed: 7 });
    assert.deepEqual(
      folds.map((fold) => fold.calibrate.length),
      heldOut,
    );
    for (const { fit, calibrate } of folds) {
      assert.deepEqual(
        [...fit, ...calibrate].sort((a, b) => a - b),
        Array.from({ length: count }, (_, i) => i),
      );
    }
    const scored = folds.flatMap((fold) => fold.calibrate);
    assert.equal(new Set(scored).size, scored.length);
    assert.deepEqual(calibrationFolds(count, { seed: 7 }), folds);
  });
}

test('another seed holds out others; one image cannot calibrate', () => {
  assert.notDeepEqual(calibrationFolds(100, { seed: 1 }), calibrationFolds(100, { seed: 2 }));
  assert.throws(() => calibrationFolds(1, { seed: 1 }), /at least 2/);
});

test('a dataset without splits gets one; one with splits keeps it', () => {
  const free = assignSplits(recogniseDataset([...Array.from({ length: 10 }, (_, i) => `ok/${i}.png`), 'ko/0.png']), 3);
  const count = (split: string): number => free.items.filter((item) => item.split === split).length;
  assert.deepEqual([count('train'), count('test'), count('none')], [8, 3, 0]);
  const fixed = recogniseDataset(['train/good/0.png', 'test/ko/0.png']);
  assert.deepEqual(assignSplits(fixed, 3), fixed);
});
