import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whiten, whiteningOf } from '../../../src/nferd/whitening.ts';
import { fixture } from './support.ts';

const oracle = fixture('whitening') as { rows: number[]; channels: number; mahalanobis: number[] };

test(
  "whitening: distances are NumPy's Mahalanobis distances with the correlation shrunk half way to " + 'the identity',
  () => {
    const { rows, channels, mahalanobis } = oracle;
    const standardised = { data: Float32Array.from(rows), channels };
    const { data } = whiten(standardised, whiteningOf(standardised));
    const row = (at: number): Float32Array => data.subarray(at * channels, (at + 1) * channels);
    for (let a = 0; a < 8; a++)
      for (let b = 0; b < 8; b++) {
        const distance = Math.hypot(...row(a).map((value, c) => value - row(8 + b)[c]!));
        assert.ok(Math.abs(distance - mahalanobis[8 * a + b]!) < 1e-5, `${a}, ${b}: ${distance}`);
      }
  },
);

test('whitening: uncorrelated standardised features stay as they are; one constant channel does not break it', () => {
  const signs = Float32Array.of(1, 1, 1, -1, -1, 1, -1, -1);
  const kept = whiten({ data: signs, channels: 2 }, whiteningOf({ data: signs, channels: 2 }));
  kept.data.forEach((value, i) => assert.ok(Math.abs(value - signs[i]!) < 1e-6));
  const constant = Float32Array.of(1, 0, -1, 0, 1, 0, -1, 0);
  const { forward, inverse } = whiteningOf({ data: constant, channels: 2 });
  assert.ok([...forward, ...inverse].every(Number.isFinite));
});

test('whitening: inverse takes features back', () => {
  const { rows, channels } = oracle;
  const { forward, inverse } = whiteningOf({ data: Float32Array.from(rows), channels });
  for (let i = 0; i < channels; i++)
    for (let j = 0; j < channels; j++) {
      let sum = 0;
      for (let k = 0; k < channels; k++) sum += inverse[i * channels + k]! * forward[k * channels + j]!;
      assert.ok(Math.abs(sum - +(i === j)) < 1e-5, `${i}, ${j}: ${sum}`);
    }
});

test('whitening: rows that are whitened together are whitened as each alone', () => {
  const { rows, channels } = oracle;
  const data = Float32Array.from(rows);
  const whitening = whiteningOf({ data, channels });
  for (const count of [1, 3, 4, 7, 8]) {
    const some = data.subarray(0, count * channels);
    const together = whiten({ data: some, channels }, whitening).data;
    const alone = Array.from({ length: count }, (_, row) =>
      whiten({ data: data.subarray(row * channels, (row + 1) * channels), channels }, whitening),
    );
    assert.deepEqual(
      [...together],
      alone.flatMap((row) => [...row.data]),
    );
  }
});
