import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../src/dataset/rng.ts';
import type { FloatMap } from '../../../src/maps/floatMap.ts';
import { outlines } from '../../../src/maps/outlines.ts';
import { regionsOf, type Region } from '../../../src/maps/regions.ts';
import { connectedComponents } from '../../../src/metrics/connectedComponents.ts';

const mapOf = (rows: readonly (readonly number[])[]): FloatMap => ({
  width: rows[0]!.length,
  height: rows.length,
  data: Float32Array.from(rows.flat()),
});
/** A digit is a value. */
const drawn = (...rows: string[]): FloatMap => mapOf(rows.map((row) => Array.from(row, Number)));
/** At the map's own size. */
const found = (map: FloatMap, level: number): Region[] => regionsOf(map, level, map);

test('a lone peak: a diamond halfway to its neighbours, in pixels of the image', () => {
  const [peak, ...others] = regionsOf(drawn('000', '020', '000'), 1, { width: 30, height: 60 });
  assert.deepEqual(others, []);
  // Positions are 10 × 20 pixels; the diamond's diagonals are one position long.
  assert.deepEqual(peak, {
    polygon: [15, 20, 10, 30, 15, 40, 20, 30],
    holes: [],
    box: { left: 10, top: 20, width: 10, height: 20 },
    area: 100,
    peak: 2,
    mean: 2,
    centre: { x: 15, y: 30 },
    hottest: { x: 15, y: 30 },
  });
});

test('the level moves the line by linear interpolation', () => {
  const [left] = found(mapOf([[4, 0]]), 1);
  assert.deepEqual(left!.box, { left: 0, top: 0, width: 0.5 + 0.75, height: 1 });
  assert.equal(left!.area, 1.25);
});

test('nothing above: none; on the threshold is not above; everything above: the whole image', () => {
  const even = drawn('11', '11');
  assert.deepEqual(found(even, 2), []);
  assert.deepEqual(found(even, 1), []);
  const [whole, ...others] = regionsOf(even, 0.5, { width: 640, height: 480 });
  assert.deepEqual(others, []);
  assert.deepEqual(whole!.box, { left: 0, top: 0, width: 640, height: 480 });
  assert.equal(whole!.polygon.length, 8);
  assert.equal(whole!.area, 640 * 480);
  assert.throws(() => found(even, NaN), RangeError);
});

test('the highest peak first; mean, centre and hottest of each', () => {
  const [first, second] = found(drawn('2000', '4000', '0003'), 1);
  assert.deepEqual(
    [first!.peak, first!.mean, first!.centre, first!.hottest],
    [4, 3, { x: 0.5, y: 1 }, { x: 0.5, y: 1.5 }],
  );
  assert.deepEqual([second!.peak, second!.hottest], [3, { x: 3.5, y: 2.5 }]);
});

test('a region at the border reaches it and closes along it', () => {
  const [corner] = found(drawn('200', '000', '000'), 1);
  // A square of one position, its inner corner cut off.
  assert.deepEqual(corner!.box, { left: 0, top: 0, width: 1, height: 1 });
  assert.equal(corner!.area, 1 - 1 / 8);
  const [edge] = found(drawn('000', '200', '000'), 1);
  assert.deepEqual(edge!.box, { left: 0, top: 1, width: 1, height: 1 });
  assert.equal(edge!.area, 1 - 2 / 8);
});

test('positions that touch at a corner are one region; a hole is no part of it', () => {
  for (const rows of [
    ['20', '02'],
    ['02', '20'],
  ]) {
    const regions = found(drawn(...rows), 1.5);
    assert.equal(regions.length, 1);
    assert.equal(regions[0]!.mean, 2);
  }
  const [ring, ...others] = found(drawn('22222', '20002', '20002', '20002', '22222'), 1);
  assert.deepEqual(others, []);
  assert.equal(ring!.holes.length, 1);
  // The hole's 3 × 3 positions, its corners cut off.
  assert.equal(ring!.area, 25 - (9 - 4 / 8));
  const [full, island] = found(drawn('33333', '30003', '30203', '30003', '33333'), 1);
  assert.equal(full!.holes.length, 1);
  assert.deepEqual([island!.area, island!.holes.length, island!.peak], [0.5, 0, 2]);
  // A bay that opens at the border is no hole.
  assert.deepEqual(found(drawn('202', '222'), 1)[0]!.holes, []);
});

test('a position above the threshold by next to nothing has a place and an area of next to nothing', () => {
  const [least] = found(
    mapOf([
      [0, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ]),
    1 - 2 ** -53,
  );
  assert.ok(least!.area >= 0 && least!.area < 1e-12);
  assert.deepEqual([least!.box.left, least!.box.top], [1.5, 1.5]);
});

/** By the even-odd rule. */
function isWithin(points: readonly number[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0; i < points.length; i += 2) {
    const [x0, y0] = [points[i]!, points[i + 1]!];
    const [x1, y1] = [points[(i + 2) % points.length]!, points[(i + 3) % points.length]!];
    if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
  }
  return inside;
}

test('of random maps: one region for each component, which has exactly its positions', () => {
  const random = createRng(5);
  for (let round = 0; round < 30; round++) {
    const [width, height] = [1 + (round % 13), 1 + ((5 * round) % 11)];
    const map = { width, height, data: Float32Array.from({ length: width * height }, () => random.uniform()) };
    const level = 0.2 + 0.02 * round;
    const above = Uint8Array.from(map.data, (value) => +(value > level));
    const { labels, areas } = connectedComponents(above, width, height);
    const regions = found(map, level);
    assert.equal(regions.length, areas.length);
    let shared = 0;
    for (const { polygon, holes, peak, hottest, area, box } of regions) {
      const label = labels[Math.floor(hottest.y) * width + Math.floor(hottest.x)]!;
      assert.equal(map.data[Math.floor(hottest.y) * width + Math.floor(hottest.x)], peak);
      labels.forEach((each, i) => {
        const [x, y] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
        const inside = isWithin(polygon, x, y) && !holes.some((hole) => isWithin(hole, x, y));
        assert.equal(inside, each === label, `round ${round}, position ${i}`);
      });
      shared += area;
      assert.ok(box.left >= 0 && box.left + box.width <= width && box.top >= 0 && box.top + box.height <= height);
    }
    assert.ok(shared > 0 || areas.length === 0);
    assert.ok(shared <= width * height + 1e-9);
    // Every line is some region's, once.
    const lines = regions.reduce((sum, { holes }) => sum + 1 + holes.length, 0);
    assert.equal(outlines(map, level).length, lines);
  }
});

test('the area is what a fine grid counts', () => {
  const size = 64;
  const disc = (x: number, y: number) => 20 - Math.hypot(x + 0.5 - 30, y + 0.5 - 33);
  const data = Float32Array.from({ length: size * size }, (_, i) => disc(i % size, Math.floor(i / size)));
  const [round, ...others] = regionsOf({ width: size, height: size, data }, 8, { width: 640, height: 320 });
  assert.deepEqual(others, []);
  // An ellipse of 120 and 60 pixels.
  assert.ok(Math.abs(round!.area / (Math.PI * 120 * 60) - 1) < 0.002, String(round!.area));
  assert.ok(Math.abs(round!.centre.x - 300) < 0.5 && Math.abs(round!.centre.y - 165) < 0.5);
});
