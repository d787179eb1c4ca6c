import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test as nodeTest } from 'node:test';
import type { Locator } from 'playwright-core';
import { reveal } from './driver/explorer.ts';
import { patience, until } from './driver/until.ts';
import type { VsCode } from './driver/vscode.ts';
import { detectAnomalies, part, patienceMs, pick, viewOf } from './suite/anomalyView.ts';
import { enginePids } from './suite/engine.ts';
import { prepare, train, type Prepared } from './suite/prepare.ts';

const stain = (number: number): string => `flange/test/stain/00${number}.jpg`;

let prepared: Prepared;
let code: VsCode;
let second: VsCode;

const detectors = (folder: string, name = ''): string => path.join(prepared.folder, folder, '.nferd/detectors', name);

/**
 * Two workspace folders: `flange` with a setting of its own and two detectors, `parts` with one.
 */
async function twoFolders(folder: string): Promise<string> {
  const place = (part: string, name: string): string => path.join(folder, part, '.nferd/detectors', name);
  await train(folder, place('flange', 'first'));
  await mkdir(path.join(folder, 'parts/good'), { recursive: true });
  for (const to of [place('flange', 'chosen'), place('parts', 'own')]) {
    await cp(place('flange', 'first'), to, { recursive: true });
  }
  // The newest would be the one that nothing names.
  await rm(place('flange', 'first'), { recursive: true });
  await cp(place('flange', 'chosen'), place('flange', 'first'), { recursive: true });
  await mkdir(path.join(folder, 'flange/.vscode'));
  await writeFile(path.join(folder, 'flange/.vscode/settings.json'), JSON.stringify({ 'nferd.detector': 'chosen' }));
  const normal = path.join(folder, 'flange/train/good');
  for (const name of (await readdir(normal)).slice(0, 6)) {
    await copyFile(path.join(normal, name), path.join(folder, 'parts/good', name));
  }
  await copyFile(path.join(folder, stain(2)), path.join(folder, 'parts/doubtful.jpg'));
  const file = path.join(folder, 'both.code-workspace');
  await writeFile(file, JSON.stringify({ folders: [{ path: 'flange' }, { path: 'parts' }] }));
  return file;
}

before(async () => {
  prepared = await prepare({
    name: 'around',
    settings: {
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.banner': 'never',
      'workbench.editor.useModal': 'off',
    },
    before: twoFolders,
  });
  code = prepared.code;
});

after(() => prepared?.dispose());

/** A test that leaves a picture of what was on screen when it failed. */
const test = (name: string, run: () => Promise<void>, skip: string | false = false) =>
  nodeTest(name, { skip }, () =>
    run().catch(async (error: unknown) => {
      await code.screenshot('failure').catch(() => undefined);
      throw error;
    }),
  );

const toast = (text: string | RegExp): Locator => code.page.locator('.notification-toast', { hasText: text });
const statusBar = (window = code): Locator => window.page.locator('[id="nferd.nferd.nferd.detector"]');

test('Restricted Mode: nothing of the workspace is read or run, and the message leads to its trust', async () => {
  await code.openContextMenu(stain(2), 'Detect anomalies');
  await toast('Trust the workspace first.').waitFor({ timeout: patienceMs });
  await statusBar().filter({ hasText: 'restricted' }).waitFor({ timeout: patienceMs });
  await code.screenshot('1-restricted');
  assert.deepEqual(await enginePids(code), []);
  await code.openContextMenu('flange/train/good', 'Train on normal images');
  await until('a second message', async () => (await toast('Trust the workspace first.').count()) > 0);
  assert.deepEqual(await enginePids(code), []);
  await toast('Trust the workspace first.').first().getByRole('button', { name: 'Manage workspace trust' }).click();
  await code.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
  await statusBar()
    .filter({ hasText: /first|own|chosen/ })
    .waitFor({ timeout: patienceMs });
  await code.screenshot('2-trusted');
});

test('each workspace folder has its own detectors and its own choice', async () => {
  const left = await detectAnomalies(code, stain(2));
  assert.match((await part(left, 'detector').textContent())!, /chosen/);
  await statusBar().filter({ hasText: 'chosen' }).waitFor({ timeout: patienceMs });
  const right = await detectAnomalies(code, 'parts/doubtful.jpg');
  assert.match((await part(right, 'detector').textContent())!, /own/);
  await statusBar().filter({ hasText: 'own' }).waitFor({ timeout: patienceMs });
  await code.screenshot('3-two-folders');
});

test('a keyboard shortcut in the Explorer', async () => {
  await (await reveal(code.page, stain(1))).click();
  await code.page.locator('.explorer-folders-view .monaco-list:focus-within').waitFor({ timeout: patienceMs });
  await code.page.keyboard.press('Shift+Alt+D');
  await viewOf(code, stain(1));
});

