import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Labelling } from '../../../../src/extension/features/dataset/labelling.ts';
import type { LabelLine } from '../../../../src/dataset/labels.ts';

type Labels = Record<string, LabelLine>;
const at = '2026-01-01T00:00:00.000Z';

/** The label file. */
let disk: Labels;
/** What the view has; undefined before there are results. */
let shown: Labels | undefined;
let can: { canUndo: boolean; canRedo: boolean };
let full: boolean;
let reads: number;
let labelling: Labelling;

const put = (to: Labels, lines: readonly LabelLine[]) => lines.forEach((line) => (to[line.image] = line));
const labelsOf = (labels: Labels) =>
  Object.values(labels).flatMap(({ image, label, mask = '' }) =>
    label || mask ? [`${image} ${label} ${mask}`.trim()] : [],
  );
const file = (image: string, label: LabelLine['label'], mask?: string) =>
  put(disk, [{ image, label, ...(mask && { mask }), at }]);

beforeEach(() => {
  [disk, shown, can, full, reads] = [{}, {}, { canUndo: false, canRedo: false }, false, 0];
  labelling = new Labelling('/set', {
    engine: () => ({
      async readLabels() {
        reads++;
        return structuredClone(disk);
      },
      async appendLabels({ lines }) {
        if (full) throw new Error('the disk is full');
        put(disk, lines);
      },
    }),
    shown: () => shown,
    onLines(lines) {
      shown = { ...shown };
      put(shown, lines);
    },
    onHistory: (now) => (can = now),
  });
});

test('undo of an import before there are results brings back the labels that were there', async () => {
  shown = undefined;
  file('a', 'normal');
  await labelling.during(async () => file('b', 'anomalous'));
  assert.deepEqual(can, { canUndo: true, canRedo: false });
  await labelling.undo();
  assert.deepEqual(labelsOf(disk), ['a normal']);
});

test('an import that fails half way can be undone as well', async () => {
  const failing = async () => {
    file('b', 'anomalous');
    throw new Error('cut short');
  };
  await assert.rejects(labelling.during(failing), /cut short/);
  await labelling.undo();
  assert.deepEqual([labelsOf(disk), labelsOf(shown!)], [[], []]);
});

test('what is on disk counts, though the view has not heard of it yet', async () => {
  await labelling.label({ images: ['a', 'b'], label: 'normal' });
  file('a', 'anomalous');
  file('b', 'normal', 'b.png');
  assert.equal(await labelling.undo(), 1);
  assert.deepEqual(labelsOf(disk), ['a anomalous', 'b null b.png']);
  assert.deepEqual(labelsOf(shown!), ['a anomalous', 'b null b.png']);
});

test('a label that could not be written is neither shown nor in the history; an undo stays possible', async () => {
  await labelling.label({ images: ['a'], label: 'normal' });
  full = true;
  await assert.rejects(labelling.label({ images: ['b'], label: 'normal' }), /full/);
  await assert.rejects(labelling.undo(), /full/);
  assert.deepEqual([labelsOf(shown!), can], [['a normal'], { canUndo: true, canRedo: false }]);
  full = false;
  await labelling.undo();
  assert.deepEqual([labelsOf(shown!), can], [[], { canUndo: false, canRedo: true }]);
});

test('labels made at once are written one after another', async () => {
  await Promise.all(
    (['normal', 'anomalous', 'excluded'] as const).map((label) => labelling.label({ images: ['a'], label })),
  );
  assert.deepEqual(labelsOf(disk), ['a excluded']);
  await labelling.undo();
  assert.deepEqual(labelsOf(disk), ['a anomalous']);
});

test('another window labels: the view follows', async () => {
  file('a', 'unsure');
  await labelling.follow();
  assert.deepEqual(labelsOf(shown!), ['a unsure']);
});

test('many changes of the label files at once are followed by one look', async () => {
  const burst = ['a', 'b', 'c'].map((image) => {
    file(image, 'normal');
    return labelling.follow();
  });
  await Promise.all(burst);
  assert.deepEqual([reads, labelsOf(shown!)], [1, ['a normal', 'b normal', 'c normal']]);
  delete disk['b'];
  await labelling.follow();
  assert.deepEqual([reads, labelsOf(shown!)], [2, ['a normal', 'c normal']]);
});
