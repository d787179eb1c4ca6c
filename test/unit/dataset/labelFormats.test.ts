import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cocoText, parseCoco, type CocoImage } from '../../../src/dataset/formats/coco.ts';
import { csvText, parseCsv } from '../../../src/dataset/formats/csv.ts';
import { labelsCsv, parseLabelsCsv, type CsvLabel } from '../../../src/dataset/formats/csvLabels.ts';
import { fiftyoneFiles, parseFiftyone, type FiftyoneSample } from '../../../src/dataset/formats/fiftyone.ts';
import { readLabel } from '../../../src/dataset/formats/labelledImage.ts';
import { matchImages } from '../../../src/dataset/matchImage.ts';
import { decompressCounts, encodeRle, paintPolygon, paintRle } from '../../../src/dataset/formats/rle.ts';
import { createRng } from '../../../src/dataset/rng.ts';

test('run lengths go down the columns and begin with zeros', () => {
  // 0 1
  // 1 1
  // 0 1
  assert.deepEqual(encodeRle(Uint8Array.from([0, 1, 1, 1, 0, 1]), 2, 3), { size: [3, 2], counts: [1, 1, 1, 3] });
  assert.deepEqual(encodeRle(Uint8Array.from([1, 1]), 2, 1).counts, [0, 2]);
});

test('run lengths come back as the mask they were', () => {
  const rng = createRng(3);
  for (let round = 0; round < 50; round++) {
    const [width, height] = [1 + rng.integer(9), 1 + rng.integer(9)];
    const mask = Uint8Array.from({ length: width * height }, () => rng.integer(2));
    const back = new Uint8Array(mask.length);
    paintRle(encodeRle(mask, width, height), back);
    assert.deepEqual(back, mask);
  }
});

test('run lengths that do not fill the image are refused', () => {
  assert.throws(() => paintRle({ size: [2, 2], counts: [1, 2] }, new Uint8Array(4)), /add up to 3, not to 2×2/);
});

test('compressed run lengths, by hand', () => {
  // 5 → '5'; 40 = 8 + 1·32 → 'X1'; 3 → '3'; then differences: 50 − 40 = 10 → ':' ; 2 − 3 = −1 →
  // 'O'.
  assert.deepEqual(decompressCounts('5X13:O'), [5, 40, 3, 50, 2]);
  assert.throws(() => decompressCounts('\u0001'), /damaged/);
});

test('compressed run lengths, by pycocotools: pixels where (x·y) % 7 is 3 or x > 24 of 30×20', () => {
  const text =
    'g01600010O000K0500040L020N00010O000b00^O00010O000K0500040L020N00010O000b00^O00010O000K0500040L020N' +
    '00010O000b00^O00010O000K05000NS3';
  const mask = Uint8Array.from(
    { length: 600 },
    (_, i, x = i % 30, y = Math.floor(i / 30)) => +((x * y) % 7 === 3 || x > 24),
  );
  assert.deepEqual(decompressCounts(text), encodeRle(mask, 30, 20).counts);
});

const polygons: [string, number[], string[]][] = [
  ['a rectangle on pixel edges', [1, 0, 4, 0, 4, 2, 1, 2], ['.###.', '.###.', '.....']],
  ['a triangle', [0, 0, 4, 0, 0, 4], ['###..', '##...', '#....']],
  ['one that reaches outside', [-5, 1, 9, 1, 9, 9, -5, 9], ['.....', '#####', '#####']],
];
for (const [what, polygon, picture] of polygons)
  test(`${what} is filled where pixel centres lie inside`, () => {
    const mask = new Uint8Array(15);
    paintPolygon(polygon, mask, 5, 3);
    const rows = [0, 1, 2].map((y) => [...mask.subarray(5 * y, 5 * y + 5)].map((v) => (v ? '#' : '.')).join(''));
    // A centre on the edge belongs to the left one only.
    assert.deepEqual(rows, picture);
  });

const images: CocoImage[] = [
  { image: 'a/ü.png', width: 3, height: 2, label: 'normal', by: 'folder' },
  {
    image: 'b.png',
    width: 3,
    height: 2,
    label: 'anomalous',
    defectType: 'crack',
    by: 'user',
    mask: { size: [2, 3], counts: [2, 3, 1] },
  },
  { image: 'c.png', width: 3, height: 2, label: 'anomalous', by: 'user', mask: { size: [2, 3], counts: [0, 1, 5] } },
  { image: 'd.png', width: 3, height: 2, label: 'unsure', by: 'user' },
  { image: 'e.png', width: 3, height: 2 },
  { image: 'f.png', width: 3, height: 2, label: 'anomalous', by: 'user', mask: { size: [2, 3], counts: [6] } },
];

test('COCO: written and read back, nothing is lost', () => {
  assert.deepEqual(parseCoco(cocoText(images), 'x.json'), { images, notes: [] });
});

test('COCO: area and box of a mask', () => {
  const { annotations, categories } = JSON.parse(cocoText(images)) as Record<string, Record<string, unknown>[]>;
  assert.deepEqual(
    categories!.map(({ name }) => name),
    ['crack', 'defect'],
  );
  assert.deepEqual(annotations![0]!['bbox'], [1, 0, 2, 2]);
  assert.equal(annotations![0]!['area'], 3);
  assert.deepEqual(annotations![1]!['bbox'], [0, 0, 1, 1]);
});

