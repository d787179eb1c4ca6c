import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalTrainingItems, tooFewNormals } from '../../../src/dataset/normalTrainingItems.ts';
import { recogniseDataset } from '../../../src/dataset/recogniseDataset.ts';

const accepted: readonly [name: string, root: string, paths: string[], expected: string[]][] = [
  ['training split', 'screw', ['train/good/0.png', 'test/good/1.png', 'test/ko/2.png'], ['train/good/0.png']],
  ['normal class folder', 'parts', ['ok/0.png', 'ko/1.png'], ['ok/0.png']],
  ['plain folder', 'parts', ['1.png', 'sub/0.png'], ['1.png', 'sub/0.png']],
  ['test/good chosen on purpose', 'screw/test/good', ['0.png'], ['0.png']],
  ['VisA', 'visa/candle', ['Data/Images/Normal/0.JPG', 'Data/Images/Anomaly/0.JPG'], ['Data/Images/Normal/0.JPG']],
];

for (const [name, root, paths, expected] of accepted) {
  test(`normal images of: ${name}`, () => {
    const items = normalTrainingItems(recogniseDataset(paths, root));
    assert.deepEqual(
      items.map((item) => item.path),
      expected,
    );
  });
}

const refused: readonly [root: string, paths: string[], message: string][] = [
  [
    '/data/tile/test/crack',
    ['0.jpg'],
    "/data/tile/test/crack: looks like defect images (folder 'crack'). Choose the folder with normal " +
      'images, such as train/good.',
  ],
  [
    'scratches',
    ['0.jpg'],
    "scratches: looks like defect images (folder 'scratches'). Choose the folder with normal images, " +
      'such as train/good.',
  ],
  [
    'screw/test',
    ['good/0.png', 'scratch/0.png'],
    'screw/test: holds test images only. Choose the folder with normal training images, such as train/good.',
  ],
  [
    'mpdd',
    ['a', 'b', 'c', 'd'].map((c) => `${c}/train/good/0.png`),
    'mpdd: holds 4 products (a, b, c, …). Choose the folder of one of them.',
  ],
  [
    'k',
    ['p/Part0.jpg', 'p/Part0_label.bmp'],
    'k: the masks decide which images are normal and were not read yet (labelByMasks).',
  ],
];

for (const [root, paths, message] of refused) {
  test(`refused as normal images: ${root}`, () => {
    assert.throws(() => normalTrainingItems(recogniseDataset(paths, root)), { message });
  });
}

test('too few normal images is said, not thrown', () => {
  assert.equal(
    tooFewNormals('x', 3, 4),
    'x: only 3 normal images, at least 4 are needed. Add images of good products.',
  );
  assert.equal(tooFewNormals('x', 4, 4), undefined);
});
