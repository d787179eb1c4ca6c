import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extentOf, inside, nearest, within, type Polygon } from '../../../../../src/webview/datasetView/map/lasso.ts';

const points = { x: [1, 5, 3, NaN, 3], y: [1, 5, 3, 1, 0.5] };
const square: Polygon = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
];
/** Open to the right between y = 1 and y = 3. */
const bay: Polygon = [
  [0, 0],
  [4, 0],
  [4, 2],
  [2, 2],
  [2, 4],
  [4, 4],
  [4, 5],
  [0, 5],
];

test('inside a square, NaN nowhere', () => assert.deepEqual(inside(points, square), [0, 2, 4]));
test('inside a shape that is not convex', () => assert.deepEqual(inside(points, bay), [0, 4]));
test('two corners enclose nothing', () => assert.deepEqual(inside(points, square.slice(0, 2)), []));
test('within a circle', () => assert.deepEqual(within(points, [3, 2], 1.6), [2, 4]));
test('the nearest, if it is near', () => {
  assert.equal(nearest(points, [4.6, 4.6]), 1);
  assert.equal(nearest(points, [9, 9], 2), -1);
});
test('extent leaves NaN out', () => {
  assert.deepEqual(extentOf([NaN, 3, -1]), [-1, 3]);
  assert.deepEqual(extentOf([NaN]), [0, 1]);
});
