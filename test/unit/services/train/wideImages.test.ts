import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../../src/dataset/rng.ts';
import { defaultConfig } from '../../../../src/nferd/config.ts';
import { enlarge } from '../../../../src/maps/enlarge.ts';
import { inspectionDisk } from '../../../../src/runtime/store/inspectionDisk.ts';
import { umap } from '../../../../src/runtime/umap.ts';
import { detect, neighboursAt } from '../../../../src/services/detect/detect.ts';
import { openDetector } from '../../../../src/services/detect/openDetector.ts';
import { evaluate } from '../../../../src/services/evaluate/evaluate.ts';
import { Inspections } from '../../../../src/services/inspect/inspections.ts';
import { teachDetector } from '../../../../src/services/teach/teachDetector.ts';
import { fitInput } from '../../../../src/services/train/fitInput.ts';
import { trainDetector } from '../../../../src/services/train/trainDetector.ts';
import { distilled, drawNormals, ports, request, scratch, teacher, watch } from '../support.ts';

/** Strips twice as wide as high; a defect is a dark disc near the right end. */
const size = { width: 160, height: 80 };
const blot = { x: 136, y: 24, radius: 9 };
const inside = (x: number, y: number): boolean => Math.hypot(x - blot.x, y - blot.y) < blot.radius;

async function drawStrip(file: string, seed: number, defect = false): Promise<string> {
  const rng = createRng(seed);
  const data = Uint8Array.from({ length: size.width * size.height }, (_, at) => {
    const [x, y] = [at % size.width, Math.floor(at / size.width)];
    return defect && inside(x, y) ? 20 : Math.min(255, 150 + 30 * Math.sin((x + y / 2) / 2) + 6 * rng.normal());
  });
  await ports.images.writePng(file, { ...size, channels: 1, data });
  return file;
}

const root = scratch();
const set = `${root}/strips`;
const normals: string[] = [];
for (let i = 0; i < 8; i++) normals.push(await drawStrip(`${set}/train/good/${i}.png`, i));
for (let i = 0; i < 3; i++) await drawStrip(`${set}/test/good/${i}.png`, 50 + i);
const flawed = await drawStrip(`${set}/test/blot/0.png`, 90, true);
await ports.images.writePng(`${set}/ground_truth/blot/0_mask.png`, {
  ...size,
  channels: 1,
  data: Uint8Array.from({ length: size.width * size.height }, (_, at) =>
    inside(at % size.width, Math.floor(at / size.width)) ? 255 : 0,
  ),
});

const config = { ...distilled, inputSize: [64, 128] as const };
const { detector } = await trainDetector(
  request({ images: normals, out: `${root}/wide`, config, source: set }),
  ports,
  watch,
);
const loaded = await openDetector(detector, ports);

test('images that calibrated score as the finished detector scores them', async () => {
  const { images, calibration } = detector.record;
  const held = normals.filter((image) => !images.includes(image));
  assert.ok(held.length > 0);
  for (const [at, image] of held.entries()) {
    const { score } = await detect(image, loaded, ports);
    assert.ok(Math.abs(score - calibration.scores[at]!) < 1e-5, image);
  }
});

test('the map has the shape of the images, and is hottest in the defect', async () => {
  const { anomalyMap, anomalyGrid, stages, score } = await detect(flawed, loaded, ports);
  assert.deepEqual([anomalyMap.width, anomalyMap.height, anomalyGrid.width, anomalyGrid.height], [128, 64, 32, 16]);
  for (const { anomalyMap: map } of stages) assert.equal(map.width, 2 * map.height);
  const again = enlarge(anomalyGrid, 128).data;
  assert.ok(anomalyMap.data.every((value, at) => Math.abs(value - again[at]!) < 1e-5));
  const hot = anomalyMap.data.indexOf(Math.max(...anomalyMap.data));
  const [x, y] = [((hot % 128) + 0.5) * (160 / 128), (Math.floor(hot / 128) + 0.5) * (80 / 64)];
  assert.ok(Math.hypot(x - blot.x, y - blot.y) < blot.radius + 6, `${x}, ${y}`);
  assert.ok(score > Math.max(...detector.record.calibration.scores));
});

