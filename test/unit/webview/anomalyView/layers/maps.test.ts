import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enlarge } from '../../../../../src/maps/enlarge.ts';
import { extremes, peakOf, stepIn, valueAt } from '../../../../../src/webview/anomalyView/layers/maps.ts';

const map = { width: 3, height: 2, data: Float32Array.of(0, 1, 2, 3, 4, 9) };

test('the peak is the centre of the position with the largest value', () => {
  assert.deepEqual(peakOf(map), { x: 2.5 / 3, y: 0.75, value: 9 });
});

test('a value is that of the position, up to and beyond the edges', () => {
  const places: [number, number, number][] = [
    [0, 0, 0],
    [0.34, 0, 1],
    [0.999, 0.999, 9],
    [1, 1, 9],
    [-1, 0.5, 3],
  ];
  for (const [x, y, expected] of places) assert.equal(valueAt(map, x, y), expected);
});

test('a step goes to the centre of another position, and not beyond the map', () => {
  assert.deepEqual(stepIn(map, { x: 0.1, y: 0.1 }, 1, 1), { x: 1.5 / 3, y: 0.75 });
  assert.deepEqual(stepIn(map, { x: 0.5, y: 0.25 }, -8, 8), { x: 0.5 / 3, y: 0.75 });
});

test('enlarging keeps the corners and the mean, and interpolates in a line', () => {
  const ramp = { width: 4, height: 1, data: Float32Array.of(0, 1, 2, 3) };
  const large = enlarge(ramp, 8);
  assert.deepEqual([large.width, large.height], [8, 2]);
  assert.deepEqual([...large.data.subarray(0, 8)], [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]);
  assert.equal(enlarge(ramp, 4), ramp);
});

test('extremes', () => assert.deepEqual(extremes(map.data), { low: 0, high: 9 }));
