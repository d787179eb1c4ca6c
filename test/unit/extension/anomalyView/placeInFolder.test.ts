import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { placeInFolder } from '../../../../src/extension/features/anomalyView/placeInFolder.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nferd-place-'));
  const names = ['10.png', '9.png', '1.JPG', '01.jpg', 'note.txt', 'b.png'];
  await Promise.all(names.map((name) => writeFile(path.join(folder, name), '')));
});
after(() => rm(folder, { recursive: true }));

const order = ['01.jpg', '1.JPG', '9.png', '10.png', 'b.png'];
for (const [index, name] of order.entries()) {
  test(`${name}: place, the one before and the one after, in natural order, around the ends`, async () => {
    assert.deepEqual(await placeInFolder(path.join(folder, name)), {
      place: index + 1,
      count: 5,
      previous: path.join(folder, order.at(index - 1)!),
      next: path.join(folder, order[(index + 1) % 5]!),
    });
  });
}

test('an image that is gone has neighbours still; a folder that is gone has none', async () => {
  const gone = await placeInFolder(path.join(folder, '9a.png'));
  assert.deepEqual([gone.place, gone.count], [0, 5]);
  assert.ok(gone.next !== undefined && gone.previous !== undefined);
  assert.deepEqual(await placeInFolder(path.join(folder, 'lost', 'a.png')), { place: 0, count: 0 });
});
