import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { float32 } from '../../../../src/graph/tensor.ts';
import { images } from '../../../../src/runtime/images/images.ts';
import { metricNames, metricsJson } from '../../../../src/protocol/metrics.ts';
import { openDetector, type LoadedDetector } from '../../../../src/services/detect/openDetector.ts';
import { thresholdsOf, type Detector } from '../../../../src/services/detect/detectorStore.ts';
import { evaluate, metricSide } from '../../../../src/services/evaluate/evaluate.ts';
import { Cancelled } from '../../../../src/services/ports/progress.ts';
import { trainDetector } from '../../../../src/services/train/trainDetector.ts';
import {
  drawCloth,
  drawMask,
  drawNormals,
  instant,
  ports,
  refused,
  request,
  scratch,
  stoppedAt,
  watch,
} from '../support.ts';

interface Square {
  readonly left: number;
  readonly size: number;
}

/**
 * Dark squares on white of the metric's own size, so that nothing is resampled; with `mask` white
 * on black.
 */
async function draw(file: string, squares: readonly Square[], mask = false): Promise<void> {
  const data = new Uint8Array(metricSide * metricSide).fill(mask ? 0 : 255);
  for (const { left, size } of squares)
    for (let y = left; y < left + size; y++)
      data.fill(mask ? 255 : 255 - size, y * metricSide + left, y * metricSide + left + size);
  await images.writePng(file, { width: metricSide, height: metricSide, channels: 1, data });
}

/** One normal image, whose map's peak is the pixel threshold. */
const calibration = { scores: [0], peaks: [20], falseAlarmRate: 0.05 };

/**
 * Calls each dark pixel an anomaly: its map is perfect for drawn squares, its score their darkness.
 */
const darkness = (inputSize: number): LoadedDetector => ({
  detector: { record: { config: { inputSize }, calibration: { ...calibration } } } as unknown as Detector,
  session: {
    executionProvider: 'cpu',
    outputNames: ['score', 'anomaly_map'],
    atOnce: 1,
    run: ({ image }) => {
      const map = (image!.data as Float32Array).slice(0, inputSize * inputSize).map((red) => 255 - red);
      return Promise.resolve({
        score: float32([map.reduce((most, value) => Math.max(most, value), 0)]),
        anomaly_map: float32(map, [1, 1, inputSize, inputSize]),
      });
    },
    release: () => Promise.resolve(),
  },
});

/** The test images of an MVTec layout: squares per image, by defect. */
async function layOut(root: string, defects: Readonly<Record<string, readonly (readonly Square[])[]>>): Promise<void> {
  await draw(`${root}/train/good/000.png`, []);
  for (const [defect, drawings] of Object.entries(defects))
    for (const [i, squares] of drawings.entries()) {
      await draw(`${root}/test/${defect}/00${i}.png`, squares);
      if (defect !== 'good') await draw(`${root}/ground_truth/${defect}/00${i}_mask.png`, squares, true);
    }
}

const root = scratch();
const hole = { left: 30, size: 40 };
const speck = { left: 100, size: 12 };
const full = `${root}/full`;
await layOut(full, { good: [[], [], []], hole: [[hole], [hole, speck]], speck: [[speck]] });