test('COCO of other programs: polygons and run lengths make one mask; what is damaged is named', () => {
  const segmentations: [number, unknown][] = [
    [1, [[0, 0, 1, 0, 1, 1, 0, 1]]],
    [1, { size: [2, 3], counts: [5, 1] }],
    [2, { size: [9, 9], counts: [81] }],
  ];
  const found = parseCoco(
    JSON.stringify({
      images: ['a', 'b', 'c', 'd'].map((name, at) => ({ id: at + 1, file_name: `${name}.png`, width: 3, height: 2 })),
      categories: [
        { id: 1, name: 'scratch' },
        { id: 2, name: 'good' },
      ],
      annotations: [
        ...segmentations.map(([image, segmentation], at) => ({
          id: at,
          image_id: image,
          category_id: 1,
          segmentation,
        })),
        { id: 9, image_id: 3, category_id: 2 },
      ],
    }),
    'x.json',
  );
  const size = { width: 3, height: 2 };
  assert.deepEqual(found.images, [
    {
      image: 'a.png',
      ...size,
      label: 'anomalous',
      defectType: 'scratch',
      mask: { size: [2, 3], counts: [0, 1, 4, 1] },
    },
    { image: 'b.png', ...size, label: 'anomalous', defectType: 'scratch' },
    { image: 'c.png', ...size, label: 'normal' },
    { image: 'd.png', ...size },
  ]);
  assert.deepEqual(found.notes, ['x.json: b.png: a mask of 9×9 in an image of 3×2; its mask is left out.']);
});

const oddShapes: [string, unknown, RegExp | undefined][] = [
  ['null', null, undefined],
  ['a number', 7, /b\.png: its segmentation is neither polygons nor run lengths; its mask is left out/],
  ['run lengths without counts', { size: [2, 3] }, /neither polygons nor run lengths/],
  ['counts that are null', { size: [2, 3], counts: null }, /neither polygons nor run lengths/],
  ['a polygon that is null', [null], /a polygon that is no list of numbers/],
];
for (const [what, segmentation, note] of oddShapes)
  test(`COCO: a segmentation that is ${what} costs neither the label nor other images`, () => {
    const square = [[0, 0, 1, 0, 1, 1, 0, 1]];
    const { images: found, notes } = parseCoco(
      JSON.stringify({
        images: ['a', 'b'].map((name, id) => ({ id, file_name: `${name}.png`, width: 3, height: 2 })),
        categories: [{ id: 1, name: 'scratch' }],
        annotations: [segmentation, square].map((shape, at) => ({
          image_id: 1 - at,
          category_id: 1,
          segmentation: shape,
        })),
      }),
      'x.json',
    );
    const said = { width: 3, height: 2, label: 'anomalous', defectType: 'scratch' };
    assert.deepEqual(found, [
      { image: 'a.png', ...said, mask: { size: [2, 3], counts: [0, 1, 5] } },
      { image: 'b.png', ...said },
    ]);
    assert.equal(notes.length, note ? 1 : 0);
    if (note) assert.match(notes[0]!, note);
  });

for (const text of ['{', '[]', 'null', '{"images":7}'])
  test(`COCO: ${text} is refused in one line`, () =>
    assert.throws(() => parseCoco(text, 'x.json'), /^Error: x\.json: /));

const cellsOf = (text: string) => parseCsv(text).map(({ cells }) => cells);
const awkward = ['', 'a,b', 'say "no"', 'two\r\nlines', ' spaces ', '"', ';', "it's", '日本'];
test('CSV: any text comes back', () => {
  const rows = [['head', 'next'], ...awkward.map((text) => [text, 'x']), ...awkward.map((text) => ['x', text])];
  assert.deepEqual(cellsOf(csvText(rows)), rows);
});

for (const [what, text] of [
  ['semicolons', 'image;label\na.png;normal\n'],
  ['tabs, CRLF, a byte order mark, no last line end', '\ufeffimage\tlabel\r\n\r\na.png\tnormal'],
] as const)
  test(`CSV with ${what}`, () =>
    assert.deepEqual(cellsOf(text), [
      ['image', 'label'],
      ['a.png', 'normal'],
    ]));

test('CSV labels: written and read back, nothing is lost', () => {
  const rows: CsvLabel[] = [
    { image: 'a,b.png', label: 'anomalous', defectType: ' odd "one"', mask: 'm/a.png', by: 'user', file: 'test/a.png' },
    { image: 'c.png', label: 'excluded', by: 'user' },
    { image: 'd.png' },
  ];
  assert.deepEqual(parseLabelsCsv(labelsCsv(rows), 'x.csv'), { rows, notes: [] });
});

