import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../../src/dataset/rng.ts';
import { levelsOf, shownThresholds } from '../../../../src/maps/levels.ts';
import { flaggedRegions } from '../../../../src/services/inspect/flaggedRegions.ts';

const cases: readonly [what: string, rows: readonly string[], regions: readonly (readonly number[])[]][] = [
  ['nothing', ['....', '....', '....', '....'], []],
  ['on the level is not above it', ['....', '.1..', '....', '....'], []],
  [
    'two places',
    ['9...', '....', '...9', '...9'],
    [
      [0, 0, 0.25, 0.25],
      [0.75, 0.5, 0.25, 0.5],
    ],
  ],
  ['corners touch', ['9...', '.9..', '....', '....'], [[0, 0, 0.5, 0.5]]],
  [
    'a hook is one box',
    ['.999', '.9..', '.9.9', '....'],
    [
      [0.25, 0, 0.75, 0.75],
      [0.75, 0.5, 0.25, 0.25],
    ],
  ],
  ['everything', ['9999', '9999', '9999', '9999'], [[0, 0, 1, 1]]],
];
for (const [what, rows, regions] of cases) {
  test(what, () => {
    const map = Float32Array.from(rows.join(''), (character) => Number(character.replace('.', '0')));
    const found = flaggedRegions({ width: 4, height: 4, data: map }, 1).map(({ left, top, width, height }) => [
      left,
      top,
      width,
      height,
    ]);
    assert.deepEqual(found, regions);
  });
}

test('what is taught is what a thumbnail shows above the threshold, but for its rounding', () => {
  const rng = createRng(5);
  const side = 64;
  const shown = 0.8;
  const of = (data: Float32Array) => ({ width: side, height: side, data });
  const grid = Float32Array.from({ length: side * side }, () => Math.max(0, 0.6 + 0.4 * rng.normal()));
  for (const threshold of [0.5, shown, 1.3]) {
    const levels = levelsOf(of(grid), side, shown);
    const taught = new Uint8Array(grid.length);
    for (const { left, top, width, height } of flaggedRegions(of(grid), threshold))
      for (let y = top * side; y < (top + height) * side; y++)
        for (let x = left * side; x < (left + width) * side; x++) taught[y * side + x] = 1;
    let compared = 0;
    grid.forEach((_, at) => {
      // The middle of the level, and how far the value may be off.
      const value = (levels[at]! * shownThresholds * shown) / 255;
      const within = (shownThresholds * shown) / 510;
      if (levels[at] === 255 || Math.abs(value - threshold) <= within) return;
      compared++;
      // A box may take in what lies below; nothing above may be left out.
      if (value > threshold) assert.equal(taught[at], 1, `cell ${at}: shown as ${value}, threshold ${threshold}`);
    });
    assert.ok(compared > 0.9 * grid.length);
    // One lone cell: the box is the cell.
    const lone = new Float32Array(grid.length).fill(0.9 * threshold);
    lone[5 * side + 7] = 1.01 * threshold;
    assert.deepEqual(flaggedRegions(of(lone), threshold), [
      { left: 7 / side, top: 5 / side, width: 1 / side, height: 1 / side },
    ]);
  }
});

test('places of a wide map are shares of its own width and height', () => {
  const data = new Float32Array(32);
  data[8 + 6] = 2;
  assert.deepEqual(flaggedRegions({ width: 8, height: 4, data }, 1), [
    { left: 0.75, top: 0.25, width: 0.125, height: 0.25 },
  ]);
});
