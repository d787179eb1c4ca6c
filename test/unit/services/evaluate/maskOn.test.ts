import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import sharp from 'sharp';
import { images } from '../../../../src/runtime/images/images.ts';
import { inspectionDisk } from '../../../../src/runtime/store/inspectionDisk.ts';
import { loadDetector } from '../../../../src/services/detect/detectorStore.ts';
import { openDetector } from '../../../../src/services/detect/openDetector.ts';
import { evaluate } from '../../../../src/services/evaluate/evaluate.ts';
import { fewNotes, maskOrNote } from '../../../../src/services/evaluate/maskOn.ts';
import { Inspections } from '../../../../src/services/inspect/inspections.ts';
import { trainDetector } from '../../../../src/services/train/trainDetector.ts';
import { drawCloth, drawMask, drawNormals, instant, ports, request, scratch, watch } from '../support.ts';

const root = scratch();
const side = { width: 8, height: 8 };

/** A picture of 24 × 16 as it is stored, with an EXIF orientation. */
async function turned(orientation: number, width = 24): Promise<string> {
  const file = `${root}/turned.jpg`;
  const raw = { width, height: 16, channels: 3 } as const;
  const picture = sharp(new Uint8Array(width * 16 * 3).fill(90), { raw });
  await picture.withMetadata({ orientation }).jpeg().toFile(file);
  return file;
}

async function maskOf(width: number, height: number): Promise<string> {
  await images.writePng(`${root}/m.png`, {
    width,
    height,
    channels: 1,
    data: new Uint8Array(width * height).fill(255),
  });
  return `${root}/m.png`;
}

const cases: readonly [what: string, orientation: number, mask: [number, number], laid: boolean, note: RegExp][] = [
  ['upright', 1, [24, 16], true, /^$/],
  ['turned a quarter, the mask as seen', 6, [16, 24], true, /^$/],
  ['turned a quarter, the mask as stored', 6, [24, 16], false, /m\.png: 24×16, its image .*jpg 16×24\. Left out of/],
  ['turned half: the mask may be either', 3, [24, 16], true, /turned by EXIF\. Taken as upright; look at one/],
  ['cropped', 1, [20, 16], false, /m\.png: 20×16, its image .* 24×16\. Left out of pixel metrics\./],
  ['half as large', 1, [12, 8], false, /m\.png: 12×8/],
];
for (const [what, orientation, size, laid, note] of cases)
  test(`a mask on its image: ${what}`, async () => {
    const found = await maskOrNote(await turned(orientation), await maskOf(...size), side, images);
    assert.equal(found.mask !== undefined, laid);
    assert.match(found.note ?? '', note);
  });

test('a square image that is turned: its mask may be either', async () => {
  assert.match((await maskOrNote(await turned(6, 16), await maskOf(16, 16), side, images)).note!, /turned by EXIF/);
});

test('a mask that cannot be read is left out and named', async () => {
  await writeFile(`${root}/text.png`, 'no mask');
  const { mask, note } = await maskOrNote(await turned(1), `${root}/text.png`, side, images);
  assert.equal(mask, undefined);
  assert.match(note!, /text\.png: is a text file.* Left out of pixel metrics\.$/);
});

test('a mark that is lost at the size of the metrics is no empty mask: it is left out and named', async () => {
  const data = new Uint8Array(24 * 16);
  data[24 + 1] = 255;
  await images.writePng(`${root}/speck.png`, { width: 24, height: 16, channels: 1, data });
  const small = { width: 6, height: 4 };
  const { mask, note } = await maskOrNote(await turned(1), `${root}/speck.png`, small, images);
  assert.equal(mask, undefined);
  assert.match(note!, /speck\.png: marks less than can be measured at 6×4\. Left out of pixel metrics\.$/);
});

test('of many notes the first are told, and how many more', () => {
  assert.deepEqual(fewNotes(['a', 'b']), ['a', 'b']);
  assert.deepEqual(fewNotes([...'abcdefg']), ['a', 'b', 'c', 'd', 'e', '2 more masks like these.']);
});

test('evaluate and an inspection name it, and measure pixels without that image', async () => {
  const folder = `${root}/set`;
  const normals = await drawNormals(`${folder}/train/good`, 6);
  await drawNormals(`${folder}/test/good`, 2, 50);
  const blots = [0, 1].map((at) => ({ x: 30 + 20 * at, y: 40, radius: 12 }));
  for (const [at, blot] of blots.entries()) {
    await drawCloth(`${folder}/test/blot/${at}.png`, 90 + at, blot);
    await drawMask(`${folder}/ground_truth/blot/${at}_mask.png`, blot);
  }
  const out = `${root}/set.nferd`;
  await trainDetector(
    request({ images: normals, source: folder, out, config: { ...instant, views: [1] } }),
    ports,
    watch,
  );
  const loaded = await openDetector(await loadDetector(out, ports), ports);
  const evaluated = () => evaluate(folder, loaded, 1, ports, watch);
  const layOut = () => Promise.reject(new Error());
  const inspections = new Inspections(() => ({ ...ports, disk: inspectionDisk, layOut }));
  const key = { folder, detector: out };
  const before = await evaluated();
  assert.deepEqual(before.notes, []);
  // Cropped: it would be stretched over its image.
  const cut = `${folder}/ground_truth/blot/1_mask.png`;
  await writeFile(cut, await sharp(cut).extract({ left: 30, top: 0, width: 50, height: 80 }).png().toBuffer());
  try {
    const { notes, pixelAuroc, images: count } = await evaluated();
    assert.match(
      notes.join('\n'),
      /^.*1_mask\.png: 50×80, its image .*blot\/1\.png 80×80\. Left out of pixel metrics\.$/,
    );
    assert.equal(count, 4);
    assert.notEqual(pixelAuroc, before.pixelAuroc);
    await inspections.inspect(key, watch);
    const metrics = await inspections.metrics(key, 1);
    assert.deepEqual([metrics.notes, metrics.pixelAuroc, metrics.images], [notes, pixelAuroc, 4]);
  } finally {
    inspections.close();
    await loaded.session.release();
  }
});
