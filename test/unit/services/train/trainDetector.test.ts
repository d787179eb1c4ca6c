import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkpointOf } from '../../../../src/dataset/onDisk.ts';
import { decodeModel } from '../../../../src/graph/model.ts';
import type { NodeProto } from '../../../../src/graph/onnx_pb.ts';
import type { DetectorConfig } from '../../../../src/nferd/config.ts';
import type { Progress } from '../../../../src/protocol/engine.ts';
import type { BankThreads } from '../../../../src/services/ports/bankPorts.ts';
import { chooseBank } from '../../../../src/services/train/chooseBank.ts';
import { openDetector } from '../../../../src/services/detect/openDetector.ts';
import { detect } from '../../../../src/services/detect/detect.ts';
import { loadDetector, thresholdsOf } from '../../../../src/services/detect/detectorStore.ts';
import type { EnginePorts } from '../../../../src/services/ports/enginePorts.ts';
import { Cancelled, type Watch } from '../../../../src/services/ports/progress.ts';
import { trainDetector } from '../../../../src/services/train/trainDetector.ts';
import {
  distilled,
  drawCloth,
  drawnSide,
  drawNormals,
  instant,
  plain,
  ports,
  refused,
  reopening,
  request,
  scratch,
  stoppedAt,
  watch,
} from '../support.ts';

const folder = scratch();
const normals = await drawNormals(`${folder}/good`, 8);
const at = { x: 50, y: 30, radius: 12 };
const blot = await drawCloth(`${folder}/blot.png`, 100, at);
const unseen = await drawCloth(`${folder}/unseen.png`, 101);

const quick = reopening();
const train = (name: string, config: DetectorConfig, how: Watch = watch, images: readonly string[] = normals) =>
  trainDetector(request({ images, out: `${folder}/${name}`, config }), quick, how);

/** Each detector is trained once and compared with. */
const uninterrupted = {
  instant: await train('instant', instant),
  distilled: await train('distilled', distilled),
};

const modes = { instant, distilled };

for (const mode of ['instant', 'distilled'] as const) {
  const { detector, failures } = uninterrupted[mode];

  test(`${mode}: the same seed gives the same detector`, async () => {
    const again = await trainDetector(
      request({ images: normals, out: `${folder}/${mode}2`, config: modes[mode] }),
      ports,
      watch,
    );
    assert.deepEqual(again.detector.record, detector.record);
    assert.equal(detector.record.model.sha256, ports.sha256(again.detector.model));
  });

  test(`${mode}: the folder holds the detector and nothing else`, async () => {
    assert.deepEqual(failures, []);
    assert.deepEqual(readdirSync(detector.folder).sort(), ['detector.json', 'detector.onnx', 'detector.state']);
    const { record, model } = await loadDetector(detector.folder, ports);
    assert.deepEqual(record, detector.record);
    assert.ok(Buffer.from(model).equals(detector.model));
  });

  test(`${mode}: a blot scores above every normal image, and the map peaks there`, async () => {
    const loaded = await openDetector(detector, ports);
    const found = await detect(blot, loaded, ports);
    const { scores } = detector.record.calibration;
    assert.ok(found.score > Math.max(...scores), `${found.score}, normal ${scores.join(' ')}`);
    assert.ok(found.score > thresholdsOf(detector.record).image);
    const { width, data } = found.anomalyMap;
    const peak = data.indexOf(Math.max(...data));
    const off = Math.hypot(
      (peak % width) / width - at.x / drawnSide,
      Math.floor(peak / width) / width - at.y / drawnSide,
    );
    assert.ok(off < 0.25, `${off} of the width away`);
    assert.ok((await detect(unseen, loaded, ports)).score < found.score);
    await loaded.session.release();
  });
}

test('instant: another seed gives another detector', async () => {
  const other = await trainDetector(
    request({ images: normals, out: `${folder}/other`, config: instant, seed: 2 }),
    ports,
    watch,
  );
  assert.notEqual(other.detector.record.model.sha256, uninterrupted.instant.detector.record.model.sha256);
});

test('instant: all images fill the banks and calibrate, each without its own entries', async () => {
  const { detector } = uninterrupted.instant;
  const { images, calibration } = detector.record;
  assert.deepEqual(images, normals);
  assert.equal(calibration.method, 'own entries left out');
  assert.equal(calibration.scores.length, normals.length);
  const loaded = await openDetector(detector, ports);
  for (const [i, image] of images.entries()) {
    const { score } = await detect(image, loaded, ports);
    assert.ok(score < calibration.scores[i]!, `${score} with its own entries, ${calibration.scores[i]} without`);
  }
  await loaded.session.release();
});

test('distilled: some images are held out; each view has its loss', () => {
  const { images, calibration, training } = uninterrupted.distilled.detector.record;
  assert.equal(calibration.method, 'held-out');
  assert.ok(calibration.scores.length > 0);
  assert.equal(images.length + calibration.scores.length, normals.length);
  assert.equal(training!.losses.length, distilled.views.length);
});

/** Two views of three steps each. Where the user stops is noticed at the next report. */
const stops: { phase: string; after: number; resumedAt?: number }[] = [
  { phase: 'Building normal feature banks', after: 30 },
  { phase: 'Training', after: 1, resumedAt: 2 },
  { phase: 'Training', after: 4, resumedAt: 5 },
  { phase: 'Calibrating', after: 1, resumedAt: 6 },
];

