import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  circleAfter,
  colorGroups,
  countIn,
  keptIn,
  placed,
  rowsIn,
  zoomed,
} from '../../../../../src/webview/datasetView/map/mapModel.ts';

const size = { width: 100, height: 60 };
const points = { x: Float32Array.of(-1, 1, NaN, 0), y: Float32Array.of(0, 10, NaN, 5) };
const seen = placed(points, size);

test('points fill the pane up to its margin, upwards; what has no place stays without', () => {
  assert.deepEqual([...(seen.x as Float32Array)], [12, 88, NaN, 50]);
  assert.deepEqual([...(seen.y as Float32Array)], [48, 12, NaN, 30]);
});

test('zoomed, a point lies at k p + shift, and fewer are in sight', () => {
  const near = zoomed(seen, { k: 2, x: -50, y: -30 });
  assert.deepEqual([near.x[3], near.y[3]], [50, 30]);
  assert.deepEqual([countIn(seen, size), countIn(near, size)], [3, 1]);
});

test('rows are grouped by colour: of labels, or of scores from 0 to twice the threshold', () => {
  const given = { score: [0, 9, 0, 2], threshold: 1, label: [0, 1, 0, 0], labelColors: ['grey', 'green'] };
  assert.deepEqual(
    [...colorGroups(seen, { ...given, by: 'label' })],
    [
      ['grey', [0, 3]],
      ['green', [1]],
    ],
  );
  assert.deepEqual([...colorGroups(seen, { ...given, by: 'score' }).values()], [[0], [1, 3]]);
  assert.equal(colorGroups(seen, { ...given, score: [NaN, NaN, NaN, NaN], by: 'score' }).size, 1);
});

test('keys move and size the circle; other keys do not', () => {
  const circle = { at: [50, 30], radius: 24 } as const;
  assert.deepEqual(circleAfter(circle, 'ArrowLeft', false), { at: [40, 30], radius: 24 });
  assert.deepEqual(circleAfter(circle, 'ArrowUp', true), { at: [50, -10], radius: 24 });
  assert.equal(circleAfter(circle, '+', false)!.radius, 30);
  assert.equal(circleAfter({ ...circle, radius: 4 }, '-', false)!.radius, 4);
  assert.equal(circleAfter(circle, 'Enter', false), undefined);
  assert.equal(circleAfter(circle, 'toString', false), undefined);
});

test('where the circle would leave the pane, the map is to move instead', () => {
  assert.deepEqual(keptIn({ at: [50, 30], radius: 9 }, size).shift, [0, 0]);
  const { circle, shift } = keptIn({ at: [110, -5], radius: 9 }, size);
  assert.deepEqual(
    [circle.at, shift],
    [
      [100, 0],
      [-10, 5],
    ],
  );
});

test('the circle takes what is in it', () => {
  assert.deepEqual(rowsIn(seen, { at: [50, 30], radius: 10 }), [3]);
});
