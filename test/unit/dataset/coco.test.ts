import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCoco } from '../../../src/dataset/formats/coco.ts';
import { paintPolygon } from '../../../src/dataset/formats/rle.ts';

/* Polygons and what pycocotools 2.0 makes of them, `decode(merge(frPyObjects([polygon], h, w)))`. */
const polygons: readonly [polygon: number[], picture: string[]][] = [
  [
    [4.1, 5.0, 0.2, 4.1, 5.6, 7.5, -0.9, 1.6, -0.9, 7.7, 6.3, -1.5],
    ['.....#..', '....#...', '...##...', '#.###...', '#.##....', '#.#.....', '....#...'],
  ],
  [
    [5.5, 8.0, -1.2, -1.6, 8.6, 5.2, 7.3, 1.9],
    ['##......', '.##.....', '..###..#', '...###.#', '...####.', '....##..', '.....#..'],
  ],
  [
    [5.7, 4.0, 5.9, 3.5, 1.3, 10.0, 9.9, 8.1, 5.7, 4.0],
    ['.........', '.........', '.........', '.........', '.....#...'],
  ],
  [
    [4.2, -1.6, 4.8, -0.7, -0.7, 1.5, -1.2, -1.8],
    ['##.....', '.......', '.......', '.......', '.......', '.......'],
  ],
  [
    [9.1, -1.4, 2.5, 6.5, 3.0, 4.8, 0.4, 6.1],
    ['.....', '.....', '.....', '....#', '..##.'],
  ],
  [
    [2.0, 9.6, 7.1, -0.6, 1.0, -0.8, -1.3, 7.6, 0.1, 4.7],
    ['.######', '######.', '######.', '#####..'],
  ],
];
for (const [polygon, picture] of polygons)
  test(`as pycocotools draws it: ${polygon.join(' ')}`, () => {
    const [width, height] = [picture[0]!.length, picture.length];
    const mask = new Uint8Array(width * height);
    paintPolygon(polygon, mask, width, height);
    assert.equal([...mask].map((value) => (value ? '#' : '.')).join(''), picture.join(''));
  });

const square = (x: number, y: number, side: number) => [x, y, x + side, y, x + side, y + side, x, y + side];
const categories = ['ok', 'scratch', 'dent'].map((name, at) => ({ id: at + 1, name }));
const [ok, scratch, dent] = [1, 2, 3];
/** One image of 8 × 6 with these annotations. */
const read = (annotations: readonly object[], image: object = {}) => {
  const images = [{ id: 1, file_name: 'a.png', width: 8, height: 6, ...image }];
  const whole = annotations.map((annotation, at) => ({ id: at + 1, image_id: 1, category_id: scratch, ...annotation }));
  const { images: found, notes } = parseCoco(JSON.stringify({ images, categories, annotations: whole }), 'x.json');
  const { label, defectType, mask } = found[0]!;
  const area = mask?.counts.reduce((sum, count, at) => sum + (at % 2) * count, 0) ?? 0;
  return { said: [label, defectType, area], notes };
};

const [large, small] = [[square(0, 0, 6)], [square(1, 1, 2)]];
const several: readonly [what: string, annotations: object[], said: unknown[], notes: RegExp][] = [
  [
    'a defect and a normal region',
    [
      { segmentation: large, category_id: ok },
      { segmentation: small, category_id: scratch },
    ],
    ['anomalous', 'scratch', 4],
    /^x\.json: a\.png: has normal regions beside defects; they are left out of its mask\.$/,
  ],
  ['normal regions alone', [{ segmentation: large, category_id: ok }], ['normal', undefined, 0], /^$/],
  [
    'two types',
    [
      { segmentation: small, category_id: scratch },
      { segmentation: [square(4, 3, 2)], category_id: dent },
      { segmentation: [square(4, 3, 2)], category_id: dent },
    ],
    ['anomalous', 'dent', 8],
    /^x\.json: a\.png: several defect types; "dent" is kept, with the regions of all, not scratch\.$/,
  ],
];
for (const [what, annotations, said, notes] of several)
  for (const [order, given] of [
    ['in order', annotations],
    ['the other way round', annotations.toReversed()],
  ] as const)
    test(`${what}, ${order}`, () => {
      const found = read(given);
      assert.deepEqual(found.said, said);
      assert.match(found.notes.join(' '), notes);
    });

const runs = [13, 2, 4, 2, 27];
const forms: readonly [what: string, annotation: object, image?: object, notes?: RegExp][] = [
  ['polygon', { segmentation: small }],
  ['one list of numbers', { segmentation: small[0]! }],
  ['points as pairs', { segmentation: [[[1, 1], [3, 1], [3, 3], [1, 3]]] }], // prettier-ignore
  ['run lengths', { segmentation: { size: [6, 8], counts: runs } }],
  ['run lengths as the text of a list', { segmentation: { size: [6, 8], counts: JSON.stringify(runs) } }],
  ['the image by text', { segmentation: small, image_id: '1' }],
  ['the category by text', { segmentation: small, category_id: '2' }],
  ['ids of nothing', { segmentation: small, image_id: 0 }, { id: 0 }],
  ['a box alone', { bbox: [1, 1, 2, 2] }, {}, /without an outline: 1\. Their boxes are taken/],
  ['a box and no outline', { bbox: [1, 1, 2, 2], segmentation: [] }, {}, /Their boxes are taken/],
  ['a box and null', { bbox: [1, 1, 2, 2], segmentation: null }, {}, /Their boxes are taken/],
  ['a label that contradicts', { segmentation: small }, { attributes: { label: 'normal' } }, /taken as anomalous/],
];
for (const [what, annotation, image, notes = /^$/] of forms)
  test(`the same region as: ${what}`, () => {
    const found = read([annotation], image);
    assert.deepEqual(found.said, ['anomalous', 'scratch', 4]);
    assert.match(found.notes.join(' '), notes);
  });

const lost: readonly [what: string, annotation: object, image: object, notes: RegExp][] = [
  ['no pixels', { segmentation: [[1, 1, 2, 2]] }, {}, /its regions have no pixels; its mask is left out/],
  ['no size of the image', { segmentation: small }, { width: undefined }, /no width and height; its mask is left out/],
  ['coordinates that are none', { segmentation: [[1, 1e300, 2, 2, 3, 3]] }, {}, /no list of numbers; its mask/],
];
for (const [what, annotation, image, notes] of lost)
  test(`named, and the label counts: ${what}`, () => {
    const found = read([annotation], image);
    assert.deepEqual(found.said, ['anomalous', 'scratch', 0]);
    assert.match(found.notes.join(' '), notes);
  });

test('a byte order mark, and annotations of images that are not listed', () => {
  const text = '\ufeff{"images":[{"id":1,"file_name":"a.png","width":2,"height":2}],"annotations":[{"image_id":7}]}';
  assert.deepEqual(parseCoco(text, 'x').notes, [
    "x: annotations of images that it doesn't list: 1. They are left out.",
  ]);
});
