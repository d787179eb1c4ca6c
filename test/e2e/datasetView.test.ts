import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before } from 'node:test';
import type { Frame } from 'playwright-core';
import { until } from './driver/until.ts';
import type { VsCode } from './driver/vscode.ts';
import { part, patienceMs, pick, viewOf } from './suite/anomalyView.ts';
import { answerFileDialog, becomes, choose, datasetView, dragAlong, shownDataset } from './suite/datasetView.ts';
import { acceptedStains, drawParts } from './suite/drawnParts.ts';
import { enginePid } from './suite/engine.ts';
import { detectorFolder, prepare, trainOn, type Prepared } from './suite/prepare.ts';
import { steps } from './suite/steps.ts';

let prepared: Prepared;
let code: VsCode;
let view: Frame;
let set: string;
let exported: string;

before(async () => {
  prepared = await prepare({
    name: 'datasetView',
    draw: drawParts,
    async before(folder) {
      set = path.join(folder, 'parts');
      await rename(path.join(folder, 'flange'), set);
      // To compare with: half of the normal images lie above its threshold. The newest is the one
      // in use.
      await trainOn(set, detectorFolder(folder, 'careless'), '--size', '128', '--false-alarm-rate', '0.5');
      await trainOn(set, detectorFolder(folder, 'parts'));
    },
  });
  code = prepared.code;
});

after(() => prepared?.dispose());

const test = steps(() => code);

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
  await part(view, 'metrics').locator('tbody tr').nth(1).waitFor({ timeout: patienceMs });
  await view.locator('.cell:not(.loading)').first().waitFor({ timeout: patienceMs });
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

test('brushing the histogram filters by a range of scores; a click takes it back', async () => {
  const { images } = await shownDataset(view);
  const chart = part(view, 'histogram').locator('svg');
  await dragAlong(code, chart, [
    [0.97, 0.5],
    [0.7, 0.5],
  ]);
  const { shown } = await becomes(view, 'fewer images', (now) => now.shown > 0 && now.shown < images);
  const [low, high] = [part(view, 'low'), part(view, 'high')].map((field) => field.locator('input'));
  const range = [Number(await low!.inputValue()), Number(await high!.inputValue())] as const;
  const scores = (await view.locator('.cell:visible .score').allTextContents()).map(Number);
  assert.ok(scores.length > 0 && scores.length <= shown + 2);
  // What is shown of a score is rounded.
  for (const score of scores) assert.ok(score >= range[0] - 0.01 && score <= range[1] + 0.01, `${score} in ${range}`);
  await code.screenshot('2-brushed');
  await chart.click({ position: { x: 20, y: 60 } });
  await becomes(view, 'all images', (now) => now.shown === images);
});

test('a lasso on the similarity map selects images, by mouse and by keyboard', async () => {
  const { images, selected } = await shownDataset(view);
  assert.equal(selected, 0);
  await part(view, 'tab-map').click();
  const map = part(view, 'scatter');
  await map.scrollIntoViewIfNeeded();
  await until('all points', async () => (await map.getAttribute('data-points')) === String(images), patienceMs);
  const around = (right: number) =>
    [
      [0.01, 0.01],
      [right, 0.01],
      [right, 0.99],
      [0.01, 0.99],
      [0.01, 0.02],
    ] as const;
  await dragAlong(code, map, around(0.99));
  await becomes(view, 'all selected', (now) => now.selected === images);
  await dragAlong(code, map, around(0.5));
  const half = await becomes(view, 'some selected', (now) => now.selected > 0 && now.selected < images);
  assert.ok((await view.locator('.cell[aria-selected=true]').count()) > 0, 'the grid shows one of them');
  await code.screenshot('2-lasso');
  await map.press('Escape');
  await dragAlong(code, map, [[0.002, 0.002]]);
  await becomes(view, 'none selected', (now) => now.selected === 0);
  for (let count = 0; count < 8; count++) await map.press('+');
  await map.press('Enter');
  const circle = await becomes(view, 'those in the circle', (now) => now.selected > 0);
  assert.ok(circle.selected !== half.selected || circle.selected < images);
  await part(view, 'tab-metrics').click();
});

test('compared with another detector: the images that change their verdict, side by side', async () => {
  const { images } = await shownDataset(view);
  await part(view, 'tab-compare').click();
  await part(view, 'compare').click();
  const bar = part(view, 'comparison');
  await bar.waitFor({ timeout: patienceMs });
  const changed = Number(await bar.getAttribute('data-changed'));
  assert.ok(changed > 0 && changed < images, `${changed} change`);
  await part(view, 'showChanged').click();
  await becomes(view, 'those that change', ({ shown }) => shown === changed);
  await view.locator('.cell:visible:not(.loading)').first().waitFor();
  const cells = await view.locator('.cell:visible').evaluateAll((all) =>
    all.map((cell) => ({
      mine: cell.querySelector('.score')!.classList.contains('anomalous'),
      theirs: cell.querySelector('.other')!.classList.contains('anomalous'),
      panes: cell.querySelector('canvas')!.width / cell.querySelector('canvas')!.height,
    })),
  );
  assert.ok(cells.length > 0);
  for (const { mine, theirs, panes } of cells) assert.deepEqual([mine !== theirs, panes], [true, 2]);
  await code.screenshot('2-compared');
  await part(view, 'endComparison').click();
  await bar.waitFor({ state: 'hidden' });
  await becomes(view, 'all images', ({ shown }) => shown === images);
  await part(view, 'tab-metrics').click();
});

