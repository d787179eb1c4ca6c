import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { maskAt, packMask } from '../../../../src/dataset/maskRuns.ts';
import { createRng } from '../../../../src/dataset/rng.ts';
import { anomalyMapOf } from '../../../../src/maps/enlarge.ts';
import type { DetectorConfig } from '../../../../src/nferd/config.ts';
import { stagesOf } from '../../../../src/nferd/stages.ts';
import type { RgbImage } from '../../../../src/services/ports/disk.ts';
import { imageInput } from '../../../../src/services/detect/imageInput.ts';
import { detect } from '../../../../src/services/detect/detect.ts';
import { loadDetector, summaryOf } from '../../../../src/services/detect/detectorStore.ts';
import { openDetector, type LoadedDetector } from '../../../../src/services/detect/openDetector.ts';
import { teachDetector } from '../../../../src/services/teach/teachDetector.ts';
import { readRoi } from '../../../../src/services/train/roi.ts';
import { trainDetector } from '../../../../src/services/train/trainDetector.ts';
import { distilled, drawnSide, instant, ports, refused, request, scratch, side, teacher, watch } from '../support.ts';

const root = scratch();

/** What is looked at: the left part and a bit, not along cells of any stage. */
const border = 45;
const region = packMask(
  drawnSide,
  drawnSide,
  Uint8Array.from({ length: drawnSide ** 2 }, (_, at) => +(at % drawnSide < border)),
);
const roi = { ...region, runs: [...region.runs] };
const looked = maskAt(roi, { width: side, height: side });

type Outside = 'cloth' | 'noise' | 'black';

/** Striped cloth at the detector's own size, so that reading mixes no pixels; a blot is dark. */
async function draw(file: string, seed: number, outside: Outside, blot?: { x: number; y: number }): Promise<string> {
  const cloth = createRng(seed);
  const noise = createRng(seed + 999);
  const shift = cloth.uniform() * 4;
  const data = Uint8Array.from({ length: side * side }, (_, at) => {
    const [x, y] = [at % side, Math.floor(at / side)];
    const dark = blot && Math.hypot(x - blot.x, y - blot.y) < 6;
    const thread = 150 + 30 * Math.sin((x + y / 2 + shift) / 2) + 6 * cloth.normal();
    const value = dark ? 20 : thread;
    const other = { cloth: value, noise: 255 * noise.uniform(), black: 0 }[outside];
    return Math.min(255, Math.max(0, looked[at] ? value : other));
  });
  await ports.images.writePng(file, { width: side, height: side, channels: 1, data });
  return file;
}

const normals = (outside: Outside): Promise<string[]> =>
  Promise.all(Array.from({ length: 8 }, (_, i) => draw(`${root}/${outside}/${i}.png`, i, outside)));

const opened: LoadedDetector[] = [];
after(() => Promise.all(opened.map(({ session }) => session.release())));

async function trained(outside: Outside, config: DetectorConfig, name: string): Promise<LoadedDetector> {
  const { detector } = await trainDetector(
    request({ images: await normals(outside), out: `${root}/${name}`, config }),
    ports,
    watch,
  );
  const loaded = await openDetector(detector, ports);
  opened.push(loaded);
  return loaded;
}

const noisy = await trained('noise', { ...instant, roi }, 'noise.nferd');

for (const [mode, config] of Object.entries({ instant, distilled }))
  test(`${mode}: what lies outside changes nothing, neither in training nor in detection`, async () => {
    const one = mode === 'instant' ? noisy : await trained('noise', { ...config, roi }, `noise-${mode}.nferd`);
    const other = await trained('black', { ...config, roi }, `black-${mode}.nferd`);
    assert.equal(one.detector.record.model.sha256, other.detector.record.model.sha256);
    assert.deepEqual(one.detector.record.calibration.scores, other.detector.record.calibration.scores);
    const [a, b] = [await draw(`${root}/a.png`, 70, 'cloth'), await draw(`${root}/b.png`, 70, 'noise')];
    const [first, second] = [await detect(a, one, ports), await detect(b, one, ports)];
    assert.equal(first.score, second.score);
    assert.deepEqual(first.anomalyMap.data, second.anomalyMap.data);
    assert.deepEqual(first.stages, second.stages);
  });

