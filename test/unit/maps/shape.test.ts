import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStretched, stretchNotes } from '../../../src/maps/shape.ts';

const square = { width: 256, height: 256 };

for (const [width, height, stretched] of [
  [640, 480, false],
  [150, 100, false],
  [151, 100, true],
  [100, 151, true],
  [640, 160, true],
] as const)
  test(`${width} × ${height} is ${stretched ? '' : 'not '}stretched to a square`, () =>
    assert.equal(isStretched({ width, height }, square), stretched));

test('a note counts the stretched images, and is silent where there are none', () => {
  assert.deepEqual(stretchNotes([square, { width: 200, height: 100 }, square], square), [
    "1 of 3 images that were looked at have another shape than the detector's input of 256 × 256 and are stretched " +
      'to it.',
  ]);
  assert.deepEqual(stretchNotes([square], square), []);
  assert.deepEqual(stretchNotes([], square), []);
});
