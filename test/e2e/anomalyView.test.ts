import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import type { Frame } from 'playwright-core';
import sharp from 'sharp';
import { until } from './driver/until.ts';
import type { VsCode } from './driver/vscode.ts';
import {
  clickPixel,
  detectAnomalies,
  part,
  patienceMs,
  pick,
  runAndPick,
  shown,
  tabTo,
  verdictBecomes,
  viewOf,
} from './suite/anomalyView.ts';
import { enginePid } from './suite/engine.ts';
import { readMask, type Mask } from './suite/mask.ts';
import { detectorFolder, prepare, train, type Prepared } from './suite/prepare.ts';
import { steps } from './suite/steps.ts';

/** Pixels that the hottest spot may lie beside the mask: half a position of the coarsest stage. */
const tolerance = 10;
/** The largest stain: nobody would overlook it. */
const defect = 'stain/002';
const image = `flange/test/${defect}.jpg`;

let prepared: Prepared;
let code: VsCode;
let mask: Mask;
let view: Frame;
let away: string;
/** A detector with attention, trained while the first tests run. */
let distilled: Promise<string>;

before(async () => {
  away = await mkdtemp(path.join(tmpdir(), 'nferd-distilled-'));
  prepared = await prepare({
    name: 'anomalyView',
    before: async (folder) => {
      mask = await readMask(folder, defect);
      const out = path.join(away, 'distilled');
      distilled = train(folder, out, '--mode', 'distilled', '--steps', '2', '--threads', '1').then(() => out);
      distilled.catch(() => undefined); // told where it is awaited
    },
  });
  code = prepared.code;
});

after(async () => {
  await distilled?.catch(() => undefined);
  await prepared?.dispose();
  await rm(away, { recursive: true, force: true });
});

const test = steps(() => code);

test('without a detector, the offer trains one in instant mode and goes on', async () => {
  await code.openContextMenu(image, 'Detect anomalies');
  const dialog = code.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'Train one on the 16 images in "flange/train/good"?' }).waitFor();
  await code.screenshot('1-offer');
  await dialog.getByRole('button', { name: 'Train', exact: true }).click();
  await code.page.locator('.notification-toast', { hasText: 'Training "flange"' }).waitFor();
  await code.screenshot('2-training');
  view = await viewOf(code, image);
  assert.ok(await readFile(path.join(detectorFolder(prepared.folder, 'flange'), 'detector.json')));
});

test('score and verdict in words; the hottest spot lies in the defect', async () => {
  const { score, threshold, verdict, hot, layer } = await shown(view);
  await code.screenshot('3-detected');
  assert.ok(score > threshold, `${score} > ${threshold}`);
  assert.equal(verdict, 'anomalous');
  assert.equal(layer, 'map');
  assert.match((await part(view, 'verdict').textContent()) ?? '', /Anomalous/);
  assert.ok(Math.abs(Number(await part(view, 'score').textContent()) - score) < 0.01);
  assert.ok(mask.area > 300, 'a clear defect');
  assert.ok(
    mask.distanceTo(hot) <= tolerance,
    `${JSON.stringify(hot)} is ${mask.distanceTo(hot)} px beside the defect`,
  );
});

test('a normal image is normal, Explorer marks the other', async () => {
  const normal = await detectAnomalies(code, 'flange/test/good/001.jpg');
  await code.screenshot('4-normal');
  assert.equal((await shown(normal)).verdict, 'normal');
  assert.match((await part(normal, 'verdict').textContent()) ?? '', /Normal/);
  view = await detectAnomalies(code, image);
});

