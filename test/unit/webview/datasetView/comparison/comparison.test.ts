import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowLabels } from '../../../../../src/dataset/rowLabels.ts';
import {
  compare,
  countsOfOther,
  verdictChanges,
} from '../../../../../src/webview/datasetView/comparison/comparison.ts';
import { inspectionOf } from '../support.ts';

const mine = inspectionOf([
  { path: 'a', score: 0.5, label: 'normal' },
  { path: 'b', score: 1.5, label: 'normal' },
  { path: 'c', score: 1.2, label: 'anomalous' },
  { path: 'd', score: 2 },
]);
const other = inspectionOf([
  { path: 'b', score: 0.7, label: 'normal' },
  { path: 'c', score: 3, label: 'anomalous' },
  { path: 'a', score: 0.9, label: 'normal', trained: true },
]);
const comparison = compare(mine.rows.paths, other, 0.8, false);

test('scores in the rows of the first', () => {
  assert.deepEqual([...comparison.rowOf], [2, 0, 1, -1]);
  assert.ok(Number.isNaN(comparison.score[3]));
});

test('whose verdict changes, each by its own threshold', () => {
  const changes = verdictChanges(mine.rows.score, 1, comparison);
  assert.deepEqual([0, 1, 2, 3].map(changes), [true, true, false, false]);
});

test('its false alarms and misses, without what it was trained on', () => {
  const counts = countsOfOther(comparison, rowLabels(mine));
  assert.deepEqual(counts, { falseAlarms: 0, misses: 0, normal: 1, anomalous: 1 });
});