test('a defect inside is found, one outside is not; the map is lowest outside', async () => {
  const normal = await detect(await draw(`${root}/n.png`, 80, 'cloth'), noisy, ports);
  const outside = await detect(await draw(`${root}/o.png`, 80, 'cloth', { x: 54, y: 30 }), noisy, ports);
  const inside = await detect(await draw(`${root}/i.png`, 80, 'cloth', { x: 20, y: 30 }), noisy, ports);
  assert.equal(outside.score, normal.score);
  assert.ok(inside.score > 1.5 * Math.max(...noisy.detector.record.calibration.scores), `${inside.score}`);
  const { data } = inside.anomalyMap;
  const hot = data.indexOf(Math.max(...data));
  assert.ok(Math.hypot((hot % side) - 20, Math.floor(hot / side) - 30) < 8);
  // The grid's places have four pixels a side: what counts ends at the next one.
  const end = 4 * Math.ceil(((border / drawnSide) * side) / 4);
  const beyond = data.filter((_, at) => at % side >= end);
  assert.equal(new Set(beyond).size, 1);
  const again = anomalyMapOf({ anomalyGrid: inside.anomalyGrid, detector: summaryOf(noisy.detector) });
  again.data.forEach((value, at) => assert.ok(Math.abs(value - data[at]!) < 1e-5, `${at}`));
  assert.equal(
    beyond[0],
    data.reduce((low, value) => Math.min(low, value), Infinity),
  );
});

test('a defect at the very border of the region is found there', async () => {
  const at = await detect(await draw(`${root}/edge.png`, 81, 'cloth', { x: 35, y: 30 }), noisy, ports);
  assert.ok(at.score > 1.2 * Math.max(...noisy.detector.record.calibration.scores), `${at.score}`);
});

test('no entry of a bank was seen outside', () => {
  const { provenance, config } = noisy.detector.record;
  stagesOf(config).forEach(({ rows, columns, name }, stage) => {
    const cell = side / columns;
    const entries = provenance[stage]!;
    for (let at = 0; at < entries.length; at += 3) {
      const [row, column] = [entries[at + 1]!, entries[at + 2]!];
      assert.ok(row < rows && looked[row * cell * side + column * cell], `${name}: ${row}, ${column}`);
    }
  });
});

test('what is calibrated scores as the finished detector scores it', async () => {
  const { images, calibration } = noisy.detector.record;
  const alone = { ...distilled, roi };
  const { record, folder } = (await trained('cloth', alone, 'held.nferd')).detector;
  const held = (await normals('cloth')).filter((image) => !record.images.includes(image));
  const loaded = opened.at(-1)!;
  for (const [at, image] of held.entries()) {
    const { score } = await detect(image, loaded, ports);
    assert.ok(Math.abs(score - record.calibration.scores[at]!) < 1e-5, `${folder}: ${image}`);
  }
  assert.equal(calibration.scores.length, images.length);
});

test('looked at all over, a detector scores as without a region', async () => {
  const whole = { width: 1, height: 1, runs: [0, 1] };
  for (const [name, config] of Object.entries({ instant, distilled })) {
    const [without, within] = [
      await trained('cloth', config, `${name}-without.nferd`),
      await trained('cloth', { ...config, roi: whole, padded: true }, `${name}-within.nferd`),
    ];
    const image = await draw(`${root}/same.png`, 82, 'cloth', { x: 20, y: 30 });
    const [a, b] = [await detect(image, without, ports), await detect(image, within, ports)];
    assert.ok(Math.abs(a.score - b.score) < 1e-3 * a.score, `${name}: ${a.score}, ${b.score}`);
    a.anomalyMap.data.forEach((value, at) => assert.ok(Math.abs(value - b.anomalyMap.data[at]!) < 1e-3, `${at}`));
  }
});

test('padding counts nowhere either', async () => {
  const { session } = await trained('cloth', { ...instant, padded: true }, 'padded.nferd');
  const padded = (fill: (at: number) => number): RgbImage => ({
    ...{ width: side, height: side, original: { width: side, height: 44 } },
    content: { left: 0, top: 10, width: side, height: 44 },
    data: Uint8Array.from({ length: 3 * side * side }, (_, at) =>
      at < 30 * side || at >= 162 * side ? fill(at) : 150 + 40 * Math.sin(at / 9),
    ),
  });
  const look = (image: RgbImage) => session.run({ image: imageInput([image]) });
  const noise = createRng(5);
  const [a, b] = [await look(padded(() => 0)), await look(padded(() => 255 * noise.uniform()))];
  assert.deepEqual(a, b);
  const rows = Array.from({ length: side / 4 }, (_, y) => (a['looked']!.data as Float32Array)[(y * side) / 4]!);
  assert.deepEqual(rows, [0, 0, ...Array<number>(12).fill(1), 0, 0]);
});