test('perfect separation gives 1 for every metric, overall and per defect', async () => {
  const progress: number[] = [];
  const found = await evaluate(full, darkness(metricSide), 5, ports, {
    ...watch,
    onProgress: ({ done, total }) => progress.push(done / total),
  });
  /** A sum of regions' shares may miss 1 in the last digits. */
  const rounded = <T extends object>(metrics: T): T =>
    JSON.parse(
      JSON.stringify(metrics, (_, value: unknown) => (typeof value === 'number' ? +value.toFixed(9) : value)),
    ) as T;
  const ones = {
    ...{ imageAuroc: 1, recallAt5: 1, imageAp: 1, imageF1Max: 1 },
    ...{ pixelAuroc: 1, aupro: 1, aupro05: 1, pixelAp: 1, pixelF1Max: 1 },
  };
  const { perDefect, atThreshold, scores, failures, notes, ...rest } = found;
  assert.deepEqual(rounded(rest), { images: 6, ...ones, metricSide });
  assert.deepEqual(rounded(perDefect), {
    hole: { images: 2, ...ones, recall: 1 },
    speck: { images: 1, ...ones, recall: 1 },
  });
  const { falseAlarmInterval, ...counts } = atThreshold;
  assert.deepEqual(counts, {
    threshold: 5,
    truePositives: 3,
    falsePositives: 0,
    trueNegatives: 3,
    falseNegatives: 0,
    precision: 1,
    recall: 1,
    falseAlarmRate: 0,
    f1: 1,
    // Above 20 are two holes of 40² pixels; two specks of 12², no darker than 12, are missed.
    pixelThreshold: 20,
    pixelF1: (2 * 3200) / (2 * 3200 + 288),
    pixelIou: 3200 / 3488,
  });
  // Clopper–Pearson, none of 3: 1 − 0.025^(1/3).
  assert.ok(Math.abs(falseAlarmInterval!.high - (1 - 0.025 ** (1 / 3))) < 1e-9);
  assert.deepEqual(failures, []);
  assert.deepEqual(notes, []);
  assert.deepEqual(scores[0], { path: 'test/good/000.png', label: 'normal', score: 0 });
  assert.deepEqual(scores.at(-1), { path: 'test/speck/000.png', label: 'anomalous', defectType: 'speck', score: 12 });
  assert.deepEqual(progress, [1, 2, 3, 4, 5, 6].map((done) => done / 6)); // prettier-ignore
});

test('maps of another size are resampled', async () => {
  const { imageAuroc, pixelAuroc, aupro } = await evaluate(full, darkness(128), 5, ports, watch);
  assert.equal(imageAuroc, 1);
  assert.ok(pixelAuroc! > 0.999 && aupro! > 0.98, `${pixelAuroc} ${aupro}`);
});

test('recall and false alarms follow the threshold: above it, not at it', async () => {
  const at = async (threshold: number) =>
    (await evaluate(full, darkness(metricSide), threshold, ports, watch)).atThreshold;
  assert.equal((await at(12)).recall, 2 / 3);
  assert.equal((await at(-1)).falseAlarmRate, 1);
});

test('an anomalous image without a mask counts as an image, not in its pixels', async () => {
  const some = `${root}/some`;
  await layOut(some, { good: [[]], hole: [[hole], [speck]] });
  rmSync(`${some}/ground_truth/hole/001_mask.png`);
  const found = await evaluate(some, darkness(metricSide), 5, ports, watch);
  assert.equal(found.images, 3);
  assert.equal(found.imageAuroc, 1);
  // Unmasked, the speck would be a false alarm.
  assert.equal(found.pixelAuroc, 1);
  assert.equal(found.notes.length, 1);
});

const partial: Record<string, { defects: Parameters<typeof layOut>[1]; masks: boolean; keys: string[] }> = {
  'no masks': {
    defects: { good: [[]], hole: [[hole]] },
    masks: false,
    keys: ['imageAuroc', 'imageAp', 'imageF1Max', 'recallAt5'],
  },
  'only normal images': { defects: { good: [[], []] }, masks: true, keys: [] },
  'only anomalous images': {
    defects: { hole: [[hole]] },
    masks: true,
    keys: ['imageAp', 'imageF1Max', 'pixelAuroc', 'pixelAp', 'pixelF1Max', 'aupro', 'aupro05'],
  },
};

for (const [name, { defects, masks, keys }] of Object.entries(partial))
  test(`metrics that the images don't define are absent: ${name}`, async () => {
    const folder = `${root}/${name}`;
    await layOut(folder, defects);
    if (!masks) rmSync(`${folder}/ground_truth`, { recursive: true });
    const found = await evaluate(folder, darkness(metricSide), 5, ports, watch);
    assert.deepEqual(
      metricNames.filter((key) => key in found),
      keys,
    );
    assert.deepEqual(
      Object.entries(metricsJson(found)).flatMap(([key, value]) => (value === null ? [key] : [])),
      metricNames.filter((key) => !keys.includes(key)),
    );
    for (const key of ['pixelF1', 'pixelIou']) assert.equal(key in found.atThreshold, keys.includes('pixelAp'), key);
    assert.equal('falseAlarmInterval' in found.atThreshold, 'good' in defects);
  });