/** The Explorer's row of an image says that it is anomalous. */
async function mark(window: VsCode, image: string, marked = true): Promise<void> {
  const row = await reveal(window.page, image);
  const state = marked ? 'attached' : 'detached';
  await row.locator('.monaco-icon-label[aria-label*="Anomalous: score"]').waitFor({ state, timeout: patienceMs });
}

test('Explorer marks outlive the window', async () => {
  await mark(code, stain(2));
  await code.screenshot('4-marked');
  await new Promise((resolve) => setTimeout(resolve, 1000)); // written half a second after the last one
  await code.reload();
  await mark(code, stain(2));
  await code.screenshot('5-marked-after-reload');
});

test('two windows on one workspace: marks of one show in the other, and go with the image', async () => {
  second = await code.anotherWindow();
  await mark(second, stain(2));
  await detectAnomalies(second, stain(0));
  await mark(second, stain(0));
  await mark(code, stain(0));
  await copyFile(path.join(prepared.folder, 'flange/test/good/000.jpg'), path.join(prepared.folder, stain(0)));
  await mark(code, stain(0), false);
  await mark(second, stain(0), false);
});

test('a detector trained in one window is known in the other, which does not overwrite it unasked', async () => {
  await second.page.bringToFront();
  await second.openContextMenu('parts/good', 'Train on normal images');
  await pick(second, 'Instant');
  const ready = second.page.locator('.notification-toast', { hasText: 'Detector "parts" is ready.' });
  await ready.waitFor({ timeout: patienceMs });
  await second.page.close();
  await code.page.bringToFront(); // a browser draws nothing behind another window
  const view = await detectAnomalies(code, 'parts/doubtful.jpg');
  assert.match((await part(view, 'detector').textContent())!, /parts/);

  await code.openContextMenu('parts/good', 'Train on normal images');
  await pick(code, 'Instant');
  const dialog = code.page.locator('.monaco-dialog-box', { hasText: 'There is a detector "parts" already.' });
  await dialog.waitFor({ timeout: patienceMs });
  await code.screenshot('6-name-taken');
  await dialog.getByRole('button', { name: 'Keep it, train "parts-2"' }).click();
  await toast('Detector "parts-2" is ready.').waitFor({ timeout: patienceMs });
  assert.deepEqual((await readdir(detectors('parts'))).sort(), ['own', 'parts', 'parts-2']);
});

test('a training is stopped in its notification, says what is kept, and goes on from there', async () => {
  await code.openContextMenu('flange/train/good', 'Train on normal images');
  await pick(code, 'Distilled');
  const training = toast('Training "flange-distilled"');
  const step = async (): Promise<number | undefined> => {
    const found = /Training: (\d+) \/ [\d.]+.*loss/.exec(
      (await training.textContent({ timeout: patience(1_000) })) ?? '',
    );
    return found ? Number(found[1]) : undefined;
  };
  const reached = await until('the third step', async () => ((await step()) ?? 0) >= 3 && step(), patienceMs);
  await code.screenshot('7-training');
  await training.getByRole('button', { name: 'Cancel' }).click();
  const stopped = toast('Training "flange-distilled" was stopped. What it learned is kept');
  await stopped.waitFor({ timeout: patienceMs });
  await code.screenshot('8-stopped');
  const checkpoint = path.join(detectors('flange', 'flange-distilled.checkpoint'), 'checkpoint.json');
  const { mtimeMs } = await stat(checkpoint);
  await statusBar().locator('.codicon-sync').waitFor({ state: 'detached', timeout: patienceMs });
  assert.equal((await stat(checkpoint)).mtimeMs, mtimeMs, 'nothing is written after the end');

  await stopped.getByRole('button', { name: 'Go on' }).click();
  const resumed = await until('a step', step, patienceMs);
  assert.ok(resumed > reached!, `goes on at ${resumed}, was stopped after ${reached}`);
  await training.getByRole('button', { name: 'Cancel' }).click();
  await stopped.waitFor({ timeout: patienceMs });
});

test(
  'CUDA on a machine without a GPU: it says why not, and leaves nothing behind',
  async () => {
    await code.runCommand('NFERD: Install CUDA runtime');
    const refusal = toast('there is no NVIDIA GPU, or no driver for it');
    await refusal.waitFor({ timeout: patienceMs });
    assert.match((await refusal.textContent())!, /The processor does the work; nothing is to be done\./);
    assert.equal(await code.page.locator('.monaco-dialog-box').count(), 0, 'nothing is offered');
    await code.screenshot('9-no-gpu');
    assert.ok(!existsSync(path.resolve(code.settingsFile, '../globalStorage/nferd.nferd/cuda')));
    await code.runCommand('NFERD: Remove CUDA runtime');
    await toast('There was no CUDA runtime to remove.').waitFor({ timeout: patienceMs });
  },
  existsSync('/proc/driver/nvidia') && 'there is a GPU',
);
