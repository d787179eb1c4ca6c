import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabelLine } from '../../../src/protocol/inspection.ts';
import { changedLines, LabelHistory, linesFor } from '../../../src/extension/features/dataset/labelHistory.ts';

type Labels = Record<string, LabelLine>;
const at = '2026-01-01T00:00:00.000Z';
const write = (labels: Labels, lines: readonly LabelLine[]): Labels => ({
  ...labels,
  ...Object.fromEntries(lines.map((line) => [line.image, line])),
});
const said = (labels: Labels) =>
  Object.values(labels).map(({ image, label, defectType, mask }) =>
    [image, label, defectType ?? '', mask ?? ''].join(' '),
  );

test('an image that stays anomalous keeps type and mask; another label drops them; another type replaces it', () => {
  const labels: Labels = {
    a: { image: 'a', label: 'anomalous', defectType: 'crack', mask: '.nferd/masks/a.png', at },
  };
  const line = (request: Parameters<typeof linesFor>[0]) => said(write({}, linesFor(request, labels, at)))[0];
  assert.equal(line({ images: ['a'], label: 'anomalous' }), 'a anomalous crack .nferd/masks/a.png');
  assert.equal(line({ images: ['a'], label: 'anomalous', defectType: 'dent' }), 'a anomalous dent .nferd/masks/a.png');
  assert.equal(line({ images: ['a'], label: 'normal' }), 'a normal  ');
  assert.equal(line({ images: ['b'], label: 'anomalous' }), 'b anomalous  ');
  assert.equal(line({ images: ['a'], label: null }), 'a   ');
});

test('undo and redo of many at once, to what each was before', () => {
  const history = new LabelHistory();
  let labels: Labels = { a: { image: 'a', label: 'anomalous', defectType: 'crack', at } };
  const label = (request: Parameters<typeof linesFor>[0]) => {
    const lines = linesFor(request, labels, at);
    history.record(labels, lines);
    labels = write(labels, lines);
  };
  label({ images: ['a', 'b', 'c'], label: 'normal' });
  label({ images: ['b'], label: 'excluded' });
  assert.deepEqual(said(labels), ['a normal  ', 'b excluded  ', 'c normal  ']);
  labels = write(labels, history.undo(at));
  assert.deepEqual(said(labels), ['a normal  ', 'b normal  ', 'c normal  ']);
  labels = write(labels, history.undo(at));
  assert.deepEqual(said(labels), ['a anomalous crack ', 'b   ', 'c   ']);
  assert.deepEqual([history.canUndo, history.canRedo], [false, true]);
  assert.deepEqual(history.undo(at), []);
  labels = write(labels, history.redo(at));
  assert.deepEqual(said(labels), ['a normal  ', 'b normal  ', 'c normal  ']);
  label({ images: ['c'], label: 'unsure' });
  assert.deepEqual([history.canRedo, history.redo(at)], [false, []]);
});

test('lines by which two states differ', () => {
  const before: Labels = {
    a: { image: 'a', label: 'normal', at },
    b: { image: 'b', label: 'normal', at },
    gone: { image: 'gone', label: 'unsure', at },
  };
  const now: Labels = {
    a: { image: 'a', label: 'normal', at: 'later' },
    b: { image: 'b', label: 'anomalous', defectType: 'crack', at },
    c: { image: 'c', label: 'excluded', at },
  };
  assert.deepEqual(said(write({}, changedLines(before, now, at))), ['b anomalous crack ', 'gone   ', 'c excluded  ']);
});