test('dragging the threshold moves the counts', async () => {
  const before = await shownDataset(view);
  await part(view, 'threshold').scrollIntoViewIfNeeded();
  const box = (await part(view, 'threshold').boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await code.page.mouse.move(x, y);
  await code.page.mouse.down();
  await code.page.mouse.move(x - 12, y, { steps: 4 });
  const dragged = await becomes(view, 'a lower threshold', ({ threshold }) => threshold < before.threshold);
  assert.ok(dragged.falseAlarms >= before.falseAlarms && dragged.misses <= before.misses);
  // To the left edge: every image is flagged.
  const chart = (await part(view, 'histogram').boundingBox())!;
  await code.page.mouse.move(chart.x + 1, y, { steps: 4 });
  await becomes(view, 'no misses', ({ misses, falseAlarms }) => misses === 0 && falseAlarms > before.falseAlarms);
  await code.page.mouse.up();
  await code.screenshot('3-dragged');
  await part(view, 'threshold').press('ArrowRight');
  await part(view, 'threshold').press('ArrowLeft');
  assert.ok((await shownDataset(view)).falseAlarms >= acceptedStains);
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

for (const [kind, id] of [
  ['Best F1', 'bestF1'],
  ['False-alarm rate', 'conformal'],
] as const)
  test(`the proposal by "${kind}" is applied to settings.json, does what it promised, and is undone`, async () => {
    await choose(view, 'proposalKind', kind);
    // The view paints once a frame.
    const chosen = await becomes(view, 'that proposal', ({ proposalKind }) => proposalKind === id);
    const { proposal, promisedFalseAlarms, promisedMisses } = chosen;
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
  assert.deepEqual([...now], [...before]);
  await code.screenshot('6-imported');
});

test('an import is undone and redone as one step', async () => {
  const before = await labelsOnDisk();
  await press('ControlOrMeta+z');
  await becomes(view, 'no labels', ({ labelled }) => labelled === 0);
  assert.equal((await labelsOnDisk()).size, 0);
  await press('ControlOrMeta+Shift+z');
  await becomes(view, 'the labels', ({ labelled }) => labelled === before.size);
  // To VS Code that is undo of typing as well.
  assert.equal(await part(view, 'text').locator('input').inputValue(), '');
  assert.deepEqual([...(await labelsOnDisk())], [...before]);
});

test('a taught detector is compared, outlives a hidden tab, and is discarded', async () => {
  await choose(view, 'verdict', 'Anomalous');
  await becomes(view, 'an anomalous image', ({ shown }) => shown > 0);
  await press('Home');
  await part(view, 'teach').click();
  await pick(code, 'Flagged regions');
  await part(view, 'accept').waitFor({ timeout: patienceMs });
  await code.screenshot('7-taught');
  await code.runCommand('View: Keep Editor');
  await code.runCommand('File: New Untitled Text File');
  await until('the view to be hidden', async () => view.isDetached());
  await code.runCommand('View: Close Editor');
  view = await datasetView(code);
  await part(view, 'accept').waitFor({ timeout: patienceMs });
  await part(view, 'discard').click();
  await part(view, 'comparison').waitFor({ state: 'hidden' });
});

test('a region marked by hand is taught from the anomaly view, and accepted', async () => {
  // Without a mask of the dataset's, which is no part of what is marked.
  await choose(view, 'verdict', 'False alarms');
  await becomes(view, 'a false alarm', ({ focus, shown }) => shown > 0 && (focus === '' || shown < 30));
  await press('Home');
  const { focus } = await shownDataset(view);
  await press('Enter');
  const label = (await labelsOnDisk()).get(focus);
  const image = await viewOf(code, path.basename(focus));
  await part(image, 'canvas').press('k');
  await image.locator('[data-testid=mask-brush][aria-pressed=true]').waitFor();
  await part(image, 'canvas').press('t');
  await part(image, 'canvas').press('Shift+N');
  await part(view, 'accept').waitFor({ timeout: patienceMs });
  await code.screenshot('7-marked');
  await part(view, 'accept').click();
  const detectors = path.join(prepared.folder, '.nferd/detectors');
  const taught = await until('the accepted detector', async () =>
    (await readdir(detectors)).find((name) => name.startsWith('parts-')),
  );
  const text = await readFile(path.join(detectors, taught, 'detector.json'), 'utf8');
  const record = JSON.parse(text) as { readonly name: string; readonly taught: readonly object[] };
  assert.deepEqual([record.name, record.taught.length], [taught, 1]);
  // What was marked as normal is not saved as defective.
  assert.equal((await labelsOnDisk()).get(focus), label);
  await part(view, 'comparison').waitFor({ state: 'hidden' });
  await code.page.keyboard.press('Escape');
  await code.runCommand('View: Close All Editor Groups');
  await code.openContextMenu('parts', 'Inspect dataset');
  view = await datasetView(code);
});

test('labels in a folder below are followed', async () => {
  const { labelled } = await shownDataset(view);
  const [name] = (await readdir(path.join(set, 'test/good'))).sort();
  const folder = path.join(set, 'test/good/.nferd');
  await mkdir(folder);
  await writeFile(path.join(folder, 'labels.jsonl'), `${JSON.stringify({ image: name, label: 'unsure' })}\n`);
  await becomes(view, 'one label more', (now) => now.labelled === labelled + 1);
  await rm(folder, { recursive: true });
  await becomes(view, 'that label gone', (now) => now.labelled === labelled);
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
