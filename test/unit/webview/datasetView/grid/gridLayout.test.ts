import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  gap,
  layOut,
  positionOf,
  scrollTo,
  stepFrom,
  visiblePlaces,
} from '../../../../../src/webview/datasetView/grid/gridLayout.ts';

const shape = { side: 100, panes: 1, caption: 40 };

for (const [width, columns] of [
  [50, 1],
  [116, 1],
  [224, 2],
  [1000, 9],
] as const) {
  test(`${width} pixels hold ${columns} columns, and nothing sticks out`, () => {
    const layout = layOut(width, 100, shape);
    assert.equal(layout.columns, columns);
    const { left } = positionOf(layout, columns - 1);
    assert.ok(left + layout.cellWidth + gap <= Math.max(width, 16 + 2 * gap));
  });
}

test('two panes are beside each other', () => {
  const layout = layOut(1000, 10, { ...shape, panes: 2 });
  assert.ok(layout.cellWidth >= 200);
  assert.equal(layout.cellHeight, Math.round(layout.cellWidth / 2) + 40);
});

test('every place in the window is visible, and few others', () => {
  const count = 100_000;
  const layout = layOut(900, count, shape);
  for (const top of [0, 1, 777, 123_456, layout.height - 600]) {
    const [first, end] = visiblePlaces(layout, count, top, 600);
    const touches = (place: number) => {
      const y = positionOf(layout, place).top;
      return y < top + 600 && y + layout.cellHeight > top;
    };
    for (let place = Math.max(0, first - 20); place < Math.min(count, end + 20); place++) {
      if (touches(place)) assert.ok(place >= first && place < end, `${place} at ${top}`);
    }
    assert.ok(end - first <= layout.columns * (Math.ceil(600 / (layout.cellHeight + gap)) + 2));
  }
  assert.deepEqual(visiblePlaces(layout, 0, 0, 600), [0, 0]);
});

test('scrolls no further than needed', () => {
  const layout = layOut(900, 1000, shape);
  assert.equal(scrollTo(layout, 0, 0, 600), 0);
  const { top } = positionOf(layout, 500);
  assert.equal(scrollTo(layout, 500, top, 600), top - gap);
  assert.equal(scrollTo(layout, 500, 0, 600), top + layout.cellHeight + gap - 600);
  assert.equal(scrollTo(layout, 500, top - 100, 600), top - 100);
});

const layout = { columns: 4, cellWidth: 100, cellHeight: 140, height: 0 };
const steps: [key: string, from: number, to: number | undefined][] = [
  ['ArrowRight', 3, 4],
  ['ArrowRight', 9, 9],
  ['ArrowLeft', 0, 0],
  ['ArrowDown', 3, 7],
  ['ArrowDown', 7, 7],
  ['ArrowUp', 2, 2],
  ['ArrowUp', 6, 2],
  ['PageDown', 1, 9],
  ['PageUp', 9, 1],
  ['Home', 5, 0],
  ['End', 5, 9],
  ['x', 5, undefined],
];
for (const [key, from, to] of steps) {
  test(`${key} goes from ${from} to ${to}`, () => assert.equal(stepFrom(layout, key, from, 10, 2), to));
}
test('in an empty grid no key goes anywhere', () => assert.equal(stepFrom(layout, 'End', 0, 0, 2), undefined));
