import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelByMasks, type Item } from '../../../src/dataset/dataset.ts';
import { recogniseDataset } from '../../../src/dataset/recogniseDataset.ts';

/** `path split label defectType maskPath`, `-` for what is absent. */
const line = (item: Item): string =>
  [item.path, item.split, item.label, item.defectType ?? '-', item.maskPath ?? '-'].join(' ');

interface Case {
  readonly name: string;
  readonly root?: string;
  readonly paths: readonly string[];
  readonly layout: string;
  readonly categories?: readonly string[];
  readonly items: readonly string[];
  readonly notes?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'MVTec AD, natural order, other files ignored, any case of extension',
    paths: [
      'license.txt',
      'train/good/10.png',
      'train/good/9.PNG',
      'test/good/000.png',
      'test/crack/000.png',
      'test/crack/001.png',
      'ground_truth/crack/000_mask.png',
      'ground_truth/crack/007_mask.png',
    ],
    layout: 'mvtec-ad',
    items: [
      'test/crack/000.png test anomalous crack ground_truth/crack/000_mask.png',
      'test/crack/001.png test anomalous crack -',
      'test/good/000.png test normal - -',
      'train/good/9.PNG train normal - -',
      'train/good/10.png train normal - -',
    ],
    notes: ['1 anomalous image without a mask, such as test/crack/001.png', '1 mask without an image left out'],
  },
  {
    name: 'several categories (MPDD)',
    paths: [
      'tubes/train/good/0.png',
      'connector/test/parts_mismatch/3.png',
      'connector/ground_truth/parts_mismatch/3_mask.png',
    ],
    layout: 'mvtec-ad',
    categories: ['connector', 'tubes'],
    items: [
      'connector/test/parts_mismatch/3.png test anomalous parts_mismatch ' +
        'connector/ground_truth/parts_mismatch/3_mask.png',
      'tubes/train/good/0.png train normal - -',
    ],
  },
  {
    name: 'VisA, one-class form: masks carry the stem alone',
    paths: ['train/good/0000.JPG', 'test/bad/000.JPG', 'ground_truth/bad/000.png'],
    layout: 'mvtec-ad',
    items: ['test/bad/000.JPG test anomalous bad ground_truth/bad/000.png', 'train/good/0000.JPG train normal - -'],
  },
  {
    name: 'VisA as published',
    paths: [
      'candle/Data/Images/Normal/0000.JPG',
      'candle/Data/Images/Anomaly/000.JPG',
      'candle/Data/Masks/Anomaly/000.png',
      'candle/image_anno.csv',
    ],
    layout: 'visa',
    categories: ['candle'],
    items: [
      'candle/Data/Images/Anomaly/000.JPG none anomalous anomaly candle/Data/Masks/Anomaly/000.png',
      'candle/Data/Images/Normal/0000.JPG none normal - -',
    ],
  },
  {
    name: 'VisA, the root inside it',
    root: 'visa/candle/Data',
    paths: ['Images/Normal/0000.JPG', 'Images/Anomaly/000.JPG', 'Masks/Anomaly/000.png'],
    layout: 'visa',
    items: [
      'Images/Anomaly/000.JPG none anomalous anomaly Masks/Anomaly/000.png',
      'Images/Normal/0000.JPG none normal - -',
    ],
  },
  {
    name: 'MVTec AD 2: masks inside the split, private test without classes',
    paths: [
      'train/good/000_regular.png',
      'validation/good/000_regular.png',
      'test_public/good/000_regular.png',
      'test_public/bad/000_overexposed.png',
      'test_public/ground_truth/bad/000_overexposed_mask.png',
      'test_private/000.png',
    ],
    layout: 'mvtec-ad-2',
    items: [
      'test_private/000.png test unknown - -',
      'test_public/bad/000_overexposed.png test anomalous bad test_public/ground_truth/bad/000_overexposed_mask.png',
      'test_public/good/000_regular.png test normal - -',
      'train/good/000_regular.png train normal - -',
      'validation/good/000_regular.png validation normal - -',
    ],
  },
  {
    name: 'BTAD',
    paths: ['train/ok/0000.bmp', 'test/ko/0001.bmp', 'test/ok/0002.bmp', 'ground_truth/ko/0001.png'],
    layout: 'btad',
    items: [
      'test/ko/0001.bmp test anomalous ko ground_truth/ko/0001.png',
      'test/ok/0002.bmp test normal - -',
      'train/ok/0000.bmp train normal - -',
    ],
  },
  {
    name: 'KolektorSDD: the mask decides',
    paths: ['kos01/Part0.jpg', 'kos01/Part0_label.bmp', 'kos01/Part1.jpg', 'kos01/Part1_label.bmp'],
    layout: 'kolektorsdd',
    items: [
      'kos01/Part0.jpg none unknown - kos01/Part0_label.bmp',
      'kos01/Part1.jpg none unknown - kos01/Part1_label.bmp',
    ],
  },
  {
    name: 'KolektorSDD2: the mask decides, copies of masks are no images',
    paths: [
      'train/10000.png',
      'train/10000_GT.png',
      'train/10000_GT (copy).png',
      'test/20000.png',
      'test/20000_GT.png',
      'test/20001.png',
    ],
    layout: 'kolektorsdd2',
    items: [
      'test/20000.png test unknown - test/20000_GT.png',
      'test/20001.png test unknown - -',
      'train/10000.png train unknown - train/10000_GT.png',
    ],
    notes: ['1 image without a mask, such as test/20001.png'],
  },
  {
    name: 'the split folder itself',
    root: 'C:\\data\\screw\\test\\',
    paths: ['good/0.png', 'scratch/0.png'],
    layout: 'mvtec-ad',
    items: ['good/0.png test normal - -', 'scratch/0.png test anomalous scratch -'],
    notes: ['1 anomalous image without a mask, such as scratch/0.png'],
  },
  {
    name: 'plain folder, nested',
    root: '/photos',
    paths: ['2024/05/b.webp', 'a.tif', '2024/notes.txt'],
    layout: 'folder',
    items: ['2024/05/b.webp none unknown - -', 'a.tif none unknown - -'],
  },
  {
    name: 'plain folder called normal',
    root: 'screw/train/good',
    paths: ['0.png'],
    layout: 'folder',
    items: ['0.png none normal - -'],
  },
  {
    name: 'plain folder of a defect, by its place under test',
    root: '/data/screw/test/thread_side',
    paths: ['0.png'],
    layout: 'folder',
    items: ['0.png none anomalous thread_side -'],
  },
  {
    name: 'a folder that only happens to be called test',
    root: '/home/me/test',
    paths: ['line1/0.png', 'x.png'],
    layout: 'folder',
    items: ['line1/0.png none unknown - -', 'x.png none unknown - -'],
  },
  {
    name: 'class folders without splits',
    paths: ['OK/0.png', 'not_OK/1.png', 'burr/2.png', 'defect_free/3.png', 'ground_truth/burr/2_mask.png'],
    layout: 'folder',
    items: [
      'OK/0.png none normal - -',
      'burr/2.png none anomalous burr ground_truth/burr/2_mask.png',
      'defect_free/3.png none normal - -',
      'not_OK/1.png none anomalous not_OK -',
    ],
  },
];

for (const { name, root, paths, layout, categories = [''], items, notes } of cases) {
  test(name, () => {
    const dataset = recogniseDataset(paths.toReversed(), root);
    assert.equal(dataset.layout, layout);
    assert.deepEqual(dataset.categories, categories);
    assert.deepEqual(dataset.items.map(line), items);
    if (notes) assert.deepEqual(dataset.notes, notes);
  });
}

test('masks settle the labels of KolektorSDD', () => {
  const dataset = recogniseDataset(['k/Part0.jpg', 'k/Part0_label.bmp', 'k/Part1.jpg', 'k/Part1_label.bmp']);
  const settled = labelByMasks(dataset, (mask) => mask.includes('Part1'));
  assert.deepEqual(
    settled.items.map((item) => item.label),
    ['normal', 'anomalous'],
  );
});

test('a folder without images is refused', () => {
  assert.throws(() => recogniseDataset([], '/x'), /^Error: \/x: the folder is empty\. Choose a folder with PNG/);
  assert.throws(() => recogniseDataset(['a.txt', 'b.gif'], '/x'), /none of its 2 files is an image/);
});