test('why: a click and arrow keys show the nearest normal patches', async () => {
  const { hot } = await shown(view);
  await clickPixel(view, hot, mask.width);
  await part(view, 'neighbour').first().waitFor({ timeout: patienceMs });
  const clicked = (await part(view, 'place').textContent())!;
  const [x, y] = /At (\d+), (\d+)/.exec(clicked)!.slice(1).map(Number);
  assert.ok(Math.hypot(x! - hot.x, y! - hot.y) < 4, `${clicked}, clicked ${JSON.stringify(hot)}`);
  const labels = await part(view, 'neighbour').evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
  assert.ok(labels.length >= 10, `${labels.length} neighbours`);
  for (const label of labels) assert.match(label!, /similarity [\d.]+, \d{3}\.jpg at \d+, \d+/);
  await code.screenshot('5-neighbours');

  await part(view, 'canvas').press('Shift+ArrowDown');
  await until('another place', async () => (await part(view, 'place').textContent()) !== clicked);
  await part(view, 'canvas').press('Home');
  await until('the hottest spot', async () =>
    (await part(view, 'place').textContent())?.startsWith(`At ${hot.x}, ${hot.y}:`),
  );
});

test('a neighbour opens its image', async () => {
  await part(view, 'neighbour').first().click();
  const tab = code.page.locator('.editor-group-container').nth(1).locator('.tab.active');
  await tab.filter({ hasText: /\d{3}\.jpg/ }).waitFor();
  await code.screenshot('6-neighbour-opened');
  await tab.click();
  await code.runCommand('View: Close All Editors in Group');
  await tab.waitFor({ state: 'detached' });
});

test('regions: the list follows the pixel threshold; Enter zooms to one, outlines it and asks about it', async () => {
  view = await detectAnomalies(code, image);
  const { hot } = await shown(view);
  const items = view.locator('[data-testid^="region-"]');
  const counted = (count: number) => view.locator(`#app[data-regions="${count}"]`).waitFor({ timeout: patienceMs });
  const count = await items.count();
  assert.ok(count > 0);
  await counted(count);
  await part(view, 'boxes').check();
  await code.screenshot('6-regions');
  await part(view, 'canvas').click();
  await tabTo(code, view, 'region-1');
  await code.page.keyboard.press('Enter');
  assert.equal(await part(view, 'region-1').getAttribute('aria-pressed'), 'true');
  await until('the first region has the hottest spot', async () =>
    (await part(view, 'place').textContent())?.startsWith(`At ${hot.x}, ${hot.y}:`),
  );
  await code.screenshot('6-region-chosen');
  await part(view, 'threshold-pixel').press('End');
  await counted(0);
  assert.equal(await items.count(), 0);
  await part(view, 'undo').click();
  await counted(count);
  const quiet = { 'nferd.threshold.image': 900, 'nferd.rules.mostRegions': 0 };
  await code.editSettings(quiet);
  await part(view, 'breaches')
    .filter({ hasText: `${count} region` })
    .waitFor({ timeout: patienceMs });
  assert.equal((await verdictBecomes(view, 'anomalous')).threshold, 900);
  await code.screenshot('6-rule-broken');
  await code.editSettings({ ...quiet, 'nferd.rules.smallestArea': 1e9 });
  await verdictBecomes(view, 'normal');
  await code.screenshot('6-too-small');
  await code.editSettings({
    'nferd.threshold.image': undefined,
    'nferd.rules.mostRegions': undefined,
    'nferd.rules.smallestArea': undefined,
  });
  await verdictBecomes(view, 'anomalous');
  await part(view, 'boxes').uncheck();
  await part(view, 'canvas').press('0');
});

test('the threshold slider by keyboard, saved to settings.json', async () => {
  view = await detectAnomalies(code, image);
  const { score } = await shown(view);
  await part(view, 'canvas').click();
  await tabTo(code, view, 'threshold-image');
  await code.page.keyboard.press('End');
  await verdictBecomes(view, 'normal');
  await code.page.keyboard.press('ArrowLeft');
  await code.page.keyboard.press('ArrowLeft');
  const { threshold } = await shown(view);
  assert.ok(threshold > score);
  await code.screenshot('7-threshold-moved');
  await tabTo(code, view, 'save');
  await code.page.keyboard.press('Enter');
  await pick(code, 'User settings');
  const saved = await until('the threshold in settings.json', async () => userSetting('nferd.threshold.image'));
  assert.ok(Math.abs(Number(saved) - threshold) < 1e-6, `${String(saved)} is ${threshold}`);
  await until('the threshold from the settings', async () => await part(view, 'save').isDisabled());
  assert.equal((await verdictBecomes(view, 'normal')).threshold, threshold);
  await code.screenshot('8-threshold-saved');
});

