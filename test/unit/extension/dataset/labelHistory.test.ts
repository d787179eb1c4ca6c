import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabelLine } from '../../../../src/dataset/labels.ts';
import { changedLines, LabelHistory, linesFor } from '../../../../src/extension/features/dataset/labelHistory.ts';

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

test('a mask stays whatever the label; an image that stays anomalous keeps its type; another type replaces it', () => {
  const labels: Labels = {
    a: { image: 'a', label: 'anomalous', defectType: 'crack', mask: '.nferd/masks/a.png', at },
  };
  const line = (request: Parameters<typeof linesFor>[0]) => said(write({}, linesFor(request, labels, at)))[0];
  assert.equal(line({ images: ['a'], label: 'anomalous' }), 'a anomalous crack .nferd/masks/a.png');
  assert.equal(line({ images: ['a'], label: 'anomalous', defectType: 'dent' }), 'a anomalous dent .nferd/masks/a.png');
  assert.equal(line({ images: ['a'], label: 'normal' }), 'a normal  .nferd/masks/a.png');
  assert.equal(line({ images: ['b'], label: 'anomalous' }), 'b anomalous  ');
  assert.equal(line({ images: ['a'], label: null }), 'a   .nferd/masks/a.png');
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
  const undo = () => take(history.undo(labels, at));
  const redo = () => take(history.redo(labels, at));
  const take = (step: ReturnType<typeof history.undo>) => {
    labels = write(labels, step?.lines ?? []);
    step?.done();
  };
  assert.deepEqual(said(labels), ['a normal  ', 'b excluded  ', 'c normal  ']);
  undo();
  assert.deepEqual(said(labels), ['a normal  ', 'b normal  ', 'c normal  ']);
  undo();
  assert.deepEqual(said(labels), ['a anomalous crack ', 'b   ', 'c   ']);
  assert.deepEqual([history.canUndo, history.canRedo], [false, true]);
  assert.equal(history.undo(labels, at), undefined);
  redo();
  assert.deepEqual(said(labels), ['a normal  ', 'b normal  ', 'c normal  ']);
  label({ images: ['c'], label: 'unsure' });
  assert.deepEqual([history.canRedo, history.redo(labels, at)], [false, undefined]);
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

test('what was labelled or masked elsewhere since is left alone', () => {
  const history = new LabelHistory();
  const before: Labels = { a: { image: 'a', label: 'anomalous', mask: 'old.png', at } };
  const lines = linesFor({ images: ['a', 'b', 'c'], label: 'normal' }, before, at);
  history.record(before, lines);
  const now = write(write(before, lines), [
    { image: 'a', label: 'normal', mask: 'new.png', at },
    { image: 'b', label: 'excluded', at },
  ]);
  const undo = history.undo(now, at)!;
  assert.deepEqual([said(write({}, undo.lines)), undo.skipped], [['a anomalous  new.png', 'c   '], 1]);
  undo.done();
  const redo = history.redo(write(now, undo.lines), at)!;
  assert.deepEqual([said(write({}, redo.lines)), redo.skipped], [['a normal  new.png', 'c normal  '], 0]);
});

test('a mask that a step brought goes with it, unless it was drawn over since', () => {
  const history = new LabelHistory();
  const imported: LabelLine[] = ['a', 'b'].map((image) => ({ image, label: 'anomalous', mask: `${image}.png`, at }));
  history.record({}, imported);
  const now = write(write({}, imported), [{ image: 'b', label: 'anomalous', mask: 'drawn.png', at }]);
  assert.deepEqual(said(write({}, history.undo(now, at)!.lines)), ['a   ', 'b   drawn.png']);
});

test('a step that could not be written is still there', () => {
  const history = new LabelHistory();
  history.record({}, [{ image: 'a', label: 'normal', at }]);
  const labels: Labels = { a: { image: 'a', label: 'normal', at } };
  history.undo(labels, at);
  assert.deepEqual([history.canUndo, history.canRedo], [true, false]);
  history.undo(labels, at)!.done();
  assert.deepEqual([history.canUndo, history.canRedo], [false, true]);
});
