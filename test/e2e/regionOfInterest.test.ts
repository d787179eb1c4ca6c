import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before } from 'node:test';
import sharp from 'sharp';
import type { VsCode } from './driver/vscode.ts';
import { clickPixel, detectAnomalies, part, patienceMs, pick, shown } from './suite/anomalyView.ts';
import { readMask, type Mask } from './suite/mask.ts';
import { prepare, type Prepared } from './suite/prepare.ts';
import { steps } from './suite/steps.ts';

const defect = 'stain/002';
/** Of the demo set's images. */
const side = 320;

let prepared: Prepared;
let code: VsCode;
let mask: Mask;
/** Whether a column is looked at: the half without the defect. */
let looksAt: (x: number) => boolean;

before(async () => {
  prepared = await prepare({
    name: 'regionOfInterest',
    settings: { 'nferd.training.roi': 'masks/half.png' },
    before: async (folder) => {
      mask = await readMask(folder, defect);
      const left = mask.middle.x < side / 2;
      looksAt = (x) => x < side / 2 !== left;
      const half = Buffer.from(Uint8Array.from({ length: side * side }, (_, at) => (looksAt(at % side) ? 255 : 0)));
      const file = path.join(folder, 'masks/half.png');
      await mkdir(path.dirname(file), { recursive: true });
      await sharp(half, { raw: { width: side, height: side, channels: 1 } })
        .png()
        .toFile(file);
    },
  });
  code = prepared.code;
});

after(() => prepared?.dispose());

const test = steps(() => code);

test('a detector is trained on the region of interest of the settings', async () => {
  await code.openContextMenu('flange/train/good', 'Train on normal images');
  await pick(code, 'Instant');
  await code.page
    .locator('.notification-toast', { hasText: 'Detector "flange" is ready.' })
    .waitFor({ timeout: patienceMs });
});

test('what lies outside is grey, never the hottest, and said to be outside', async () => {
  const view = await detectAnomalies(code, `flange/test/${defect}.jpg`);
  const { hot } = await shown(view);
  assert.ok(looksAt(hot.x), JSON.stringify(hot));
  assert.match((await part(view, 'roi').textContent())!, /^Looks at 50 % of the image/);
  await clickPixel(view, mask.middle, side);
  await part(view, 'place').filter({ hasText: 'outside the region of interest' }).waitFor({ timeout: patienceMs });
  assert.equal(await part(view, 'neighbour').count(), 0);
  await code.screenshot('1-outside');
});