test('settings.json by hand: the verdict flips, nonsense is warned of', async () => {
  await code.editSettings({ 'nferd.threshold.image': 0.05 });
  assert.equal((await verdictBecomes(view, 'anomalous')).threshold, 0.05);
  await code.screenshot('9-settings-by-hand');
  await code.editSettings({ 'nferd.threshold.image': 900 });
  assert.equal((await verdictBecomes(view, 'normal')).threshold, 900);
  await code.editSettings({ 'nferd.threshold.image': 'high' });
  const { threshold } = await verdictBecomes(view, 'anomalous');
  assert.ok(threshold > 0.05 && threshold < 900, 'the calibrated one');
  assert.match((await part(view, 'warnings').textContent())!, /nferd\.threshold\.image: must be .* not "high"/);
  await code.screenshot('10-settings-nonsense');
  await code.editSettings({ 'nferd.threshold.image': undefined });
  await part(view, 'warnings').waitFor({ state: 'hidden' });
});

test('the workspace folder has settings of its own', async () => {
  const file = path.join(prepared.folder, '.vscode/settings.json');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ 'nferd.threshold.image': 800 }));
  await verdictBecomes(view, 'normal');
  await writeFile(file, '{}');
  await verdictBecomes(view, 'anomalous');
});

test('a distilled detector shows what it attends to', async () => {
  const folder = detectorFolder(prepared.folder, 'flange-distilled');
  await rename(await distilled, folder).catch(async (error: unknown) => {
    throw new Error('no distilled detector', { cause: error });
  });
  await runAndPick(code, 'NFERD: Select detector', 'flange-distilled');
  await view.locator('[data-testid=detector]', { hasText: 'distilled' }).waitFor({ timeout: patienceMs });
  const { hot, verdict } = await shown(view);
  assert.equal(verdict, 'anomalous');
  assert.ok(mask.distanceTo(hot) <= tolerance, JSON.stringify(hot));
  await part(view, 'channels').first().waitFor();
  const attention = view.locator('[data-testid^="layer-attention:"]');
  await attention.first().waitFor();
  await attention.first().check();
  await view.locator('#app[data-layer^="attention:"]').waitFor();
  assert.match((await part(view, 'legend').textContent())!, /attention/);
  await clickPixel(view, hot, mask.width);
  await part(view, 'neighbour').first().waitFor({ timeout: patienceMs });
  await code.screenshot('11-attention');
  await part(view, 'layer-map').check();
});

test('several images at once', async () => {
  const images = ['000', '001', '002'].map((name) => `flange/test/stain/${name}.jpg`);
  await code.openContextMenu(images, 'Detect anomalies');
  await code.page
    .locator('.notification-toast', { hasText: /\d of 3 images are anomalous/ })
    .waitFor({ timeout: patienceMs });
  await code.screenshot('12-several');
});

test('an image that changes, disappears and comes back while it is open', async () => {
  const name = 'flange/test/good/000.jpg';
  const [file, defective] = [path.join(prepared.folder, name), path.join(prepared.folder, image)];
  const original = await readFile(file);
  view = await detectAnomalies(code, name);
  assert.equal((await shown(view)).verdict, 'normal');
  await writeFile(file, await readFile(defective));
  await verdictBecomes(view, 'anomalous');
  await rm(file);
  view = await viewOf(code, name, 'failed');
  assert.match((await part(view, 'message').textContent())!, /000\.jpg was deleted or moved/);
  await code.screenshot('15-image-gone');
  await writeFile(file, original);
  view = await viewOf(code, name);
  await verdictBecomes(view, 'normal');
});

