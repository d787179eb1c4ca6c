import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { makeDemo } from '../../../scripts/demo/makeDemo.ts';
import { normalTrainingItems } from '../../../src/dataset/normalTrainingItems.ts';
import { recogniseDataset } from '../../../src/dataset/recogniseDataset.ts';
import { listFiles } from '../../../src/runtime/files/files.ts';
import { readMask } from '../../../src/runtime/images/images.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'nferd-demo-'));
after(() => rmSync(scratch, { recursive: true }));

test('the demo set is MVTec AD’s layout, each defect is marked, a seed gives the same pictures', async () => {
  const counts = { train: 1, testGood: 1, perDefect: 1 };
  const [first, again, other] = [
    await makeDemo(path.join(scratch, 'a'), counts),
    await makeDemo(path.join(scratch, 'b'), counts),
    await makeDemo(path.join(scratch, 'c'), { ...counts, seed: 8, perDefect: 0 }),
  ];
  const dataset = recogniseDataset((await listFiles(first)).paths, first);
  assert.deepEqual([dataset.layout, dataset.items.length, dataset.notes], ['mvtec-ad', 5, []]);
  assert.equal(normalTrainingItems(dataset).length, 1);
  for (const { maskPath } of dataset.items) {
    if (maskPath === undefined) continue;
    const mask = await readMask(path.join(first, maskPath), { width: 320, height: 320 });
    const area = mask.data.reduce((a, b) => a + b, 0);
    assert.ok(area > 40 && area < 4000, `${maskPath}: ${area} pixels`);
  }
  const hash = (root: string, file: string): string =>
    createHash('sha256')
      .update(readFileSync(path.join(root, file)))
      .digest('hex');
  for (const { path: file } of dataset.items) assert.equal(hash(first, file), hash(again, file));
  assert.notEqual(hash(first, 'train/good/000.jpg'), hash(other, 'train/good/000.jpg'));
});
