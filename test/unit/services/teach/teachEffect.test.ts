import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KnownLabel } from '../../../../src/dataset/labels.ts';
import { teachEffect } from '../../../../src/services/teach/teachEffect.ts';
import { inspectionOf, type Row } from '../../webview/datasetView/support.ts';

const row = (path: string, score: number, label: KnownLabel, trained = false): Row => ({ path, score, label, trained });

test('what teaching changes: counts on labelled images of both, verdicts on all', () => {
  const before = inspectionOf([
    row('alarm', 3, 'normal'),
    row('defect', 2, 'anomalous'),
    row('failed', NaN, 'normal'),
    row('gone', 3, 'normal'),
    row('quiet', 0.5, 'unknown'),
    row('taught', 4, 'normal'),
    row('trained', 5, 'normal', true),
  ]);
  // Another order and a threshold of its own.
  const after = inspectionOf(
    [
      row('trained', 0, 'normal', true),
      row('alarm', 1.5, 'normal'),
      row('defect', 1.5, 'anomalous'),
      row('failed', 1, 'normal'),
      row('quiet', 2, 'unknown'),
      row('taught', 0, 'normal', true),
    ],
    1.8,
  );
  assert.deepEqual(teachEffect(before, after), {
    before: { falseAlarms: 1, misses: 0, normal: 1, anomalous: 1 },
    after: { falseAlarms: 0, misses: 1, normal: 1, anomalous: 1 },
    flagged: 1,
    cleared: 4,
    judged: 5,
  });
});
