import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Frame } from 'playwright-core';
import { patience, until } from './driver/until.ts';
import type { VsCode } from './driver/vscode.ts';
import { part, patienceMs, pick } from './suite/anomalyView.ts';
import { answerFileDialog, becomes, choose, datasetView, shownDataset } from './suite/datasetView.ts';
import { enginePid } from './suite/engine.ts';
import { detectorFolder, prepare, type Prepared } from './suite/prepare.ts';

const root = path.resolve(import.meta.dirname, '../..');
const tiles = path.resolve(root, '../shared/data/magnetic_tile');

let prepared: Prepared;
let code: VsCode;
let view: Frame;
let set: string;
let exported: string;

/** Some files of a folder and its subfolders. */
async function copySome(from: string, to: string, most: number): Promise<void> {
  await mkdir(to, { recursive: true });
  const entries = (await readdir(from, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name } of entries.filter((each) => each.isFile()).slice(0, most))
    await copyFile(path.join(from, name), path.join(to, name));
  for (const { name } of entries.filter((each) => each.isDirectory()))
    await copySome(path.join(from, name), path.join(to, name), most);
}

/** Some of magnetic tile where it is at hand, else the demo set; a detector of its normal images. */
async function makeSet(folder: string): Promise<void> {
  set = path.join(folder, 'parts');
  if (existsSync(tiles)) {
    for (const part of ['test', 'ground_truth']) await copySome(path.join(tiles, part), path.join(set, part), 24);
    await copySome(path.join(tiles, 'train/good'), path.join(set, 'train/good'), 60);
  } else await rename(path.join(folder, 'flange'), set);
  const out = detectorFolder(folder, 'parts');
  await mkdir(path.dirname(out), { recursive: true });
  await promisify(execFile)(process.execPath, ['dist/cli.mjs', 'train', set, '--out', out], { cwd: root });
}

before(async () => {
  prepared = await prepare({ name: 'datasetView', before: makeSet });
  code = prepared.code;
});

after(() => prepared?.dispose());

interface Line {
  readonly image: string;
  readonly label: string | null;
}

/** The last line of each image in the label file, without those that take a label back. */
async function labelsOnDisk(): Promise<Map<string, string>> {
  const text = await readFile(path.join(set, '.nferd/labels.jsonl'), 'utf8').catch(() => '');
  const lines = text.split('\n').flatMap((line) => (line.trim().startsWith('{') ? [JSON.parse(line) as Line] : []));
  const last = new Map(lines.filter(({ image }) => image).map(({ image, label }) => [image, label]));
  return new Map([...last].flatMap(([image, label]) => (label ? [[image, label] as const] : [])).sort());
}

const folderSetting = async (id: string): Promise<unknown> => {
  const text = await readFile(path.join(prepared.folder, '.vscode/settings.json'), 'utf8').catch(() => '{}');
  return (JSON.parse(text) as Record<string, unknown>)[id];
};

const press = (key: string): Promise<void> => part(view, 'grid').press(key);

test('the folder is inspected: every image has a score, metrics are there', async () => {
  await code.openContextMenu('parts', 'Inspect dataset');
  await code.frameWith('#app[data-folder]', patienceMs);
  await code.screenshot('1-inspecting');
  view = await datasetView(code);
  const { images, done } = await shownDataset(view);
  assert.ok(images > 20 && done === images, `${done} of ${images}`);
  await part(view, 'metrics')
    .locator('tbody tr')
    .nth(1)
    .waitFor({ timeout: patience(patienceMs) });
  await view
    .locator('.cell:not(.loading)')
    .first()
    .waitFor({ timeout: patience(patienceMs) });
  await code.screenshot('2-inspected');
});

test('sorted by name, then by score again; filtered by a text', async () => {
  const names = () => view.locator('.cell .file').allTextContents();
  await choose(view, 'sort', 'Name');
  await until('names in order', async () => {
    const found = (
      await view
        .locator('.cell:visible')
        .evaluateAll((cells) =>
          cells.map(
            (cell) =>
              [Number(cell.getAttribute('aria-posinset')), Number((cell as HTMLElement).dataset['row'])] as const,
          ),
        )
    ).sort((a, b) => a[0] - b[0]);
    return found.length > 3 && found.every(([, row], i) => i === 0 || row > found[i - 1]![1]);
  });
  await choose(view, 'sort', 'Score');
  const { images } = await shownDataset(view);
  await part(view, 'text').locator('input').fill('good');
  await becomes(view, 'fewer images', ({ shown }) => shown < images);
  assert.ok((await names()).length > 0);
  await part(view, 'clearFilters').click();
  await becomes(view, 'all images', ({ shown }) => shown === images);
});

