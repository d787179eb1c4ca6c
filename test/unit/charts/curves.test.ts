import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curvePath, operatingPoints } from '../../../src/charts/curves.ts';

const curve = (points: number) => ({
  x: Float64Array.from({ length: points }, (_, i) => i / points),
  y: Float64Array.from({ length: points }, (_, i) => i),
  threshold: Float64Array.from({ length: points }, (_, i) => points - i),
});
const same = (value: number): number => value;

test('where a threshold stands on the curves', () => {
  const counts = { normal: 10, anomalous: 4, falseAlarms: 1, misses: 1 };
  const points = operatingPoints(counts, { pro: curve(10) }, 6);
  assert.deepEqual(points, { roc: [0.1, 0.75], precisionRecall: [0.75, 0.75], pro: [0.3, 3] });
});

test('nowhere, where nothing is flagged, no curve is there or its axis has ended', () => {
  const counts = { normal: 10, anomalous: 4, falseAlarms: 0, misses: 4 };
  assert.equal(operatingPoints(counts, undefined, 1).precisionRecall, undefined);
  assert.equal(operatingPoints(counts, undefined, 1).pro, undefined);
  assert.equal(operatingPoints(counts, { pro: curve(10) }, 99).pro, undefined);
  assert.equal(operatingPoints(counts, { pro: curve(10) }, 2).pro, undefined);
  assert.equal(operatingPoints({ ...counts, normal: 0 }, undefined, 1).roc, undefined);
});

test('precision–recall goes in the steps that average precision sums; the others go straight', () => {
  const points = { x: Float64Array.of(0, 0.5, 1), y: Float64Array.of(1, 1, 0.4), threshold: Float64Array.of(3, 2, 1) };
  assert.equal(curvePath('roc', points, same, same), 'M0,1L0.5,1L1,0.4');
  // From a recall of 0.5 to 1 the precision is 0.4: AP = 0.5 · 1 + 0.5 · 0.4.
  assert.match(curvePath('precisionRecall', points, same, same), /L0.5,1L0.5,0.4L1,0.4$/);
});

test('long curves are thinned, both ends kept', () => {
  const points = (count: number) => curvePath('roc', curve(count), same, same).split(/[ML]/).slice(1);
  assert.equal(points(3).length, 3);
  const few = points(100_001);
  assert.ok(few.length < 450);
  assert.deepEqual([few[0], few.at(-1)!.split(',')[1]], ['0,0', '100000']);
});
