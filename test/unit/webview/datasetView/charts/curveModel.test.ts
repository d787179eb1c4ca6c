import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operatingPoints, thinned } from '../../../../../src/webview/datasetView/charts/curveModel.ts';

const curve = (points: number) => ({
  x: Float64Array.from({ length: points }, (_, i) => i / points),
  y: Float64Array.from({ length: points }, (_, i) => i),
  threshold: Float64Array.from({ length: points }, (_, i) => points - i),
});

test('where a threshold stands on the curves', () => {
  const counts = { normal: 10, anomalous: 4, falseAlarms: 1, misses: 1 };
  const points = operatingPoints(counts, { pro: curve(10) }, 6);
  assert.deepEqual(points, { roc: [0.1, 0.75], precisionRecall: [0.75, 0.75], pro: [0.3, 3] });
});

test('nowhere, where nothing is flagged or no curve is there', () => {
  const counts = { normal: 10, anomalous: 4, falseAlarms: 0, misses: 4 };
  assert.equal(operatingPoints(counts, undefined, 1).precisionRecall, undefined);
  assert.equal(operatingPoints(counts, undefined, 1).pro, undefined);
  assert.equal(operatingPoints(counts, { pro: curve(10) }, 99).pro, undefined);
});

test('long curves are thinned, both ends kept', () => {
  assert.deepEqual(thinned(curve(3)), [0, 1, 2]);
  const few = thinned(curve(100_001));
  assert.ok(few.length < 450);
  assert.deepEqual([few[0], few.at(-1)], [0, 100_000]);
});