test(
  'the detector deleted under an open view: a message with buttons; it goes on when one is there ' + 'again',
  async () => {
    view = await detectAnomalies(code, image);
    const [detectors, elsewhere] = [path.join(prepared.folder, '.nferd/detectors'), path.join(away, 'detectors')];
    await rename(detectors, elsewhere).catch(() =>
      cp(detectors, elsewhere, { recursive: true }).then(() => rm(detectors, { recursive: true })),
    );
    view = await viewOf(code, image, 'failed');
    await part(view, 'act-selectDetector').waitFor();
    await code.screenshot('16-detector-gone');
    await cp(elsewhere, detectors, { recursive: true });
    view = await viewOf(code, image);
  },
);

test('hidden and shown again, moved to another group, and twice at once: each view keeps what it shows', async () => {
  view = await detectAnomalies(code, image);
  await part(view, 'canvas').press('Home');
  await part(view, 'neighbour').first().waitFor({ timeout: patienceMs });
  const place = await part(view, 'place').textContent();
  const samePlace = async (): Promise<void> => {
    view = await viewOf(code, image);
    await until('the place', async () => (await part(view, 'place').textContent()) === place);
    await part(view, 'neighbour').first().waitFor({ timeout: patienceMs });
  };
  await code.runCommand('View: Keep Editor');
  await code.runCommand('File: New Untitled Text File');
  await code.runCommand('View: Close Editor');
  await samePlace();
  await code.runCommand('View: Move Editor into Right Group');
  await samePlace();
  await code.runCommand('View: Split Editor');
  await until('two views', async () => (await visibleViews(code, image)) === 2);
  await code.screenshot('17-two-views');
  await code.runCommand('View: Close All Editors');
});

test(
  'label keys, a defect type, and the mask: brush, undo, region, save; all are there when the view ' +
    'is opened again',
  async () => {
    const file = path.join(prepared.folder, '.nferd/labels.jsonl');
    const lastLine = async () =>
      JSON.parse((await readFile(file, 'utf8')).trim().split('\n').at(-1)!) as {
        image: string;
        label: string;
        defectType?: string;
        mask?: string;
      };
    view = await detectAnomalies(code, image);
    await part(view, 'label-unsure').waitFor();
    const canvas = part(view, 'canvas');
    await canvas.press('u');
    await view.locator('[data-testid=label-unsure][aria-pressed=true]').waitFor();
    assert.equal((await lastLine()).label, 'unsure');

    await canvas.press('Shift+A');
    const typed = code.page.locator('.quick-input-widget input[type=text]');
    await typed.fill('oil stain');
    await code.screenshot('18-defect-type');
    await typed.press('Enter');
    await part(view, 'defect-type').filter({ hasText: 'oil stain' }).waitFor();
    await view.locator('[data-testid=label-anomalous][aria-pressed=true]').waitFor();
    assert.equal((await lastLine()).defectType, 'oil stain');
    await part(view, 'defect-type').click();
    await pick(code, 'No defect type');
    await part(view, 'defect-type').filter({ hasText: 'Defect type…' }).waitFor();
    assert.equal((await lastLine()).defectType, undefined);

    await canvas.press('k');
    await part(view, 'mask-bar').waitFor();
    const { x, y, width, height } = (await canvas.boundingBox())!;
    await code.page.mouse.move(x + width / 2 - 60, y + height / 2);
    await code.page.mouse.down();
    await code.page.mouse.move(x + width / 2 + 60, y + height / 2, { steps: 6 });
    await code.page.mouse.up();
    await view.locator('[data-testid=mask-undo]:enabled').waitFor();
    await canvas.press('Control+z');
    await view.locator('[data-testid=mask-undo]:disabled').waitFor();
    await canvas.press('t');
    await code.screenshot('18-mask');
    await canvas.press('Control+s');
    await view.locator('[data-testid=mask-save]:disabled').waitFor();
    await view.locator('[data-testid=label-anomalous][aria-pressed=true]').waitFor();
    const { image: labelled, label, mask: saved } = await lastLine();
    assert.deepEqual([labelled, label], [image, 'anomalous']);
    const { data } = await sharp(path.join(prepared.folder, saved!))
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { hot } = await shown(view);
    assert.equal(data[hot.y * mask.width + hot.x], 255, 'the hottest spot is in the mask');

    await canvas.press('?');
    await part(view, 'keys').waitFor();
    await code.screenshot('19-keys');
    await code.page.keyboard.press('Escape');
    await code.runCommand('View: Close All Editors');
    view = await detectAnomalies(code, image);
    await view.locator('[data-testid=label-anomalous][aria-pressed=true]').waitFor();
    await part(view, 'canvas').press('k');
    await part(view, 'mask-clear').click();
    await part(view, 'mask-note').filter({ hasText: 'Not saved yet' }).waitFor();
  },
);

