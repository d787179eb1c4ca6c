import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { entriesOf } from '../../../../src/nferd/bank.ts';
import { openDetector } from '../../../../src/services/detect/openDetector.ts';
import { detect } from '../../../../src/services/detect/detect.ts';
import { loadDetector, thresholdsOf, type Detector } from '../../../../src/services/detect/detectorStore.ts';
import { cellsOf } from '../../../../src/services/teach/teachCells.ts';
import { packMask } from '../../../../src/dataset/maskRuns.ts';
import { teachDetector } from '../../../../src/services/teach/teachDetector.ts';
import { packState, unpackState } from '../../../../src/services/detect/detectorState.ts';
import { trainDetector } from '../../../../src/services/train/trainDetector.ts';
import {
  drawCloth,
  drawnSide,
  drawNormals,
  instant,
  refused,
  reopening,
  request,
  scratch,
  teacher,
  watch,
} from '../support.ts';

const folder = scratch();
const ports = reopening();
const normals = await drawNormals(`${folder}/normal`, 12);
const { detector } = await trainDetector(
  request({ images: normals, out: `${folder}/old`, config: instant }),
  ports,
  watch,
);
const blot = { x: 30, y: 30, radius: 10 };
const odd = await drawCloth(`${folder}/odd.png`, 100, blot);
const alike = await drawCloth(`${folder}/alike.png`, 101, { ...blot, x: 33 });
const plain = await drawCloth(`${folder}/plain.png`, 102);
const region = { left: 0.2, top: 0.2, width: 0.35, height: 0.35 };
/** A disc over the blot, as drawn by hand. */
const side = drawnSide;
const mask = packMask(
  side,
  side,
  Uint8Array.from({ length: side ** 2 }, (_, at) => Number(Math.hypot((at % side) - blot.x, at / side - blot.y) < 12)),
);

const scoreOf = async (by: Detector, image: string): Promise<number> =>
  (await detect(image, await openDetector(by, ports), ports)).score;

const teach = (regions: Parameters<typeof teachDetector>[0]['regions'], from = detector, out = `${folder}/new`) =>
  teachDetector(
    { detector: from, regions, out, name: 'new', teacher, createdAt: '2024-11-25T00:00:00.000Z' },
    ports,
    watch,
  );

for (const [what, regions] of [
  ['an image', [{ image: odd }]],
  ['a region', [{ image: odd, region }]],
  ['what a mask marks', [{ image: odd, mask }]],
] as const)
  test(`${what} taught as normal scores lower afterwards, what is like it too, others hardly move`, async () => {
    const { detector: taught, added, notes } = await teach(regions);
    assert.ok(added > 0);
    assert.deepEqual(notes, []);
    const [before, after] = await Promise.all(
      [detector, taught].map((by) => Promise.all([odd, alike, plain].map((image) => scoreOf(by, image)))),
    );
    assert.ok(after![0]! < 0.5 * before![0]!, `taught: ${before![0]} → ${after![0]}`);
    assert.ok(after![1]! < 0.8 * before![1]!, `alike: ${before![1]} → ${after![1]}`);
    assert.ok(Math.abs(after![2]! - before![2]!) < 0.15 * Math.abs(before![2]!), `plain: ${before![2]} → ${after![2]}`);
    // The old one stays; the new one knows what it was taught from.
    const old = await loadDetector(`${folder}/old`, ports);
    assert.deepEqual(old.record, detector.record);
    assert.deepEqual(taught.record.images, [...normals, odd]);
    assert.deepEqual(taught.record.taught, [{ version: detector.record.model.sha256.slice(0, 12), places: 1 }]);
    const loaded = await loadDetector(taught.folder, ports);
    assert.equal(loaded.record.calibration.scores.length, detector.record.calibration.scores.length);
    assert.ok(Number.isFinite(thresholdsOf(loaded.record).image));
  });

test('a taught detector can be taught again', async () => {
  const { detector: once } = await teach([{ image: odd, region }]);
  const { detector: twice } = await teach([{ image: alike }], once, `${folder}/twice`);
  assert.equal(twice.record.taught!.length, 2);
  assert.deepEqual(twice.record.images.slice(-2), [odd, alike]);
  // What was taught may hold a defect elsewhere: it calibrates nothing.
  for (const { record } of [once, twice]) assert.deepEqual(record.calibration.images, normals);
  assert.equal(twice.record.calibration.scores.length, normals.length);
});

test('where the images that calibrated are gone, the old calibration stays, and that is said', async () => {
  const { record } = detector;
  const images = record.images.map((image) => `${image}.gone`);
  const { detector: taught, notes } = await teach([{ image: odd }], { ...detector, record: { ...record, images } });
  assert.deepEqual(taught.record.calibration, { ...record.calibration, images });
  assert.match(notes[0]!, /Only 0 of the 12 images .* old scales and thresholds are kept/);
});

test('what can not be taught is told in one line', async () => {
  const { state: _, ...record } = detector.record;
  await refused(teach([{ image: odd }], { ...detector, record }), /older version and can't be taught/);
  await refused(teach([{ image: `${folder}/none.png` }]), /none\.png: does not exist/);
  const state = `${folder}/old/detector.state`;
  const bytes = readFileSync(state);
  writeFileSync(state, bytes.subarray(1));
  await refused(teach([{ image: odd }]), /detector\.state: damaged/);
  rmSync(state);
  await refused(teach([{ image: odd }]), /detector\.state: missing/);
  writeFileSync(`${state}.tmp`, bytes);
  renameSync(`${state}.tmp`, state);
});

test('the state comes back bit by bit', () => {
  const views = unpackState(new Uint8Array(readFileSync(`${folder}/old/detector.state`)));
  assert.equal(views.length, instant.views.length);
  assert.deepEqual(unpackState(packState(views)), views);
  assert.ok(entriesOf(views[0]!.banks[2]) > 0);
  assert.throws(() => unpackState(Uint8Array.from({ length: 20 }, () => 65)), /begins with "AAAAAAAA"/);
  assert.throws(() => unpackState(packState(views).subarray(0, -900)), /cut short/);
});

const rows = (...lines: string[]) =>
  packMask(
    lines[0]!.length,
    lines.length,
    Uint8Array.from(lines.join(''), (pixel) => Number(pixel)),
  );
const spans: [string, Parameters<typeof cellsOf>[0], number[]][] = [
  ['all without a region', {}, [0, 1, 2, 3]],
  ['those that a region touches', { region: { left: 0.4, top: 0, width: 0.2, height: 0.5 } }, [0, 1]],
  ['one for a speck in the corner', { region: { left: 1, top: 1, width: 0, height: 0 } }, [3]],
  ['those under a mask', { mask: rows('0000', '0100', '0010', '0000') }, [0, 3]],
  ['those under a run that goes on in the next row', { mask: rows('0001', '1100') }, [1, 2]],
  ['all that a pixel of a small mask covers', { mask: rows('010') }, [0, 1, 2, 3]],
  ['none under an empty mask', { mask: rows('00', '00') }, []],
  ['all under a full one', { mask: rows('11111') }, [0, 1, 2, 3]],
];
for (const [what, where, cells] of spans)
  test(`cells: ${what}`, () =>
    assert.deepEqual(
      cellsOf(where, { width: 2, height: 2 }).map(({ row, column }) => 2 * row + column),
      cells,
    ));
