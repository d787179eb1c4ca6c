import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Frame } from 'playwright-core';
import type { VsCode } from './driver/vscode.ts';
import { clickPixel, detectAnomalies, part, patienceMs, shown, verdictBecomes, viewOf } from './suite/anomalyView.ts';
import { datasetView } from './suite/datasetView.ts';
import { focused, operable, outlineOfFocus, violationsIn } from './suite/axe.ts';
import { detectorFolder, prepare, train, type Prepared } from './suite/prepare.ts';

const image = 'flange/test/stain/002.jpg';
const side = 320;

/** Setting and the class that VS Code gives the body of a webview. */
const themes = [
  ['Default High Contrast', 'vscode-high-contrast'],
  ['Default High Contrast Light', 'vscode-high-contrast-light'],
  ['Default Dark Modern', 'vscode-dark'],
  ['Default Light Modern', 'vscode-light'],
] as const;

let prepared: Prepared;
let code: VsCode;
let view: Frame;

before(async () => {
  prepared = await prepare({
    name: 'a11y',
    // With attention, so that everything there is can be seen.
    before: (folder) => train(folder, detectorFolder(folder, 'flange'), '--mode', 'distilled', '--steps', '2'),
  });
  code = prepared.code;
  view = await detectAnomalies(code, image);
  await clickPixel(view, (await shown(view)).hot, side);
  await part(view, 'neighbour').first().waitFor({ timeout: patienceMs });
  await part(view, 'boxes').check();
  await part(view, 'region-1').click();
});

after(() => prepared?.dispose());

for (const [theme, bodyClass] of themes) {
  test(`no violation: ${theme}`, async () => {
    await code.editSettings({ 'workbench.colorTheme': theme });
    await view.locator(`body.${bodyClass}`).waitFor();
    await part(view, 'channels').first().waitFor();
    await code.screenshot(bodyClass);
    assert.deepEqual(await violationsIn(view), []);
  });
}

test('no violation: a normal image, side by side', async () => {
  await part(view, 'layout').selectOption('sideBySide');
  await part(view, 'threshold-image').press('End');
  await verdictBecomes(view, 'normal');
  await code.screenshot('normal');
  assert.deepEqual(await violationsIn(view), []);
});

test('no violation: the tools of the mask, and the keys', async () => {
  await part(view, 'canvas').press('k');
  await part(view, 'mask-bar').waitFor();
  await code.screenshot('mask');
  assert.deepEqual(await violationsIn(view), []);
  await part(view, 'canvas').press('?');
  await part(view, 'keys').waitFor();
  await code.screenshot('keys');
  assert.deepEqual(await violationsIn(view), []);
  await code.page.keyboard.press('Escape');
  await part(view, 'keys').waitFor({ state: 'hidden' });
});

test('every control is reached by Tab and shows its focus', async () => {
  const stops = await operable(view);
  assert.ok(stops.length > 20, stops.join());
  const seen = new Set<string>();
  const unmarked: string[] = [];
  await view.locator(`[data-stop="${stops[0]!}"]`).focus();
  for (let at = await focused(view); at !== undefined && !seen.has(at); at = await focused(view)) {
    seen.add(at);
    if ((await outlineOfFocus(view)) === 'none') unmarked.push(at);
    await code.page.keyboard.press('Tab');
  }
  assert.deepEqual(
    stops.filter((stop) => !seen.has(stop)),
    [],
  );
  assert.deepEqual(unmarked, []);
});

test('no violation: a failure and refused settings', async () => {
  await code.editSettings({ 'nferd.threshold.image': 'high', 'nferd.detector': 'lost' });
  view = await viewOf(code, image, 'failed');
  await part(view, 'warnings').waitFor();
  await code.screenshot('failed');
  assert.deepEqual(await violationsIn(view), []);
});

test('no violation: the dataset view, in every theme', async () => {
  await code.editSettings({ 'nferd.threshold.image': undefined, 'nferd.detector': undefined });
  await code.openContextMenu('flange', 'Inspect dataset');
  view = await datasetView(code);
  await part(view, 'metrics').waitFor({ timeout: patienceMs });
  await part(view, 'grid').press('Home');
  await part(view, 'grid').press('a');
  for (const [theme, bodyClass] of themes) {
    await code.editSettings({ 'workbench.colorTheme': theme });
    await view.locator(`body.${bodyClass}`).waitFor();
    await code.screenshot(`dataset-${bodyClass}`);
    assert.deepEqual(await violationsIn(view), [], theme);
  }
});

test('no violation: tabs and dialogs of the dataset view', async () => {
  for (const tab of ['tab-map', 'tab-compare']) {
    await part(view, tab).click();
    await code.screenshot(`dataset-${tab}`);
    assert.deepEqual(await violationsIn(view), [], tab);
  }
  await part(view, 'help').click();
  await code.screenshot('dataset-help');
  assert.deepEqual(await violationsIn(view), []);
});
