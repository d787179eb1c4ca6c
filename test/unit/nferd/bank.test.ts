import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../src/dataset/rng.ts';
import { float32, int64, type Tensor } from '../../../src/graph/tensor.ts';
import { candidatesOf, entriesOf, readBank, select, type Bank } from '../../../src/nferd/bank.ts';
import { whiten, type Whitening } from '../../../src/nferd/whitening.ts';
import { close, evaluate, floats } from './support.ts';

interface Case {
  readonly seed: number;
  /** N, C, h, w */
  readonly query: readonly [number, number, number, number];
  readonly entries: number;
  readonly neighbours: number;
  /** Image of each query; absent: nothing is left out. */
  readonly self?: readonly number[];
}

const imagesInBank = 4;

const cases: Record<string, Case> = {
  'one neighbour': { seed: 1, query: [1, 5, 3, 4], entries: 20, neighbours: 1 },
  'several neighbours of a batch': { seed: 2, query: [2, 8, 4, 3], entries: 40, neighbours: 5 },
  'more neighbours than entries': { seed: 3, query: [1, 6, 2, 2], entries: 3, neighbours: 5 },
  'own entries left out': { seed: 4, query: [3, 7, 3, 3], entries: 40, neighbours: 4, self: [0, 3, -1] },
};

function bankOf({ seed, query, entries }: Case): Bank {
  const rng = createRng(seed);
  const channels = query[1];
  const data = Float32Array.from({ length: entries * channels }, () => rng.normal());
  return candidatesOf(
    { data, channels },
    {
      image: Uint32Array.from({ length: entries }, (_, at) => at % imagesInBank),
      row: Uint16Array.from({ length: entries }, (_, at) => at),
      column: Uint16Array.from({ length: entries }, (_, at) => 2 * at),
    },
  );
}

const unwhiten = (row: ArrayLike<number>, { inverse }: Whitening): number[] =>
  Array.from(row, (_, i) => Array.from(row).reduce((sum, value, j) => sum + inverse[i * row.length + j]! * value, 0));

/** Every position against every entry, by the definition. */
function naive({ query: [n, c, h, w], neighbours, self }: Case, bank: Bank, x: Float32Array) {
  const entries = entriesOf(bank);
  const k = Math.min(neighbours, entries);
  const out = {
    index: new Float64Array(n * k * h * w),
    similarity: new Float64Array(n * k * h * w),
    distance: new Float64Array(n * h * w),
    retrieved: new Float64Array(n * c * h * w),
  };
  for (let image = 0; image < n; image++)
    for (let at = 0; at < h * w; at++) {
      const seen = Float32Array.from({ length: c }, (_, ch) => x[(image * c + ch) * h * w + at]!);
      const feature = [...whiten({ data: seen, channels: c }, bank.whitening).data];
      const near = Array.from({ length: entries }, (_, entry) => {
        const row = bank.features.data.subarray(entry * c, (entry + 1) * c);
        const squared = feature.reduce((sum, value, ch) => sum + (value - row[ch]!) ** 2, 0);
        const dot = feature.reduce((sum, value, ch) => sum + value * row[ch]!, 0);
        return { entry, row, gap: squared / c, cosine: dot / (Math.hypot(...feature) * Math.hypot(...row)) };
      })
        .filter(({ entry }) => bank.provenance.image[entry] !== self?.[image])
        .sort((a, b) => a.gap - b.gap)
        .slice(0, k);
      const total = near.reduce((sum, { gap }) => sum + Math.exp(-gap), 0);
      near.forEach(({ entry, row, gap, cosine }, rank) => {
        out.index[(image * k + rank) * h * w + at] = entry;
        out.similarity[(image * k + rank) * h * w + at] = cosine;
        unwhiten(row, bank.whitening).forEach((value, ch) => {
          out.retrieved[(image * c + ch) * h * w + at]! += (Math.exp(-gap) / total) * value;
        });
      });
      out.distance[image * h * w + at] = Math.sqrt(near[0]!.gap);
    }
  return { k, ...out };
}