test('a mask that was not saved comes back after its window was killed, and goes when it is undone', async () => {
  const other = 'flange/test/stain/001.jpg';
  const drafts = path.resolve(code.settingsFile, '../globalStorage/nferd.nferd/maskDrafts');
  const kept = (): Promise<string[]> => readdir(drafts).catch(() => []);
  await code.runCommand('View: Close All Editors');
  await until('no draft of before', async () => (await kept()).length === 0);
  view = await detectAnomalies(code, other);
  await part(view, 'canvas').press('k');
  await part(view, 'mask-bar').waitFor();
  await part(view, 'canvas').press('t');
  await part(view, 'mask-note').filter({ hasText: 'Not saved yet' }).waitFor();
  await until('a draft', async () => (await kept()).some((name) => name.endsWith('.json')));
  process.kill(await parentOf(await enginePid(code)), 'SIGKILL');
  await code.reload();
  view = await detectAnomalies(code, other);
  await part(view, 'mask-note').filter({ hasText: 'Not saved yet' }).waitFor({ timeout: patienceMs });
  await code.screenshot('20-mask-came-back');
  await part(view, 'mask-undo').click();
  await until('no draft', async () => (await kept()).length === 0);
});

test('the engine killed mid-request, 20 times in a row', async () => {
  const name = (index: number): string => `flange/train/good/${String(index % 16).padStart(3, '0')}.jpg`;
  view = await detectAnomalies(code, name(0));
  for (let round = 1; round <= 20; round++) {
    const pid = await enginePid(code);
    process.kill(pid, 'SIGSTOP'); // it can't answer what comes now
    await part(view, 'next').click();
    await viewOf(code, name(round), 'busy');
    process.kill(pid, 'SIGKILL');
    const failed = await viewOf(code, name(round), 'failed');
    assert.match(
      (await part(failed, 'message').textContent())!,
      /The engine stopped unexpectedly \(SIGKILL\)\. Try again/,
    );
    if (round === 1) await code.screenshot('13-engine-killed');
    await part(failed, 'act-retry').click();
    view = await viewOf(code, name(round));
    assert.ok(Number.isFinite((await shown(view)).score), `round ${round}`);
    assert.notEqual(await enginePid(code), pid);
  }
  await code.screenshot('14-engine-works');
});

/** The extension host. (Linux.) */
async function parentOf(engine: number): Promise<number> {
  const status = await readFile(`/proc/${engine}/status`, 'utf8');
  return Number(/^PPid:\s*(\d+)$/m.exec(status)![1]);
}

/** Views of an image that are on screen. */
async function visibleViews({ page }: VsCode, name: string): Promise<number> {
  const shownIn = await Promise.all(
    page.frames().map(async (frame) => {
      const app = frame.locator(`#app[data-image$=${JSON.stringify(name)}][data-state=done]`);
      return (
        (await app.isVisible().catch(() => false)) &&
        frame.evaluate(() => document.visibilityState === 'visible' && innerWidth > 0)
      );
    }),
  );
  return shownIn.filter(Boolean).length;
}

async function userSetting(id: string): Promise<unknown> {
  return (JSON.parse(await readFile(code.settingsFile, 'utf8')) as Record<string, unknown>)[id];
}
