import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../src/dataset/rng.ts';
import { float32 } from '../../../src/graph/tensor.ts';
import { kCentreCoreset, pick, type NearestDistances, type Rows } from '../../../src/nferd/coreset.ts';
import { distanceModel } from '../../../src/nferd/distanceModel.ts';
import { openSession } from '../../../src/runtime/onnx/session.ts';

const gap = ({ data, channels }: Rows, row: number, other: Rows, at: number): number => {
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += (data[row * channels + c]! - other.data[at * channels + c]!) ** 2;
  return Math.fround(sum);
};

/** By the definition, all rows against all. */
const distances: NearestDistances = (rows, centres) => {
  const [n, k] = [rows.data.length / rows.channels, centres.data.length / rows.channels];
  const nearest = (row: number) => Math.min(...Array.from({ length: k }, (_, at) => gap(rows, row, centres, at)));
  return Promise.resolve(Float32Array.from({ length: n }, (_, row) => nearest(row)));
};

/** Gonzalez, one row at a time. */
function naive(rows: Rows, count: number, first: number): number[] {
  const nearest = new Float64Array(rows.data.length / rows.channels).fill(Infinity);
  const taken = [first];
  for (;;) {
    nearest.forEach((known, row) => (nearest[row] = Math.min(known, gap(rows, row, rows, taken.at(-1)!))));
    const farthest = nearest.indexOf(Math.max(...nearest));
    if (taken.length >= count || nearest[farthest] === 0) return taken;
    taken.push(farthest);
  }
}

function randomRows(seed: number, count: number, channels: number): Rows {
  const rng = createRng(seed);
  return { data: Float32Array.from({ length: count * channels }, () => rng.normal()), channels };
}

/** Each row stands there `times` times. */
const repeated = (rows: Rows, times: number): Rows =>
  pick(
    rows,
    Array.from({ length: (times * rows.data.length) / rows.channels }, (_, i) => Math.floor(i / times)),
  );

const cases: Record<string, { rows: Rows; count: number; first?: number }> = {
  'few rows': { rows: randomRows(1, 50, 3), count: 20 },
  'another seed, another first row': { rows: randomRows(2, 200, 17), count: 60, first: 131 },
  'more channels than are summed before stopping early': { rows: randomRows(3, 120, 70), count: 40 },
  'more rows than the pool holds': { rows: randomRows(4, 3000, 8), count: 300 },
  'the pool runs out again and again': { rows: randomRows(5, 2500, 2), count: 400 },
  'one channel': { rows: randomRows(6, 1500, 1), count: 100 },
  'as many as there are': { rows: randomRows(7, 30, 4), count: 30 },
  'fewer rows than wanted': { rows: randomRows(8, 30, 4), count: 100 },
  'fewer different rows than wanted': { rows: repeated(randomRows(9, 25, 4), 4), count: 60 },
  'duplicates beyond the pool': { rows: repeated(randomRows(10, 400, 4), 4), count: 380 },
  'all rows equal': { rows: repeated(randomRows(11, 1, 4), 2000), count: 10 },
  'one row': { rows: randomRows(12, 1, 4), count: 10 },
  'one wanted': { rows: randomRows(13, 30, 4), count: 1, first: 4 },
};

for (const [name, { rows, count, first = 0 }] of Object.entries(cases))
  test(`coreset: the greedy one; ${name}`, async () => {
    const progress: number[] = [];
    const onProgress = (taken: number) => progress.push(taken);
    const found = await kCentreCoreset(rows, { count, first, distances, onProgress });
    // Of equal rows any may be taken: rows are compared, not their indices.
    assert.deepEqual(pick(rows, found), pick(rows, naive(rows, count, first)));
    assert.equal(new Set(found).size, found.length);
    assert.equal(progress.at(-1), found.length);
  });

test('coreset: hand-made', async () => {
  const rows = { data: Float32Array.of(0, 1, 2, 10, 5.5, 4), channels: 1 };
  assert.deepEqual([...(await kCentreCoreset(rows, { count: 4, distances }))], [0, 3, 4, 2]);
});

test('coreset: all rows are brought up to date far less often than once per row taken', async () => {
  let products = 0;
  const counted: NearestDistances = (rows, centres) => (products++, distances(rows, centres));
  await kCentreCoreset(randomRows(14, 3000, 8), { count: 300, distances: counted });
  assert.ok(products < 60, `${products} products`);
});

test('the distance model says what the definition does', async () => {
  const [rows, centres] = [randomRows(15, 37, 7), randomRows(16, 11, 7)];
  const session = await openSession(distanceModel(7), { executionProvider: 'cpu', threads: 1 });
  const nearestTo = async (given: Rows) =>
    (await session.run({ rows: matrix(rows), centres: matrix(given) }))['nearest']!.data as Float32Array;
  const expected = await distances(rows, centres);
  (await nearestTo(centres)).forEach((found, row) => assert.ok(Math.abs(found - expected[row]!) < 1e-5, `${row}`));
  const own = await nearestTo(rows);
  assert.ok(own.every((distance) => distance >= 0 && distance < 1e-5));
  await session.release();
});

const matrix = ({ data, channels }: Rows) => float32(data, [data.length / channels, channels]);
