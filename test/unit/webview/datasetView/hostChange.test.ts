import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectiveThresholds } from '../../../../src/verdict/thresholds.ts';
import { changedByHost, withFound, withLabels } from '../../../../src/webview/datasetView/hostChange.ts';
import { initialUi, type Model } from '../../../../src/webview/datasetView/shown.ts';
import { inspectionOf, rowsOf, stateOf, unset } from './support.ts';

const inspection = inspectionOf([
  { path: 'a', score: 1 },
  { path: 'b', score: 2 },
]);
const state = stateOf(inspection);
const selection = { rows: new Set([1]), anchor: 1, focus: 1 };
const model: Model = { state, ui: { ...initialUi, selection, draft: 3 }, metrics: { images: 2 } as never };

test('in the rows of another inspection the same images are selected, and metrics are none', () => {
  const other = inspectionOf([
    { path: 'b', score: 2 },
    { path: 'c', score: 0 },
  ]);
  const { ui, metrics } = changedByHost(model, { inspection: other });
  assert.deepEqual([[...ui.selection.rows], ui.selection.focus, metrics], [[0], 0, undefined]);
  assert.equal(changedByHost(model, { inspection: undefined as never }).ui.selection.focus, -1);
});

test('what does not touch the inspection leaves selection, metrics and the moved threshold', () => {
  const changed = changedByHost(model, { canUndo: true, thresholds: { ...state.thresholds! } });
  assert.deepEqual([changed.ui, changed.metrics], [model.ui, model.metrics]);
});

test('a threshold that was saved takes the place of the one that was moved', () => {
  const thresholds = effectiveThresholds(inspection.detector, { ...unset, image: 3 });
  assert.equal(changedByHost(model, { thresholds }).ui.draft, undefined);
});

test('when a comparison ends, the filter by changed verdicts ends as well', () => {
  const arrangement = { ...initialUi.arrangement, verdict: 'changed' as const };
  const compared = { ...state, comparison: { inspection, taught: false } };
  const before: Model = { state: compared, ui: { ...initialUi, arrangement } };
  assert.equal(changedByHost(before, { canUndo: true }).ui.arrangement.verdict, 'changed');
  assert.equal(changedByHost(before, { comparison: undefined as never }).ui.arrangement.verdict, 'all');
});

test('what an inspection finds is adopted only for the same rows', () => {
  const {
    state: states,
    score,
    peak,
    failures,
  } = rowsOf([
    { path: 'a', score: 7 },
    { path: 'b', score: 8 },
  ]);
  const found = { state: states, score, peak, failures };
  assert.deepEqual([...withFound(state, found as never).inspection!.rows.score], [7, 8]);
  assert.equal(withFound(state, { ...found, state: new Uint8Array(3) } as never), state);
});

test('labels are added by image', () => {
  const line = { image: 'a', label: 'normal', at: '' } as const;
  assert.deepEqual(withLabels(state, [line]).inspection!.labels, { a: line });
});
