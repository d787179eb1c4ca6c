import assert from 'node:assert/strict';
import { test } from 'node:test';
import { naturalOrder } from '../../../src/dataset/naturalOrder.ts';

const ordered: readonly string[][] = [
  ['a2.png', 'a10.png', 'a100.png', 'b1.png'],
  ['1/9.png', '1/10.png', '2/1.png', '10/1.png'],
  ['img007.png', 'img7.png', 'img8.png', 'img08b.png'],
  ['20240101120000123456789.png', '20240101120000123456790.png'],
  ['', '1', 'a', 'a1', 'a1b'],
  ['A.png', 'a.png', 'Ä.png', 'ä.png', '图.png'],
];

for (const names of ordered) {
  test(`${names.join(' < ')}`, () => {
    assert.deepEqual(names.toReversed().toSorted(naturalOrder), names);
  });
}
