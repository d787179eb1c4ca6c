import assert from 'node:assert/strict';
import { test } from 'node:test';
import { niceStep } from '../../../../../src/webview/datasetView/charts/niceStep.ts';

for (const [size, step] of [
  [0.0134, 0.01],
  [0.027, 0.02],
  [6, 5],
  [1, 1],
] as const) {
  test(`steps of ${step} for ${size}`, () => assert.ok(Math.abs(niceStep(size) - step) < 1e-12));
}