test('CSV labels of other programs', () => {
  const { rows, notes } = parseLabelsCsv(
    'Path,Score,Label,Defect\na,1.5,good,\nb,2,1,crack\nc,2,mabye,\n,2,good,\n',
    'x.csv',
  );
  assert.deepEqual(rows, [
    { image: 'a', label: 'normal' },
    { image: 'b', label: 'anomalous', defectType: 'crack' },
  ]);
  assert.deepEqual(notes, [
    'x.csv: line 4: label "mabye" is unknown; the row is left out.',
    'x.csv: line 5: no image; the row is left out.',
  ]);
  assert.throws(() => parseLabelsCsv('a,b\n', 'x.csv'), /x\.csv: has no column "image"/);
});

test('CSV: notes tell the line of the file, after blank lines, empty rows and rows of several lines', () => {
  const text = '\ufeffimage,label,defect\r\n\r\na,good,"two\r\nlines"\r\n,,\r\n\r\nb,mabye,\r\n';
  assert.deepEqual(parseLabelsCsv(text, 'x.csv').notes, [
    'x.csv: line 7: label "mabye" is unknown; the row is left out.',
  ]);
});

test('labels as others spell them', () => {
  assert.deepEqual(['Normal', 'good', 'OK', '0', '1', 'ko', 'unsure', 'crack'].map(readLabel), [
    'normal',
    'normal',
    'normal',
    'normal',
    'anomalous',
    'anomalous',
    'unsure',
    undefined,
  ]);
});

const known = ['000.png', 'test/crack/000.png', 'test/good/000.png', 'test/good/001.png'];
/**
 * Paths of a file, and what each is of `known`: `?` where it can't be told, `<` where another fits
 * better.
 */
const matches: [string, Record<string, string>, (readonly string[])?][] = [
  ['the same paths', { '000.png': '000.png', 'test/good/000.png': 'test/good/000.png' }],
  [
    'absolute ones',
    { '/data/set/test/crack/000.png': 'test/crack/000.png', 'C:\\set\\good\\000.png': 'test/good/000.png' },
  ],
  ['a name that is unique on both sides', { 'elsewhere/001.png': 'test/good/001.png', '002.png': '' }],
  ['a name that the file has twice', { 'a/001.png': '?', 'b/001.png': '?' }],
  ['a name that the folder has several times', { 'data/000.png': '?' }],
  [
    'a name in a folder that other paths show',
    { '/d/000.png': '000.png', '/d/test/crack/000.png': 'test/crack/000.png' },
  ],
  ['several that mean one image, the best first', { 'test/good/001.png': 'test/good/001.png', '/x/good/001.png': '<' }],
  ['several that mean one image, the best last', { '/x/good/001.png': '<', 'test/good/001.png': 'test/good/001.png' }],
  ['several that fit one image alike', { '/x/good/001.png': '?', '/y/good/001.png': '?' }],
  ['a name that is nowhere at the top', { '000.png': '?' }, known.slice(1)],
];
for (const [what, expected, paths = known] of matches)
  test(`images by paths of others: ${what}`, () => {
    const others = Object.keys(expected);
    const found = matchImages(paths, others).map((match) =>
      'fault' in match ? { none: '', several: '?', taken: '<' }[match.fault] : match.image,
    );
    assert.deepEqual(Object.fromEntries(others.map((other, at) => [other, found[at]])), expected);
  });

test('of a path that is given twice the last counts', () => {
  const found = matchImages(known, ['x/001.png', '000.png', 'x/001.png']);
  assert.deepEqual(found, [
    { fault: 'taken', image: 'test/good/001.png', by: 'x/001.png' },
    { image: '000.png' },
    { image: 'test/good/001.png' },
  ]);
});

const samples: FiftyoneSample[] = [
  { image: 'a/ü.png', label: 'normal', by: 'folder' },
  { image: 'b.png', label: 'anomalous', defectType: 'crack', by: 'user', mask: 'fields/mask/b.png.png' },
  { image: 'c.png', label: 'anomalous', by: 'user' },
  { image: 'd.png', label: 'unsure', by: 'user' },
  { image: 'e.png' },
];
const idOf = (text: string): string =>
  [...text]
    .reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 2 ** 48, 7)
    .toString(16)
    .padStart(24, '0');

test('FiftyOne: written and read back, nothing is lost', () => {
  const files = fiftyoneFiles(samples, 'set', '2024-11-24T12:00:00.000Z', idOf);
  assert.deepEqual(parseFiftyone(files.samples, 'samples.json'), { samples, notes: [] });
});

test('FiftyOne of others: any class is a defect type; masks inside samples are named', () => {
  const text = JSON.stringify({
    samples: [
      {
        filepath: '/x/1.png',
        quality: { _cls: 'Classification', label: 'scratch' },
        m: { _cls: 'Segmentation', mask: {} },
      },
      { filepath: 'data/2.png', ground_truth: { _cls: 'Classification', label: 'Good' }, tags: [] },
    ],
  });
  const { samples: found, notes } = parseFiftyone(text, 's.json');
  assert.deepEqual(found, [
    { image: '/x/1.png', label: 'anomalous', defectType: 'scratch' },
    { image: '2.png', label: 'normal' },
  ]);
  assert.equal(notes.length, 1);
  for (const bad of ['{', '[]', '{}']) assert.throws(() => parseFiftyone(bad, 's.json'), /^Error: s\.json: /);
});