test('stopped anywhere, the same call goes on to the same detector', async (t) => {
  const whole = await train('plain', plain);
  for (const { phase, after, resumedAt } of stops)
    await t.test(`${phase} ${after}`, async () => {
      const name = `${phase}${after}`;
      const checkpoint = checkpointOf(`${folder}/${name}`);
      await assert.rejects(train(name, plain, stoppedAt(phase, after)), Cancelled);
      assert.equal(await ports.files.exists(`${folder}/${name}`), false, 'nothing half-made under the final name');
      assert.equal(await ports.files.exists(checkpoint), resumedAt !== undefined);
      if (resumedAt === undefined) return;
      const steps: number[] = [];
      const onProgress = (told: Progress) => void (told.phase === 'Training' && steps.push(told.done));
      const resumed = await train(name, plain, { ...watch, onProgress });
      assert.equal(resumed.resumedAt, resumedAt);
      assert.deepEqual(steps, [1, 2, 3, 4, 5, 6].slice(resumedAt));
      assert.deepEqual(resumed.detector.record, whole.detector.record);
      assert.equal(await ports.files.exists(checkpoint), false);
    });
});

/**
 * Three stages convolve a doubled map; the form for the processor does it by transposed
 * convolutions.
 */
for (const [provider, count] of [
  ['cpu', 3],
  ['webgpu', 0],
] as const)
  test(`the training step has the form for ${provider}`, async () => {
    const steps: NodeProto[][] = [];
    const telling: EnginePorts = {
      ...quick,
      openSession: async (model, compute) => {
        const { graph } = decodeModel(model);
        if (graph?.name === 'nferd training step') steps.push(graph.node);
        return { ...(await quick.openSession(model, compute)), executionProvider: provider };
      },
    };
    await trainDetector(request({ images: normals, out: `${folder}/${provider}`, config: plain }), telling, watch);
    assert.equal(steps.length, plain.views.length);
    for (const nodes of steps) {
      const widened = nodes.filter(({ opType, attribute }) => {
        const kernel = attribute.find(({ name }) => name === 'kernel_shape')?.ints.map(Number);
        return opType === 'ConvTranspose' && kernel?.join() === '4,4';
      });
      assert.equal(widened.length, count);
    }
  });

test('distilled: the first student trains while the banks of the views after it are being built', async () => {
  const ten = await drawNormals(`${folder}/ten`, 10);
  let begin = (): void => undefined;
  const training = new Promise<void>((resolve) => (begin = resolve));
  let job = 0;
  const openBankThreads = (): BankThreads => ({
    atOnce: 2,
    async choose(given, how) {
      // The fourth bank is the second view's first.
      if (job++ >= 3) await training;
      return chooseBank(given, how, quick.openSession, quick.compute);
    },
    release: () => Promise.resolve(),
  });
  const onProgress = ({ phase }: Progress) => void (phase === 'Training' && begin());
  const { detector } = await trainDetector(
    request({ images: ten, out: `${folder}/meanwhile`, config: distilled }),
    { ...quick, openBankThreads },
    { ...watch, onProgress },
  );
  const { detector: plainly } = await train('ten-plain', distilled, watch, ten);
  assert.equal(detector.record.model.sha256, plainly.record.model.sha256);
});

test('three images are too few', () =>
  refused(train('three', instant, watch, normals.slice(0, 3)), /^cloth: 3 normal images; at least 5 are needed.*Add/));

test('an unreadable image is listed and left out', async () => {
  const text = `${folder}/text.png`;
  const empty = `${folder}/empty.png`;
  writeFileSync(text, 'not a picture');
  writeFileSync(empty, '');
  const { detector, failures } = await train('some', instant, watch, [text, ...normals.slice(0, 6), empty]);
  assert.deepEqual(detector.record.images, normals.slice(0, 6));
  assert.equal(failures.length, 2);
  assert.ok(failures[0]!.includes(text) && failures[1]!.includes(empty), failures.join());
  assert.ok(failures.every((line) => !line.includes('\n')));
  await refused(
    train('none', instant, watch, [...normals.slice(0, 4), text, empty]),
    /cloth: 4 normal images \(2 could not be read, first: .*text\.png/,
  );
});

test('an unreadable image among those held out is listed too', async () => {
  const texts = normals.map((_, i) => `${folder}/text${i}.png`);
  texts.forEach((text) => writeFileSync(text, 'not a picture'));
  const mixed = normals.flatMap((image, i) => [image, texts[i]!]);
  const { detector, failures } = await train('mixed', { ...plain, views: [1] }, watch, mixed);
  assert.equal(failures.length, texts.length);
  const { images, calibration } = detector.record;
  assert.equal(images.length + calibration.scores.length, normals.length);
  assert.equal(calibration.images!.length, calibration.scores.length);
  assert.ok(calibration.images!.every((image) => normals.includes(image)));
});

test('instant: of very many images a choice calibrates, and is named', async () => {
  const images = await drawNormals(`${folder}/many`, 24);
  const given = request({ images, out: `${folder}/many.nferd`, config: instant });
  // 20 above a threshold that 95 % exceed: 22 are enough.
  const { detector } = await trainDetector({ ...given, falseAlarmRate: 0.95 }, ports, watch);
  const { images: banked, calibration } = detector.record;
  assert.deepEqual(banked, images);
  assert.equal(calibration.scores.length, 22);
  assert.deepEqual(
    calibration.images,
    images.filter((image) => calibration.images!.includes(image)),
  );
  const loaded = await openDetector(detector, ports);
  const gains: number[] = [];
  for (const [at, image] of calibration.images!.entries())
    gains.push(calibration.scores[at]! - (await detect(image, loaded, ports)).score);
  // An image of which the bank has no entry scores the same.
  assert.ok(gains.every((gain) => gain > -1e-5) && gains.some((gain) => gain > 0.01), `${gains}`);
  await loaded.session.release();
});