for (const [name, given] of Object.entries(cases))
  test(`bank: reads as a naive computation does; ${name}`, async () => {
    const [n, c, h, w] = given.query;
    const bank = bankOf(given);
    const rng = createRng(given.seed + 100);
    const x = Float32Array.from({ length: n * c * h * w }, () => rng.normal());
    const inputs: Record<string, Tensor> = {
      x: float32(x, given.query),
      ...(given.self && { self: int64(given.self) }),
    };
    const found = await evaluate(inputs, (values) => ({
      ...readBank(values['x']!, bank, given.neighbours, values['self']),
    }));
    const { k, ...expected } = naive(given, bank, x);
    assert.deepEqual(found['index']!.dims, [n, k, h, w]);
    assert.deepEqual(found['distance']!.dims, [n, 1, h, w]);
    assert.deepEqual(found['retrieved']!.dims, [n, c, h, w]);
    close(found['index'], expected.index, 0, 'index');
    close(found['similarity'], expected.similarity, 1e-5, 'similarity');
    close(found['distance'], expected.distance, 1e-5, 'distance');
    close(found['retrieved'], expected.retrieved, 1e-5, 'retrieved');
  });

test('bank: an entry finds itself, unless it is its own image', async () => {
  const given: Case = { seed: 5, query: [1, 4, 1, 8], entries: 8, neighbours: 1 };
  const bank = bankOf(given);
  const rows = Array.from({ length: 8 }, (_, i) =>
    unwhiten(bank.features.data.subarray(4 * i, 4 * i + 4), bank.whitening),
  );
  const columns = Float32Array.from({ length: 32 }, (_, i) => rows[i % 8]![Math.floor(i / 8)]!);
  const read = (self: number) =>
    evaluate({ x: float32(columns, given.query), self: int64([self]) }, (values) => ({
      ...readBank(values['x']!, bank, 1, values['self']),
    }));
  const all = await read(-1);
  assert.deepEqual([...all['index']!.data].map(Number), [0, 1, 2, 3, 4, 5, 6, 7]);
  close(all['similarity'], new Float32Array(8).fill(1), 1e-5, 'similarity');
  assert.ok(Math.max(...floats(all['distance']!)) < 2e-3, 'distance');
  const owner = (entry: number): number => bank.provenance.image[entry]!;
  for (const self of [0, 1, 2, 3]) {
    const others = await read(self);
    [...others['index']!.data].forEach((found, at) => {
      assert.notEqual(owner(Number(found)), self);
      if (owner(at) !== self) assert.equal(Number(found), at);
    });
  }
});

test('bank: an image that fills it alone reads its own entries, the others as ever', async () => {
  const given: Case = { seed: 6, query: [2, 4, 2, 2], entries: 6, neighbours: 3, self: [1, 2] };
  const whole = bankOf(given);
  const bank: Bank = { ...whole, provenance: { ...whole.provenance, image: new Uint32Array(6).fill(1) } };
  const rng = createRng(7);
  const x = Float32Array.from({ length: 32 }, () => rng.normal());
  const found = await evaluate({ x: float32(x, given.query), self: int64(given.self!) }, (values) => ({
    ...readBank(values['x']!, bank, given.neighbours, values['self']),
  }));
  close(found['distance'], naive({ ...given, self: undefined as never }, bank, x).distance, 1e-5, 'distance');
});

test('bank: select takes features and provenance along', () => {
  const bank = bankOf(cases['one neighbour']!);
  const chosen = select(bank, Uint32Array.of(7, 2));
  assert.equal(entriesOf(chosen), 2);
  assert.deepEqual(
    [...chosen.features.data],
    [...bank.features.data.slice(35, 40), ...bank.features.data.slice(10, 15)],
  );
  assert.deepEqual(chosen.provenance, {
    image: Uint32Array.of(3, 2),
    row: Uint16Array.of(7, 2),
    column: Uint16Array.of(14, 4),
  });
});
