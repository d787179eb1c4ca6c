import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowLabels } from '../../../../../src/dataset/rowLabels.ts';
import { niceStep } from '../../../../../src/webview/datasetView/charts/niceStep.ts';
import { scoreBins, scoreSpan } from '../../../../../src/webview/datasetView/charts/scoreBins.ts';
import { rowsOf } from '../support.ts';

const rows = rowsOf([
  { path: 'a', score: 0.1, label: 'normal' },
  { path: 'b', score: 0.3, label: 'normal', trained: true },
  { path: 'c', score: 0.9, label: 'anomalous' },
  { path: 'd', score: 1, label: 'unsure' },
  { path: 'e', score: 0.5, label: 'excluded' },
  { path: 'f', score: NaN },
]);

test('bars by label; the last bin has the largest score; what does not count is in none', () => {
  const bins = scoreBins(rows, rowLabels({ rows, labels: {} }), [0, 1], 4);
  assert.deepEqual(
    bins.map(({ low, counts }) => [low, counts.normal, counts.anomalous, counts.other]),
    [
      [0, 1, 0, 0],
      [0.25, 0, 0, 0],
      [0.5, 0, 0, 0],
      [0.75, 0, 1, 1],
    ],
  );
});

test('the span holds every score and the threshold', () => {
  const [low, high] = scoreSpan(rows, 1.5);
  assert.ok(low <= 0 && high > 1.5);
  const [least, most] = scoreSpan({ score: Float32Array.of(-2, 7, 9), trained: Uint8Array.of(0, 0, 1) }, 1);
  assert.ok(least <= -2 && most > 7);
  assert.ok(scoreSpan({ score: Float32Array.of(NaN), trained: Uint8Array.of(0) }, 1)[1] > 1);
});

for (const [size, step] of [
  [0.0134, 0.01],
  [0.027, 0.02],
  [6, 5],
  [1, 1],
] as const) {
  test(`steps of ${step} for ${size}`, () => assert.ok(Math.abs(niceStep(size) - step) < 1e-12));
}
