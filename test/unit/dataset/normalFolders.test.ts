import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalTrainingItems } from '../../../src/dataset/normalTrainingItems.ts';
import { recogniseDataset } from '../../../src/dataset/recogniseDataset.ts';

/** Two images in each folder. */
const imagesIn = (...folders: string[]): string[] => folders.flatMap((name) => [`${name}/0.png`, `${name}/1.png`]);

/** Class folders whose names are known: what is learned from, and the defect types. */
const known: readonly [folders: string[], normal: string, defects: string[]][] = [
  [['良品', '不良'], '良品', ['不良']],
  [['正常', '異常'], '正常', ['異常']],
  [['iO', 'niO'], 'iO', ['niO']],
  [['gut', 'schlecht'], 'gut', ['schlecht']],
  [['bueno', 'malo'], 'bueno', ['malo']],
  [['OK_2024-03', 'NG_2024-03'], 'OK_2024-03', ['NG_2024-03']],
  [['normal 1', 'scratch 1'], 'normal 1', ['scratch 1']],
  [['Uncracked', 'Cracked'], 'Uncracked', ['Cracked']],
  [['non-defective', 'defective'], 'non-defective', ['defective']],
  [['train/good', 'train/fleck'], 'train/good', ['fleck']],
  [['train/front', 'test/front', 'test/fleck'], 'train/front', ['fleck']],
];
for (const [folders, normal, defects] of known)
  test(`known class folders: ${folders.join(' | ')}`, () => {
    const dataset = recogniseDataset(imagesIn(...folders), 'set');
    const learned = normalTrainingItems(dataset).map(({ path }) => path);
    assert.deepEqual(learned, imagesIn(normal));
    const types = new Set(dataset.items.flatMap(({ label, defectType }) => (label === 'anomalous' ? defectType! : [])));
    assert.deepEqual([...types], defects);
  });

/** Folders that are asked about; what is answered; the defect types that the others then are. */
const asked: readonly [folders: string[], listed: string, answer: string[], defects: string[]][] = [
  [['Class1', 'Class1_def'], 'Class1 (2 images)', ['Class1'], ['Class1_def']],
  [['0', '1'], '0 (2 images), 1 (2 images)', ['0'], ['1']],
  [['negative', 'positive'], 'negative (2 images), positive (2 images)', ['negative'], ['positive']],
  [['goods', 'bads'], 'bads (2 images), goods (2 images)', ['goods'], ['bads']],
  [['良い', 'だめ'], 'だめ (2 images), 良い (2 images)', ['良い'], ['だめ']],
  [['normal_dir', 'abnormal_dir'], 'normal_dir (2 images)', ['normal_dir'], ['abnormal_dir']],
  [['a/line1', 'a/line2', 'b'], 'a/line1 (2 images), a/line2 (2 images), b (2 images)', ['a'], ['b']],
  [['x/ok_front', 'x/fleck'], 'x/fleck (2 images), x/ok_front (2 images)', ['x/ok_front/'], ['fleck']],
  [['train/ok_front', 'train/def_front'], 'ok_front (2 images)', ['ok_front'], ['def_front']],
  [
    ['train/a', 'train/b', 'test/a', 'test/b'],
    'a (4 images), b (4 images)',
    ['train/a'], // the class of that name below test is normal as well
    ['b'],
  ],
];
for (const [folders, listed, answer, defects] of asked) {
  const paths = imagesIn(...folders);
  test(`class folders whose names say nothing are never all normal: ${folders.join(' | ')}`, () => {
    const dataset = recogniseDataset(paths, 'set');
    assert.ok(dataset.notes.some((note) => note.includes(listed)));
    assert.throws(
      () => normalTrainingItems(dataset),
      (error: Error) => error.message.includes(`normal images: ${listed}. Say it: --normal FOLDER`),
    );
  });

  test(`the user says which are normal: ${answer.join(', ')} of ${folders.join(' | ')}`, () => {
    const { items, undecided } = recogniseDataset(paths, 'set', answer);
    assert.deepEqual(undecided, []);
    const types = new Set(items.map(({ label, defectType }) => (label === 'normal' ? 'normal' : defectType)));
    assert.deepEqual([...types].sort(), ['normal', ...defects].sort());
    const dataset = recogniseDataset(paths, 'set', answer);
    assert.ok(normalTrainingItems(dataset).every(({ label }) => label === 'normal'));
  });
}

test('masks of a class that the user made a defect are found', () => {
  const { items } = recogniseDataset(['a/0.png', 'b/0.png', 'ground_truth/b/0_mask.png'], 'set', ['a']);
  assert.deepEqual(
    items.map(({ label, maskPath }) => [label, maskPath]),
    [
      ['normal', undefined],
      ['anomalous', 'ground_truth/b/0_mask.png'],
    ],
  );
});

test('folders of masks are no class, and masks that nobody takes are counted', () => {
  const { items, notes } = recogniseDataset([...imagesIn('OK', 'NG'), 'MASK/9.png', 'mask_dir/8.png'], 'set');
  assert.equal(items.length, 4);
  assert.ok(notes.includes('2 masks without an image left out'));
});

test('folders called after the masks of another are its masks; classes whose names end so are classes', () => {
  const { items } = recogniseDataset(
    [...imagesIn('good', 'bad'), 'bad_masks/0.png', 'missing_solder_mask/0.png'],
    'set',
  );
  assert.deepEqual(
    items.map(({ path, defectType, maskPath }) => [path, defectType, maskPath]),
    [
      ['bad/0.png', 'bad', 'bad_masks/0.png'],
      ['bad/1.png', 'bad', undefined],
      ['good/0.png', undefined, undefined],
      ['good/1.png', undefined, undefined],
      ['missing_solder_mask/0.png', 'missing_solder_mask', undefined],
    ],
  );
});

test('a part of a class that is said to be normal does not make the rest of it so', () => {
  const paths = imagesIn('train/partA/lot1', 'train/partA/lot2');
  for (const answer of ['lot1', 'train/partA/lot1'])
    assert.deepEqual(
      normalTrainingItems(recogniseDataset(paths, 'set', [answer])).map(({ path }) => path),
      imagesIn('train/partA/lot1'),
    );
});

test('names composed otherwise are the same: ü is one character or two', () => {
  const [composed, decomposed] = ['für', 'für'.normalize('NFD')];
  const { items } = recogniseDataset([`${decomposed}/0.png`, 'x/1.png'], 'set', [composed]);
  assert.deepEqual(
    items.map(({ label }) => label),
    ['normal', 'anomalous'],
  );
});

/** Folders that nothing is asked about, as ever. */
const silent: readonly [root: string, paths: string[]][] = [
  ['photos', ['0.png', '1.png']],
  ['photos', imagesIn('images')],
  ['photos', imagesIn('a', 'a/b')],
  ['train/good', imagesIn('line1', 'line2')],
];
for (const [root, paths] of silent)
  test(`nothing to ask about: ${root}, ${paths.join(' ')}`, () => {
    const dataset = recogniseDataset(paths, root);
    assert.deepEqual([dataset.undecided, normalTrainingItems(dataset).length], [[], paths.length]);
  });

test('images of a folder beside those of a folder in it are learned alike, and said', () => {
  const dataset = recogniseDataset(['0.png', ...imagesIn('more')], 'set');
  assert.equal(normalTrainingItems(dataset).length, 3);
  assert.deepEqual(dataset.notes, ['taken like the images beside it: more (2 images)']);
});