test('the patch where an entry of a bank was seen is found there, of its own width and height', async () => {
  const [image] = detector.record.images;
  const result = await detect(image!, loaded, ports);
  result.neighbours.forEach((stage, s) => {
    const { rows, columns } = stage.stage;
    const origin = detector.record.provenance[s]!;
    for (let at = 0; at < origin.length; at += 3) {
      const [source, row, column] = origin.slice(at, at + 3) as [number, number, number];
      if (source !== 0) continue;
      const [nearest] = neighboursAt(loaded, stage, (column + 0.5) / columns, (row + 0.5) / rows, () => size);
      const { similarity, ...place } = nearest!;
      const [width, height] = [160 / columns, 80 / rows];
      assert.deepEqual(place, { image, left: column * width, top: row * height, width, height });
      assert.ok(similarity > 0.9999);
    }
  });
});

test('an inspection says what evaluate says; its flagged regions are taught', async () => {
  const inspections = new Inspections(() => ({ ...ports, disk: inspectionDisk, layOut: umap }));
  const key = { folder: set, detector: `${root}/wide` };
  await inspections.inspect(key, watch);
  const { imageAuroc, pixelAuroc, aupro } = await inspections.metrics(key);
  const said = await evaluate(set, loaded, 1, ports, watch);
  assert.deepEqual([imageAuroc, pixelAuroc, aupro], [said.imageAuroc, said.pixelAuroc, said.aupro]);
  assert.ok(pixelAuroc! > 0.9, `${pixelAuroc}`);
  const pixel = 0.7 * Math.max(...(await detect(flawed, loaded, ports)).anomalyMap.data);
  const regions = await inspections.flaggedRegions(key, ['test/blot/0.png'], pixel);
  const [place] = regions;
  assert.ok(place!.region!.left > 0.5 && place!.region!.top < 0.6, JSON.stringify(place));
  inspections.close();
  const { detector: taught } = await teachDetector(
    {
      detector,
      regions: regions.map((each) => ({ ...each, image: flawed })),
      out: `${root}/taught`,
      name: 'taught',
      teacher,
      createdAt: '2026-12-01T00:00:00.000Z',
    },
    ports,
    watch,
  );
  const after = await openDetector(taught, ports);
  const [was, is] = [await detect(flawed, loaded, ports), await detect(flawed, after, ports)];
  assert.ok(is.score < was.score, `${is.score} is below ${was.score}`);
  await after.session.release();
});

test('the shape is that of most images; where others are squeezed, it is said', async () => {
  const fitted = async (images: readonly string[]) => {
    const { config: found, notes } = await fitInput(defaultConfig, images, {}, ports.images);
    return [found.inputSize, ...notes];
  };
  assert.deepEqual(await fitted(normals), [[256, 512]]);
  const square = await drawNormals(`${root}/square`, 6);
  assert.deepEqual(await fitted(square), [256]);
  const [found, note] = await fitted([...square, ...normals.slice(0, 4)]);
  assert.equal(found, 256);
  assert.match(
    `${note}`,
    /^4 of 10 images that were looked at have another shape than the detector's input of 256 × 256 and are/,
  );
  assert.deepEqual(await fitted([`${root}/no.png`]), [256]);
});

test('evaluation and inspection say that they stretch images of another shape', async () => {
  const { detector: square } = await trainDetector(
    request({ images: normals, out: `${root}/square.nferd`, config: { ...distilled, inputSize: 64 }, source: set }),
    ports,
    watch,
  );
  const opened = await openDetector(square, ports);
  const note = /images that were looked at have another shape than the detector's input of 64 × 64 and are stretched/;
  const { notes } = await evaluate(set, opened, 1, ports, watch);
  assert.match(notes.join('\n'), note);
  await opened.session.release();
  const inspections = new Inspections(() => ({ ...ports, disk: inspectionDisk, layOut: umap }));
  const key = { folder: set, detector: `${root}/square.nferd` };
  assert.match((await inspections.inspect(key, watch)).inspection.notes.join('\n'), note);
  assert.match((await inspections.read(key)).notes.join('\n'), note);
  inspections.close();
  assert.doesNotMatch((await evaluate(set, loaded, 1, ports, watch)).notes.join('\n'), /stretched/);
});
