import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { VsCode } from './driver/vscode.ts';
import { part, patienceMs } from './suite/anomalyView.ts';
import { becomes, datasetView, shownDataset } from './suite/datasetView.ts';
import { detectorFolder, prepare, trainOn, type Prepared } from './suite/prepare.ts';

const tiles = path.resolve(import.meta.dirname, '../../../shared/data/magnetic_tile');
const skip = !existsSync(tiles) && `${tiles} is not here`;

let prepared: Prepared | undefined;
let code: VsCode;

/** Some files of a folder and its subfolders. */
async function copySome(from: string, to: string, most: number): Promise<void> {
  await mkdir(to, { recursive: true });
  const entries = (await readdir(from, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name } of entries.filter((each) => each.isFile()).slice(0, most))
    await copyFile(path.join(from, name), path.join(to, name));
  for (const { name } of entries.filter((each) => each.isDirectory()))
    await copySome(path.join(from, name), path.join(to, name), most);
}

before(async () => {
  if (skip) return;
  prepared = await prepare({
    name: 'sharedTiles',
    async draw(folder) {
      const set = path.join(folder, 'tiles');
      for (const each of ['test', 'ground_truth']) await copySome(path.join(tiles, each), path.join(set, each), 24);
      await copySome(path.join(tiles, 'train/good'), path.join(set, 'train/good'), 60);
      await trainOn(set, detectorFolder(folder, 'tiles'));
    },
  });
  code = prepared.code;
});

after(() => prepared?.dispose());

test('real images of uneven sizes: inspected, measured, and the threshold moves the counts', { skip }, async () => {
  await code.openContextMenu('tiles', 'Inspect dataset');
  const view = await datasetView(code);
  const { images, done, threshold } = await shownDataset(view);
  assert.ok(images > 100 && done === images, `${done} of ${images}`);
  await part(view, 'metrics').locator('tbody tr').nth(5).waitFor({ timeout: patienceMs });
  await view.locator('.cell:not(.loading)').first().waitFor({ timeout: patienceMs });
  await code.screenshot('1-tiles');
  await part(view, 'threshold').press('PageDown');
  await becomes(view, 'a lower threshold', (now) => now.threshold < threshold);
  await part(view, 'threshold').press('Home');
  await becomes(view, 'everything flagged', (now) => now.misses === 0 && now.falseAlarms > 5);
});
