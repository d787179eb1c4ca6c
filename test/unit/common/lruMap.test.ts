import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LruMap } from '../../../src/common/lruMap.ts';

test('the entry that was not used for the longest leaves first, and is told of', () => {
  const left: number[] = [];
  const map = new LruMap<string, number>(2, { onLeave: (value) => void left.push(value) });
  map.set('a', 1);
  map.set('b', 2);
  assert.equal(map.get('a'), 1);
  map.set('c', 3);
  assert.deepEqual(left, [2]);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => map.get(key)),
    [1, undefined, 3],
  );
  map.set('a', 4);
  assert.deepEqual(left, [2, 1], 'another took its place');
  map.set('a', 4);
  assert.equal(map.delete('c'), true);
  assert.deepEqual(left, [2, 1], 'the same value, or one that is of no use');
});

test('values count by their size; one that is larger than all does not stay', () => {
  const map = new LruMap<string, number>(10, { sizeOf: (value) => value });
  map.set('a', 4);
  map.set('b', 6);
  map.set('c', 3);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => map.get(key)),
    [undefined, 6, 3],
  );
  map.set('d', 11);
  assert.deepEqual(
    ['b', 'c', 'd'].map((key) => map.get(key)),
    [undefined, undefined, undefined],
  );
});

test('all leave when it is cleared; whether there is a value is asked without using it', () => {
  const left: number[] = [];
  const map = new LruMap<string, number>(2, { onLeave: (value) => void left.push(value) });
  map.set('a', 1);
  map.set('b', 2);
  assert.equal(map.has('a'), true);
  map.set('c', 3);
  assert.deepEqual([left, map.has('a')], [[1], false]);
  map.clear();
  assert.deepEqual([left, map.has('b')], [[1, 2, 3], false]);
});