test('what could not be read is listed, the rest measured', async () => {
  const folder = `${root}/unreadable`;
  await layOut(folder, { good: [[], []], hole: [[hole], [hole]] });
  writeFileSync(`${folder}/test/good/001.png`, 'text');
  writeFileSync(`${folder}/ground_truth/hole/000_mask.png`, '');
  const { failures, images: count, imageAuroc, pixelAuroc } = await evaluate(folder, darkness(256), 5, ports, watch);
  assert.equal(count, 2);
  assert.deepEqual([imageAuroc, pixelAuroc], [1, 1]);
  assert.equal(failures.length, 2);
  assert.match(failures[0]!, /test\/good\/001\.png/);
  assert.match(failures[1]!, /000_mask\.png/);
  assert.ok(failures.every((line) => !line.includes('\n')));
});

test('nothing to measure is refused in one line', async () => {
  const refuse = (folder: string, message: RegExp) =>
    refused(evaluate(folder, darkness(metricSide), 5, ports, watch), message);
  await ports.files.write(`${root}/empty/readme.txt`, 'no image');
  await refuse(`${root}/empty`, /empty: none of its 1 files is an image\. Choose/);
  await draw(`${root}/untested/train/good/000.png`, []);
  await refuse(`${root}/untested`, /untested: no labelled test images were recognised\. Lay them out/);
  await layOut(`${root}/texts`, { good: [[]] });
  writeFileSync(`${root}/texts/test/good/000.png`, 'text');
  await refuse(`${root}/texts`, /texts: none of its 1 test images could be read/);
  await refuse(`${root}/nowhere`, /nowhere/);
});

test('pixels at their own threshold: normal images count, unmasked defects do not', async () => {
  const folder = `${root}/pixels`;
  await layOut(folder, { good: [[], [{ left: 5, size: 30 }]], hole: [[hole], [hole]] });
  rmSync(`${folder}/ground_truth/hole/001_mask.png`);
  for (const threshold of [5, 100]) {
    const { atThreshold, pixelAp, pixelF1Max, aupro05 } = await evaluate(
      folder,
      darkness(256),
      threshold,
      ports,
      watch,
    );
    // 40² defective pixels are hit, 30² normal ones are flagged; the other hole says nothing of
    // pixels.
    assert.equal(atThreshold.pixelF1, (2 * 1600) / (2 * 1600 + 900));
    assert.equal(atThreshold.pixelIou, 1600 / 2500);
    assert.deepEqual([pixelAp, pixelF1Max, aupro05!.toFixed(9)], [1, 1, '1.000000000']);
  }
});

test('evaluating can be stopped', () =>
  assert.rejects(evaluate(full, darkness(metricSide), 5, ports, stoppedAt('Evaluating', 2)), Cancelled));

test('a detector trained on cloth tells blots from cloth', async () => {
  const folder = `${root}/cloth`;
  const blots = [18, 40, 60].map((x) => ({ x, y: 78 - x, radius: 11 }));
  const normals = await drawNormals(`${folder}/train/good`, 8);
  await drawNormals(`${folder}/test/good`, 3, 50);
  for (const [i, blot] of blots.entries()) {
    await drawCloth(`${folder}/test/blot/00${i}.png`, 70 + i, blot);
    await drawMask(`${folder}/ground_truth/blot/00${i}_mask.png`, blot);
  }
  const config = { ...instant, views: [1] };
  const { detector } = await trainDetector(request({ images: normals, out: `${root}/made`, config }), ports, watch);
  const loaded = await openDetector(detector, ports);
  const found = await evaluate(folder, loaded, thresholdsOf(detector.record).image, ports, watch);
  await loaded.session.release();
  assert.equal(found.imageAuroc, 1);
  assert.equal(found.atThreshold.recall, 1);
  assert.ok(found.pixelAuroc! > 0.9, `${found.pixelAuroc}`);
  assert.ok(found.aupro! > 0.6, `${found.aupro}`);
});
