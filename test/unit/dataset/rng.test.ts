import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../src/dataset/rng.ts';

// The reference sequence comes from the authors' recurrence written independently in Python.
test('the sequence of a seed never changes', () => {
  const rng = createRng(1);
  assert.deepEqual(
    Array.from({ length: 4 }, () => rng.uniform() * 2 ** 32),
    [393288148, 2174103013, 3814759091, 2092745082],
  );
});

test('uniform, normal and integer have the right moments', () => {
  const rng = createRng(42);
  const n = 20_000;
  const moments = (draw: () => number): [mean: number, variance: number] => {
    const values = Array.from({ length: n }, draw);
    const mean = values.reduce((a, b) => a + b, 0) / n;
    return [mean, values.reduce((a, b) => a + (b - mean) ** 2, 0) / n];
  };
  const near = (got: number, want: number): void => assert.ok(Math.abs(got - want) < 0.03, `${got} is not ${want}`);
  const uniform = moments(rng.uniform);
  near(uniform[0], 0.5);
  near(uniform[1], 1 / 12);
  const normal = moments(rng.normal);
  near(normal[0], 0);
  near(normal[1], 1);
  const seen = new Set(Array.from({ length: 200 }, () => rng.integer(5)));
  assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4]);
});

test('a shuffle permutes and leaves its argument alone', () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8];
  const shuffled = createRng(5).shuffled(values);
  assert.notDeepEqual(shuffled, values);
  assert.deepEqual(shuffled.toSorted(), values);
  assert.deepEqual(values, [1, 2, 3, 4, 5, 6, 7, 8]);
});
