import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectedComponents } from '../../../src/metrics/connectedComponents.ts';
import { fixture, random } from './support.ts';

function label(rows: readonly string[]) {
  return connectedComponents(Uint8Array.from(rows.join(''), Number), rows[0]!.length, rows.length);
}

test('labels equal scikit-image, areas add up', () => {
  for (const { rows, labels } of fixture<{ rows: string[]; labels: number[] }[]>('components')) {
    const result = label(rows);
    assert.deepEqual([...result.labels], labels, rows.join('\n'));
    const areas = new Array<number>(result.areas.length).fill(0);
    for (const one of labels) if (one) areas[one - 1]!++;
    assert.deepEqual([...result.areas], areas);
  }
});

const shapes: [string, number[], string[]][] = [
  ['nothing', [], ['000', '000']],
  ['everything', [6], ['111', '111']],
  ['corners touch, both ways', [3], ['101', '010']],
  ['rows do not wrap', [1, 1], ['001', '000', '100']],
  ['neighbouring rows do not wrap', [1, 1], ['0001', '1000']],
  ['a U joins late', [7], ['101', '101', '111']],
  ['a spiral', [17], ['11111', '00001', '11101', '10001', '11111']],
  ['a comb joins through its back', [10], ['10101', '10101', '11110']],
];

test('hand-made shapes', () => {
  for (const [name, areas, rows] of shapes) assert.deepEqual([...label(rows).areas], areas, name);
});

test('mirrored masks have the same areas', () => {
  const next = random(3);
  for (let round = 0; round < 20; round++) {
    const mask = Uint8Array.from({ length: 15 * 11 }, () => (next() < 0.45 ? 1 : 0));
    const areas = (one: Uint8Array) => [...connectedComponents(one, 15, 11).areas].sort((a, b) => a - b);
    assert.deepEqual(areas(mask.toReversed()), areas(mask));
  }
});

test('a mask of the wrong size is refused', () => {
  assert.throws(() => connectedComponents(new Uint8Array(5), 2, 3), /mask has 5 values, expected 2 × 3/);
});