test('taught, it still looks nowhere else', async () => {
  const flawed = await draw(`${root}/t.png`, 83, 'noise', { x: 20, y: 30 });
  const { detector, added } = await teachDetector(
    {
      detector: noisy.detector,
      regions: [{ image: flawed }],
      out: `${root}/taught.nferd`,
      name: 'taught',
      teacher,
      createdAt: '2026-12-01T00:00:00.000Z',
    },
    ports,
    watch,
  );
  assert.ok(added > 0);
  assert.deepEqual(detector.record.config.roi, roi);
  stagesOf(instant).forEach(({ columns }, stage) => {
    const taught = detector.record.provenance[stage]!.slice(noisy.detector.record.provenance[stage]!.length);
    for (let at = 0; at < taught.length; at += 3) assert.ok((taught[at + 2]! * side) / columns < border, `${stage}`);
  });
});

test('programs that know of no region refuse the folder; others are as before', async () => {
  const text = (name: string): { formatVersion: number; config: { roi?: unknown } } =>
    JSON.parse(readFileSync(`${root}/${name}/detector.json`, 'utf8')) as never;
  assert.equal(text('noise.nferd').formatVersion, 2);
  const without = await trained('cloth', instant, 'plain.nferd');
  assert.equal(without.detector.record.formatVersion, 1);
  assert.equal('roi' in text('plain.nferd').config, false);
  const loaded = await loadDetector(`${root}/noise.nferd`, ports);
  assert.deepEqual(loaded.record.config.roi, roi);
  const path = `${root}/noise.nferd/detector.json`;
  const whole = readFileSync(path, 'utf8');
  for (const broken of [{ ...roi, runs: [1] }, { ...roi, runs: [drawnSide ** 2] }, { ...roi, width: -1 }, 'left']) {
    const record = JSON.parse(whole) as { config: object };
    writeFileSync(path, JSON.stringify({ ...record, config: { ...record.config, roi: broken } }));
    await refused(loadDetector(`${root}/noise.nferd`, ports), /detector\.json: damaged \("config" describes no/);
  }
  writeFileSync(path, whole);
});

/** A grey picture, white where `white` says so. */
async function mask(name: string, width: number, height: number, white: (x: number) => boolean): Promise<string> {
  const data = Uint8Array.from({ length: width * height }, (_, at) => (white(at % width) ? 255 : 0));
  await ports.images.writePng(`${root}/${name}.png`, { width, height, channels: 1, data });
  return `${root}/${name}.png`;
}

test('a mask is read at any size of the right shape, and kept small', async () => {
  const images = await normals('cloth');
  const { region: small, note } = await readRoi(await mask('small', 8, 8, (x) => x < 4), images, ports.images);
  assert.deepEqual(
    [small, note],
    [{ width: 8, height: 8, runs: Array.from({ length: 17 }, (_, i) => (i ? 4 : 0)) }, undefined],
  );
  const { region: large } = await readRoi(await mask('large', 2048, 2048, (x) => x < 512), images, ports.images);
  assert.deepEqual([large.width, large.height, large.runs[1]], [1024, 1024, 256]);
});

test('a mask that can not be right is refused, with its file and what to do', async () => {
  const images = await normals('cloth');
  const read = (path: string) => readRoi(path, images, ports.images);
  await refused(read(await mask('black', 8, 8, () => false)), /black\.png: is black all over.*Paint white/);
  await refused(read(await mask('white', 8, 8, () => true)), /white\.png: leaves nothing out/);
  await refused(read(await mask('specks', 4096, 4096, (x) => x === 0)), /specks\.png: marks only specks/);
  await refused(
    read(await mask('wide', 16, 8, (x) => x < 4)),
    /wide\.png: is 16 × 8, another shape than the images \(such as 64 × 64\)/,
  );
  await refused(read(`${root}/none.png`), /none\.png/);
  writeFileSync(`${root}/text.png`, 'no picture');
  await refused(read(`${root}/text.png`), /text\.png/);
  await refused(read(images[0]!), /cloth\/0\.png: lies among the images/);
  const wide = `${root}/wide.png`;
  const { note } = await readRoi(await mask('part', 8, 8, (x) => x < 4), [...images, wide], ports.images);
  assert.match(note!, /part\.png: 1 of 9 images that were looked at have another shape/);
});