test('dragging the threshold moves the counts', async () => {
  const before = await shownDataset(view);
  const box = (await part(view, 'threshold').boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await code.page.mouse.move(x, y);
  await code.page.mouse.down();
  await code.page.mouse.move(x - 12, y, { steps: 4 });
  const dragged = await becomes(view, 'a lower threshold', ({ threshold }) => threshold < before.threshold);
  assert.ok(dragged.falseAlarms >= before.falseAlarms && dragged.misses <= before.misses);
  for (let left = 20; (await shownDataset(view)).falseAlarms < 6 && left < 160; left += 8) {
    await code.page.mouse.move(x - left, y);
    await view.waitForTimeout(100);
  }
  await code.page.mouse.up();
  await code.screenshot('3-dragged');
  await part(view, 'threshold').press('ArrowRight');
  await part(view, 'threshold').press('ArrowLeft');
  assert.ok((await shownDataset(view)).falseAlarms >= 5);
});

test('five false positives by keyboard; the proposal moves', async () => {
  const { proposal } = await shownDataset(view);
  await choose(view, 'verdict', 'False alarms');
  await press('Home');
  for (let count = 1; count <= 5; count++) {
    await press('f');
    await becomes(view, `${count} labelled`, ({ labelled }) => labelled === count);
  }
  assert.equal((await labelsOnDisk()).size, 5);
  const now = await becomes(view, 'another proposal', (shown) => shown.proposal !== proposal);
  assert.ok(now.proposal > proposal, `${now.proposal} is above ${proposal}`);
  assert.match((await part(view, 'effect').textContent())!, /on \d+ labelled images/);
  await code.screenshot('4-proposal');
});

for (const kind of ['Best F1', 'False-alarm rate'])
  test(`the proposal by "${kind}" is applied to settings.json, does what it promised, and is undone`, async () => {
    await choose(view, 'proposalKind', kind);
    const { proposal, promisedFalseAlarms, promisedMisses } = await shownDataset(view);
    await part(view, 'apply').click();
    await pick(code, 'Workspace folder settings');
    const saved = await until('the threshold in settings.json', () => folderSetting('nferd.threshold.image'));
    assert.ok(Math.abs(Number(saved) - proposal) < 1e-4, `${String(saved)} is ${proposal}`);
    const shown = await becomes(view, 'the threshold of the settings', (now) => now.saved === Number(saved));
    assert.deepEqual([shown.falseAlarms, shown.misses], [promisedFalseAlarms, promisedMisses]);
    await code.screenshot(`5-applied-${kind}`);
    await part(view, 'undoThreshold').click();
    await until('the setting to go', async () => (await folderSetting('nferd.threshold.image')) === undefined);
    await becomes(view, 'the calibrated threshold', (now) => now.saved !== Number(saved));
  });

test('labels are undone and redone', async () => {
  await press('ControlOrMeta+z');
  await press('ControlOrMeta+z');
  await becomes(view, 'three labels', ({ labelled }) => labelled === 3);
  assert.equal((await labelsOnDisk()).size, 3);
  await press('ControlOrMeta+Shift+z');
  await press('ControlOrMeta+Shift+z');
  await becomes(view, 'five labels', ({ labelled }) => labelled === 5);
  assert.equal((await labelsOnDisk()).size, 5);
});

test('exported and imported again, labels are the same', async () => {
  const before = await labelsOnDisk();
  exported = path.join(prepared.folder, 'labels.csv');
  await part(view, 'export').click();
  await pick(code, 'CSV');
  await answerFileDialog(code, exported);
  await until('the file', async () => existsSync(exported));
  for (let count = 4; count >= 0; count--) {
    await press('ControlOrMeta+z');
    await becomes(view, `${count} labels`, ({ labelled }) => labelled === count);
  }
  await part(view, 'import').click();
  await pick(code, 'CSV');
  await answerFileDialog(code, exported);
  await becomes(view, 'five labels', ({ labelled }) => labelled >= 5);
  const now = await labelsOnDisk();
  for (const [image, label] of before) assert.equal(now.get(image), label, image);
  await code.screenshot('6-imported');
});

test('a taught detector is compared, outlives a hidden tab, and is discarded', async () => {
  await choose(view, 'verdict', 'Anomalous');
  await becomes(view, 'an anomalous image', ({ shown }) => shown > 0);
  await press('Home');
  await part(view, 'teach').click();
  await pick(code, 'Flagged regions');
  await part(view, 'accept').waitFor({ timeout: patience(patienceMs) });
  await code.screenshot('7-taught');
  await code.runCommand('View: Keep Editor');
  await code.runCommand('File: New Untitled Text File');
  await until('the view to be hidden', async () => view.isDetached());
  await code.runCommand('View: Close Editor');
  view = await datasetView(code);
  await part(view, 'accept').waitFor({ timeout: patience(patienceMs) });
  await part(view, 'discard').click();
  await part(view, 'comparison').waitFor({ state: 'hidden' });
});

test('what it looks like', async () => {
  await choose(view, 'verdict', 'Any verdict');
  await part(view, 'tab-map').click();
  await view.waitForTimeout(3000);
  await code.screenshot('8-map');
  await part(view, 'tab-metrics').click();
  for (const theme of ['Default Dark Modern', 'Default High Contrast', 'Default High Contrast Light']) {
    await code.editSettings({ 'workbench.colorTheme': theme });
    await view.waitForTimeout(1000);
    await code.screenshot(`8-${theme}`);
  }
  await code.editSettings({ 'workbench.colorTheme': 'Default Light Modern' });
});

test('killed in the middle of labelling, every label made before is there', async () => {
  await choose(view, 'verdict', 'Any verdict');
  await press('Home');
  for (const key of ['u', 'x', 'a', 'u', 'n', 'x']) await press(key);
  const shown = (await shownDataset(view)).labelled;
  const engine = await enginePid(code);
  const host = Number((await readFile(`/proc/${engine}/stat`, 'utf8')).split(') ')[1]!.split(' ')[1]);
  process.kill(host, 'SIGKILL');
  process.kill(engine, 'SIGKILL');
  const onDisk = await labelsOnDisk();
  assert.ok(onDisk.size >= shown, `${onDisk.size} on disk, ${shown} shown`);
  await code.page.reload();
  view = await datasetView(code);
  await becomes(view, 'the labels', (again) => again.labelled === onDisk.size);
  await code.screenshot('9-after-kill');
});
