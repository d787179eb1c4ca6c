import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enlarge } from '../../../../../src/maps/enlarge.ts';
import { greyPixels } from '../../../../../src/webview/anomalyView/layers/greyCanvas.ts';
import { extremes, looksAt, peakOf, stepIn, valueAt } from '../../../../../src/webview/anomalyView/layers/maps.ts';

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

test('what is not looked at is greyed, with stripes; what is looked at is see-through', () => {
  const pixels = greyPixels({ width: 2, height: 1, runs: [1, 1] }, { width: 32, height: 4 });
  const alphas = Array.from({ length: 128 }, (_, at) => pixels[4 * at + 3]!);
  assert.ok(alphas.every((alpha, at) => at % 32 < 16 === alpha > 0));
  assert.equal(new Set(alphas).size, 3);
});

test('a place is looked at where the region says so, up to and beyond the edges', () => {
  const roi = { width: 2, height: 2, runs: [0, 1, 2, 1] };
  const places: [number, number, boolean][] = [
    [0.2, 0.2, true],
    [0.7, 0.2, false],
    [-1, 0.9, false],
    [1, 2, true],
  ];
  for (const [x, y, expected] of places) assert.equal(looksAt({ roi }, x, y), expected);
  assert.equal(looksAt({}, 0.7, 0.2), true);
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
