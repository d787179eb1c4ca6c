import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sortKeys } from '../../../src/metrics/radixSort.ts';
import { keyOfBits, scoreOfKey } from '../../../src/metrics/ranking.ts';
import { random } from './support.ts';

test('sorts like the built-in sort, stably, with the payload', () => {
  const next = random(9);
  for (const [count, range] of [
    [0, 1],
    [1, 1],
    [500, 1],
    [500, 7],
    [500, 2 ** 13],
    [500, 2 ** 32],
  ] as const) {
    const keys = Uint32Array.from({ length: count }, () => Math.floor(next() * range));
    const order = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]! || a - b);
    const expected = keys.toSorted();
    assert.deepEqual(sortKeys(keys.slice()).keys, expected);
    const sorted = sortKeys(keys.slice(), Uint32Array.from(keys.keys()));
    assert.deepEqual(sorted.keys, expected);
    assert.deepEqual([...sorted.payload!], order);
  }
});

test('keys fall as scores rise, and give the score back', () => {
  const scores = Float32Array.of(-3.4e38, -1, -1e-3, -1.5e-45, 0, 1.5e-45, 1e-3, 1, 1.0000001, 3.4e38);
  const keys = Array.from(new Uint32Array(scores.buffer), keyOfBits);
  assert.deepEqual(
    keys,
    keys.toSorted((a, b) => b - a),
  );
  assert.deepEqual(keys.map(scoreOfKey), [...scores]);
  const odd = new Uint32Array(Float32Array.of(-0, NaN, Infinity, -Infinity).buffer);
  assert.deepEqual(Array.from(odd, keyOfBits), [keys[4], -1, -1, -1]);
});
