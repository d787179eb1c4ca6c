import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowLabels } from '../../../../../src/dataset/rowLabels.ts';
import {
  arrange,
  defectTypesOf,
  disagreement,
  everything,
  type Arrangement,
} from '../../../../../src/webview/datasetView/filters/order.ts';
import { rowsOf } from '../support.ts';

const rows = rowsOf([
  { path: 'good/a.png', score: 0.5, label: 'normal' },
  { path: 'good/b.png', score: 1.4, label: 'normal' },
  { path: 'crack/c.png', score: 2, label: 'anomalous', defect: 'crack' },
  { path: 'dent/d.png', score: 0.9, label: 'anomalous', defect: 'dent' },
  { path: 'new/É.png', score: 1.1 },
  { path: 'new/f.png', score: NaN },
]);
const labels = rowLabels({
  rows,
  labels: { 'new/É.png': { image: 'new/É.png', label: 'unsure', at: '' } },
});
const judged = { rows, labels, threshold: 1, changed: (row: number) => row === 3 };

const cases: [string, Partial<Arrangement>, number[]][] = [
  ['highest score first, unscored last', {}, [2, 1, 4, 3, 0, 5]],
  ['lowest score first, unscored last', { reversed: true }, [0, 3, 4, 1, 2, 5]],
  ['by distance', { sort: 'distance' }, [3, 4, 1, 0, 2, 5]],
  ['worst disagreement first, unlabelled last', { sort: 'disagreement' }, [1, 3, 0, 2, 4, 5]],
  ['by name', { sort: 'name' }, [0, 1, 2, 3, 4, 5]],
  ['by name, last first', { sort: 'name', reversed: true }, [5, 4, 3, 2, 1, 0]],
  ['anomalous verdicts', { verdict: 'anomalous' }, [2, 1, 4]],
  ['normal verdicts', { verdict: 'normal' }, [3, 0]],
  ['false alarms', { verdict: 'falseAlarm' }, [1]],
  ['misses', { verdict: 'missed' }, [3]],
  ['changed', { verdict: 'changed' }, [3]],
  ['pending', { verdict: 'pending' }, [5]],
  ['failed', { verdict: 'failed' }, []],
  ['a label', { label: 'normal' }, [1, 0]],
  ['no label', { label: 'unknown' }, [5]],
  ['labelled by hand', { label: 'byUser' }, [4]],
  ['a defect type', { defect: 'crack' }, [2]],
  [
    'scores, both ends included',
    { scores: [0.5, 1.4] },
    [1, 4, 3, 0].filter((row) => row !== 1 || rows.score[1]! <= 1.4),
  ],
  ['text in any case and script', { text: ' é' }, [4]],
  ['filters together', { verdict: 'anomalous', label: 'anomalous', text: 'crack' }, [2]],
];
for (const [name, change, expected] of cases) {
  test(name, () => assert.deepEqual([...arrange(judged, { ...everything, ...change })], expected));
}

test('on the threshold an image is normal', () => {
  const on = { ...judged, threshold: rows.score[4]! };
  assert.ok(![...arrange(on, { ...everything, verdict: 'anomalous' })].includes(4));
});

test('disagreement names who is wrong', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((row) => disagreement(judged, row)),
    [undefined, 'falseAlarm', undefined, 'missed', undefined, undefined],
  );
});

test('defect types of folders and users, each once', () => {
  const now = rowLabels({
    rows,
    labels: { 'good/a.png': { image: 'good/a.png', label: 'anomalous', defectType: 'blister', at: '' } },
  });
  assert.deepEqual(defectTypesOf(now), ['blister', 'crack', 'dent']);
});
