import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectiveThresholds } from '../../../../src/verdict/thresholds.ts';
import { deriver, initialUi } from '../../../../src/webview/datasetView/shown.ts';
import { inspectionOf, stateOf, unset } from './support.ts';

const inspection = inspectionOf([
  { path: 'a', score: 0.5, label: 'normal' },
  { path: 'b', score: 1.4, label: 'normal' },
  { path: 'c', score: 2, label: 'anomalous' },
  { path: 'd', score: 1.1 },
]);
const state = stateOf(inspection);

test('without an inspection there are no results', () => {
  const { inspection: _, ...empty } = state;
  assert.equal(deriver()({ state: empty, ui: initialUi }).results, undefined);
});

test('counts follow a threshold that is dragged, the order waits until it is let go', () => {
  const derive = deriver();
  const ui = { ...initialUi, arrangement: { ...initialUi.arrangement, verdict: 'anomalous' as const } };
  const before = derive({ state, ui }).results!;
  assert.deepEqual([before.threshold, before.counts.falseAlarms, [...before.order]], [1, 1, [2, 1, 3]]);
  const dragged = derive({ state, ui: { ...ui, draft: 1.5, dragging: true } }).results!;
  assert.equal(dragged.counts.falseAlarms, 0);
  assert.equal(dragged.order, before.order, 'the very same');
  assert.equal(dragged.savedCounts.falseAlarms, 1);
  const settled = derive({ state, ui: { ...ui, draft: 1.5, dragging: false } }).results!;
  assert.deepEqual([...settled.order], [2]);
});

test('the settings win over the calibration', () => {
  const thresholds = effectiveThresholds(inspection.detector, { ...unset, image: 3 });
  assert.equal(deriver()({ state: { ...state, thresholds }, ui: initialUi }).results!.threshold, 3);
});

test('a false positive moves the proposal', () => {
  const derive = deriver();
  const conformal = (labels: object) =>
    derive({
      state: { ...state, inspection: { ...state.inspection!, labels: labels as never } },
      ui: initialUi,
    }).results!.proposals.find(({ kind }) => kind === 'conformal')!.threshold;
  const label = (image: string) => ({ [image]: { image, label: 'normal', at: '' } });
  assert.ok(conformal({ ...label('b'), ...label('d') }) > conformal({}));
});

test('what did not change is not made again', () => {
  const derive = deriver();
  const first = derive({ state, ui: initialUi }).results!;
  const second = derive({ state: { ...state, canUndo: true }, ui: { ...initialUi, tab: 2 } }).results!;
  assert.equal(first.order, second.order);
  assert.equal(first.labels, second.labels);
  assert.equal(first.proposals, second.proposals);
});

test('a comparison comes from the state, and is made again only when it is another one', () => {
  const derive = deriver();
  // The settings' threshold is meant for the detector in use.
  const comparedThresholds = effectiveThresholds(inspection.detector, { ...unset, image: 0 });
  const comparison = {
    inspection: inspectionOf([
      { path: 'b', score: 0.3 },
      { path: 'a', score: 0.9 },
    ]),
    taught: true,
  };
  const compared = { ...state, comparison, comparedThresholds };
  const first = derive({ state: compared, ui: initialUi });
  assert.deepEqual([...first.comparison!.rowOf], [1, 0, -1, -1]);
  assert.deepEqual([0, 1, 2].map(first.results!.changed!), [false, true, false]);
  const again = derive({ state: compared, ui: { ...initialUi, draft: 1.2 } });
  assert.equal(again.comparison, first.comparison);
  assert.equal(derive({ state, ui: initialUi }).comparison, undefined);
});

test('an order that no threshold changes is not made again for another one', () => {
  const derive = deriver();
  const order = (change: object, draft: number) => {
    const ui = { ...initialUi, arrangement: { ...initialUi.arrangement, ...change }, draft };
    return derive({ state, ui }).results!.order;
  };
  assert.deepEqual([...order({ sort: 'distance' }, 1)], [3, 1, 0, 2]);
  assert.deepEqual([...order({ sort: 'distance' }, 2)], [2, 1, 3, 0]);
  const byScore = { ...initialUi, draft: 1 };
  assert.equal(
    derive({ state, ui: { ...byScore, draft: 2 } }).results!.order,
    derive({ state, ui: byScore }).results!.order,
  );
});
