/**
 * The README's pictures, taken from the real thing: the packaged extension in a real VS Code, on
 * the demo set (npm run pictures). Writes media/readme/NAME.png; `npm run pictures -- why` takes
 * only those named.
 */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { VsCode } from '../test/e2e/driver/vscode.ts';
import { clickPixel, detectAnomalies, part, patienceMs, shown, showWhy } from '../test/e2e/suite/anomalyView.ts';
import { datasetView } from '../test/e2e/suite/datasetView.ts';
import { detectorFolder, prepare, train } from '../test/e2e/suite/prepare.ts';

const folder = path.resolve(import.meta.dirname, '../media/readme');
const image = 'flange/test/stain/002.jpg';
const side = 320;

/** Brings what is to be seen on screen. Each starts where the one before left the window. */
const shots: Readonly<Record<string, (code: VsCode) => Promise<unknown>>> = {
  async heatmap(code) {
    await detectAnomalies(code, 'flange/test/scratch/001.jpg');
    await detectAnomalies(code, image);
    const marks = code.page.locator('.explorer-folders-view .monaco-icon-label[aria-label*="Anomalous: score"]');
    await marks.nth(1).waitFor({ timeout: patienceMs });
  },
  async why(code) {
    const view = await detectAnomalies(code, image);
    await clickPixel(view, (await shown(view)).hot, side);
    await part(view, 'neighbour').first().waitFor({ timeout: patienceMs });
    await showWhy(view);
  },
  async dataset(code) {
    await code.openContextMenu('flange', 'Inspect dataset');
    const view = await datasetView(code);
    const loaded = { timeout: patienceMs };
    await part(view, 'metrics').locator('tbody tr').nth(1).waitFor(loaded);
    await view.locator('.cell:not(.loading)').first().waitFor(loaded);
    await code.runCommand('View: Toggle Primary Side Bar Visibility');
    await view.waitForTimeout(1000); // the grid in its new width
  },
};

/** 256 colours do for a screen and are a third of the bytes. */
async function write(name: string, picture: string): Promise<void> {
  const file = path.join(folder, `${name}.png`);
  await sharp(picture).png({ palette: true, quality: 92, effort: 10, compressionLevel: 9 }).toFile(file);
  process.stdout.write(`${path.relative(process.cwd(), file)}  ${Math.round((await stat(file)).size / 1024)} KB\n`);
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(shots, name));
if (unknown) throw new Error(`${unknown}: no such picture. Known: ${Object.keys(shots).join(', ')}.`);
await mkdir(folder, { recursive: true });
const { code, dispose } = await prepare({
  name: 'pictures',
  before: (place) => train(place, detectorFolder(place, 'flange')),
});
try {
  for (const [name, show] of Object.entries(shots)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    await show(code);
    await code.page.mouse.move(640, 795); // no hover in the picture
    await write(name, await code.screenshot(name));
  }
} finally {
  await dispose();
}
