import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  nothing,
  placeAfter,
  select,
  selectAll,
  selectRows,
  targets,
} from '../../../../../src/webview/datasetView/grid/selection.ts';

const order = Uint32Array.of(7, 3, 9, 1, 4);

test('one, toggle, extend', () => {
  let selection = select(order, nothing, 1, 'one');
  assert.deepEqual([...selection.rows], [3]);
  selection = select(order, selection, 3, 'extend');
  assert.deepEqual([[...selection.rows], selection.anchor, selection.focus], [[3, 9, 1], 3, 1]);
  selection = select(order, selection, 0, 'extend');
  assert.deepEqual([[...selection.rows], selection.focus], [[7, 3], 7]);
  selection = select(order, selection, 4, 'toggle');
  assert.deepEqual([...selection.rows], [7, 3, 4]);
  selection = select(order, selection, 1, 'toggle');
  assert.deepEqual([[...selection.rows], selection.focus], [[7, 4], 3]);
});

test('a place that is not there changes nothing', () => assert.equal(select(order, nothing, 9, 'one'), nothing));

test('without an anchor in the order, extending starts at the first', () => {
  assert.deepEqual([...select(order, { ...nothing, anchor: 77 }, 2, 'extend').rows], [7, 3, 9]);
});

test('all, and what a lasso gives', () => {
  assert.equal(selectAll(order, nothing).rows.size, 5);
  assert.equal(selectAll(order, nothing).focus, 7);
  assert.deepEqual(selectRows([4, 2]).focus, 4);
  assert.equal(selectRows([]).focus, -1);
});

test('commands are for the selected, else for the one in focus', () => {
  assert.deepEqual(targets(selectRows([4, 2])), [4, 2]);
  assert.deepEqual(targets({ ...nothing, focus: 3 }), [3]);
  assert.deepEqual(targets(nothing), []);
});

const goneOn: [string, number, number, number][] = [
  ['the next', 3, 1, 2],
  ['the last stays', 4, 4, 4],
  ['its place where a filter took it away', 5, 2, 2],
  ['the new last where the last was taken away', 5, 5, 4],
];
for (const [name, row, before, expected] of goneOn) {
  test(`goes on to ${name}`, () => assert.equal(placeAfter(order, row, before), expected));
}
