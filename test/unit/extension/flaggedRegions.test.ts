import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flaggedRegions } from '../../../src/extension/features/dataset/flaggedRegions.ts';

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
    const map = Uint8Array.from(rows.join(''), (character) => Number(character.replace('.', '0')));
    const found = flaggedRegions(map, 4, 1).map(({ left, top, width, height }) => [left, top, width, height]);
    assert.deepEqual(found, regions);
  });
}
