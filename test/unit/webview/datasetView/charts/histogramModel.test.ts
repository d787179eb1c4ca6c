import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowLabels } from '../../../../../src/dataset/rowLabels.ts';
import { histogramOf } from '../../../../../src/charts/histogram.ts';
import {
  brushed,
  frame,
  heldAt,
  movedByKey,
  scoreAt,
  snapped,
} from '../../../../../src/webview/datasetView/charts/histogramModel.ts';
import { inspectionOf } from '../support.ts';

const inspection = inspectionOf([
  { path: 'a', score: 0.2, label: 'normal' },
  { path: 'b', score: 0.2, label: 'normal' },
  { path: 'c', score: 0.2, label: 'anomalous' },
  { path: 'd', score: 2, label: 'anomalous' },
  { path: 'e', score: 1 },
]);
const histogram = histogramOf(inspection.rows, rowLabels(inspection), 1, frame);
const { x } = histogram;

test('a place on the axis is a score, which stays in the domain', () => {
  const [low, high] = x.domain() as [number, number];
  assert.deepEqual([scoreAt(x, -1), scoreAt(x, 2)], [low, high]);
  assert.ok(Math.abs(scoreAt(x, x(1.5) / 340) - 1.5) < 1e-9);
});

test('near the threshold one takes hold of it, elsewhere of a range', () => {
  assert.equal(heldAt(x, x.invert(x(1) + 6), 1), 'threshold');
  assert.equal(heldAt(x, x.invert(x(1) + 9), 1), 'brush');
});

test('a range is dragged either way; a click is none', () => {
  assert.deepEqual(brushed(histogram, 1.5, 0.5), [0.5, 1.5]);
  assert.equal(brushed(histogram, 1, x.invert(x(1) + 2)), undefined);
});

test('a range up to the end of the axis has what lies beyond it', () => {
  const { high } = histogram.span;
  assert.deepEqual(brushed({ x, span: { ...histogram.span, most: 50 } }, 1, high), [1, 50]);
  assert.deepEqual(brushed(histogram, 1, high), [1, high]);
});

test('keys move the threshold by round steps, within the domain; other keys do not', () => {
  assert.equal(snapped(x, 1.00001), 1);
  const one = movedByKey(x, 1, 'ArrowRight', false)!;
  const ten = movedByKey(x, 1, 'ArrowRight', true)!;
  assert.ok(one > 1 && Math.abs(ten - 1 - 10 * (one - 1)) < 1e-6);
  assert.equal(movedByKey(x, 1, 'PageUp', false), ten);
  assert.equal(movedByKey(x, 0, 'ArrowLeft', true), x.domain()[0]);
  assert.equal(movedByKey(x, 1, 'a', false), undefined);
  assert.equal(movedByKey(x, 1, 'constructor', false), undefined);
});
