import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regionsOf } from '../../../../../src/maps/regions.ts';
import { clip, polygonArea, polygonRows, type Mask } from '../../../../../src/webview/anomalyView/mask/mask.ts';
import { maskEditor } from '../../../../../src/webview/anomalyView/mask/maskEditor.ts';
import type { Point } from '../../../../../src/webview/anomalyView/stage/pointerTool.ts';

const blank = (width: number, height: number): Mask => ({ width, height, data: new Uint8Array(width * height) });
const editor = (width: number, height: number) => maskEditor(blank(width, height), () => undefined);
const picture = ({ width, height, data }: Mask): string[] =>
  Array.from({ length: height }, (_, y) =>
    Array.from(data.subarray(y * width, (y + 1) * width), (value) => (value ? '#' : '.')).join(''),
  );

const strokes: readonly (readonly [string, Point, Point, number, readonly string[]])[] = [
  ['a dab', { x: 2.5, y: 2.5 }, { x: 2.5, y: 2.5 }, 1, ['.....', '..#..', '.###.', '..#..', '.....']],
  [
    'a dab smaller than a pixel',
    { x: 1.1, y: 3.9 },
    { x: 1.1, y: 3.9 },
    0.1,
    ['.....', '.....', '.....', '.#...', '.....'],
  ],
  ['a line', { x: 1.5, y: 1.5 }, { x: 3.5, y: 1.5 }, 0.6, ['.....', '.###.', '.....', '.....', '.....']],
  ['a slanted line', { x: 0.5, y: 0.5 }, { x: 4.5, y: 4.5 }, 0.5, ['#....', '.#...', '..#..', '...#.', '....#']],
  ['beyond the edge', { x: -3, y: 2.5 }, { x: 0.5, y: 2.5 }, 1, ['.....', '#....', '##...', '#....', '.....']],
  ['outside', { x: -9, y: -9 }, { x: -8, y: -9 }, 2, ['.....', '.....', '.....', '.....', '.....']],
];
for (const [name, from, to, radius, expected] of strokes) {
  test(`stroke: ${name}`, () => {
    const edit = editor(5, 5);
    edit.stroke(from, to, radius, 1);
    assert.deepEqual(picture(edit.mask), expected);
    edit.stroke(from, to, radius, 0);
    assert.ok(edit.empty, 'the eraser takes what the brush painted');
  });
}

const polygons: readonly (readonly [string, readonly (readonly [number, number])[], readonly string[]])[] = [
  [
    'a rectangle',
    [
      [1, 1],
      [4, 1],
      [4, 3],
      [1, 3],
    ],
    ['.....', '.###.', '.###.', '.....', '.....'],
  ],
  [
    'a triangle',
    [
      [0, 0],
      [5, 0],
      [0, 5],
    ],
    ['####.', '###..', '##...', '#....', '.....'],
  ],
  [
    'a ring: even-odd',
    [
      [0, 0],
      [5, 0],
      [5, 5],
      [0, 5],
      [0, 0],
      [1, 1],
      [4, 1],
      [4, 4],
      [1, 4],
      [1, 1],
    ],
    ['#####', '#...#', '#...#', '#...#', '#####'],
  ],
  [
    'beyond the edge',
    [
      [-5, -5],
      [2, -5],
      [2, 9],
      [-5, 9],
    ],
    ['##...', '##...', '##...', '##...', '##...'],
  ],
  [
    'two points',
    [
      [0, 0],
      [5, 5],
    ],
    ['.....', '.....', '.....', '.....', '.....'],
  ],
];
for (const [name, corners, expected] of polygons) {
  test(`polygon: ${name}`, () => {
    const edit = editor(5, 5);
    edit.polygon(corners.map(([x, y]) => ({ x, y })));
    assert.deepEqual(picture(edit.mask), expected);
  });
}

test('polygons that share an edge share no pixel and leave none out', () => {
  const mask = blank(40, 40);
  const count = new Uint8Array(40 * 40);
  const center = { x: 19.3, y: 20.7 };
  const corners = Array.from({ length: 7 }, (_, i) => ({
    x: 20 + 60 * Math.cos((i * 2 * Math.PI) / 7),
    y: 20 + 60 * Math.sin((i * 2 * Math.PI) / 7),
  }));
  corners.forEach((corner, i) => {
    const points = [center, corner, corners[(i + 1) % 7]!];
    polygonRows(points, clip(polygonArea(points), mask)!, (y, from, to) => {
      for (let x = from; x < to; x++) count[y * 40 + x]!++;
    });
  });
  assert.ok(count.every((times) => times === 1));
});

test('the region above the threshold is what the contour encloses', () => {
  const data = Float32Array.from({ length: 64 }, (_, i) => Math.hypot((i % 8) - 3.2, Math.floor(i / 8) - 4.1));
  const map = { width: 8, height: 8, data: data.map((distance) => 5 - distance) };
  const edit = editor(80, 80);
  edit.takeRegion(map, 3);
  const area = edit.mask.data.reduce((sum, value) => sum + value, 0);
  const enclosed = regionsOf(map, 3, edit.mask).reduce((sum, region) => sum + region.area, 0);
  assert.ok(Math.abs(area - enclosed) < 64, `${area}, ${enclosed}`);
  edit.takeRegion(map, 100);
  assert.ok(!edit.empty, 'nothing above the threshold: nothing added, nothing lost');
});

test('undo and redo lead through every state, over several squares; a new change ends what could be redone', () => {
  const edit = editor(300, 200);
  const states: Uint8Array[] = [edit.mask.data.slice()];
  const steps = [
    () => {
      edit.stroke({ x: 10, y: 10 }, { x: 280, y: 150 }, 6, 1);
      edit.stroke({ x: 280, y: 150 }, { x: 280, y: 20 }, 6, 1);
      edit.commit();
    },
    () => {
      edit.stroke({ x: 120, y: 60 }, { x: 140, y: 80 }, 9, 0);
      edit.commit();
    },
    () =>
      edit.polygon([
        { x: 5, y: 190 },
        { x: 290, y: 190 },
        { x: 150, y: 100 },
      ]),
    () => edit.clear(),
  ];
  for (const step of steps) {
    step();
    states.push(edit.mask.data.slice());
  }
  assert.ok(edit.empty);
  for (const state of states.slice(0, -1).reverse()) {
    edit.undo();
    assert.deepEqual(edit.mask.data, state);
  }
  assert.equal(edit.canUndo, false);
  for (const state of states.slice(1)) {
    edit.redo();
    assert.deepEqual(edit.mask.data, state);
  }
  assert.equal(edit.canRedo, false);
  edit.undo();
  edit.stroke({ x: 1, y: 1 }, { x: 1, y: 1 }, 1, 1);
  edit.commit();
  assert.equal(edit.canRedo, false);
});

test('what changes nothing is no step of the history', () => {
  const edit = editor(20, 20);
  edit.clear();
  edit.stroke({ x: 5, y: 5 }, { x: 6, y: 6 }, 2, 0);
  edit.commit();
  assert.equal(edit.canUndo, false);
  assert.equal(edit.changed, false);
});

test('changed: until it is saved, and again after an undo', () => {
  const edit = editor(20, 20);
  edit.stroke({ x: 5, y: 5 }, { x: 6, y: 6 }, 2, 1);
  edit.commit();
  assert.equal(edit.changed, true);
  edit.saved();
  assert.equal(edit.changed, false);
  edit.undo();
  assert.equal(edit.changed, true);
  edit.redo();
  assert.equal(edit.changed, false);
});

test('edits of before are one step, which an undo drops', () => {
  const edit = editor(300, 200);
  edit.stroke({ x: 5, y: 5 }, { x: 60, y: 6 }, 2, 1);
  edit.commit();
  const before = edit.mask.data.slice();
  edit.saved();
  const other = before.slice();
  other.fill(1, 150 * 300, 151 * 300);
  edit.replace(other);
  assert.deepEqual(edit.mask.data, other);
  assert.equal(edit.changed, true);
  edit.undo();
  assert.deepEqual(edit.mask.data, before);
  assert.equal(edit.changed, false);
  edit.replace(before);
  assert.equal(edit.changed, false, 'the same is no step');
});
