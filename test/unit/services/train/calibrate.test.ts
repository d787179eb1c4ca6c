import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import type { EnginePorts } from '../../../../src/services/ports/enginePorts.ts';
import { openDetector } from '../../../../src/services/detect/openDetector.ts';
import { detect } from '../../../../src/services/detect/detect.ts';
import { trainDetector } from '../../../../src/services/train/trainDetector.ts';
import { distilled, drawNormals, instant, ports, refused, request, scratch, watch } from '../support.ts';

const folder = scratch();
const normals = await drawNormals(`${folder}/good`, 12);
const config = { ...distilled, views: [1], student: { ...distilled.student!, steps: 1 } };

/** Ports that count how often each image is decoded. */
function counting(): { counts: Map<string, number>; counted: EnginePorts } {
  const counts = new Map<string, number>();
  const readImage: EnginePorts['images']['readImage'] = (path, size) => {
    counts.set(path, (counts.get(path) ?? 0) + 1);
    return ports.images.readImage(path, size);
  };
  return { counts, counted: { ...ports, images: { ...ports.images, readImage } } };
}

test('each image is decoded once, and held-out ones score as the finished detector scores them', async () => {
  const { counts, counted } = counting();
  const { detector } = await trainDetector(request({ images: normals, out: `${folder}/a`, config }), counted, watch);
  assert.deepEqual([...counts.values()], normals.map(() => 1)); // prettier-ignore
  const { images, calibration } = detector.record;
  const held = normals.filter((image) => !images.includes(image));
  const loaded = await openDetector(detector, ports);
  for (const [i, image] of held.entries()) {
    const { score, anomalyMap } = await detect(image, loaded, ports);
    assert.ok(Math.abs(score - calibration.scores[i]!) < 1e-5, `${image}: ${score}, ${calibration.scores[i]}`);
    const peak = Math.max(...anomalyMap.data);
    assert.ok(Math.abs(peak - calibration.peaks[i]!) < 1e-5, `${image}: ${peak}, ${calibration.peaks[i]}`);
  }
  await loaded.session.release();
});

test('an image that is gone by then is named and left out; where all are, nothing is made', async () => {
  const copies = await drawNormals(`${folder}/copies`, 6);
  const goneAt = (gone: readonly string[]) => ({
    ...watch,
    onProgress: ({ phase }: { readonly phase: string }) => {
      if (phase === 'Building normal feature banks') gone.forEach((image) => rmSync(image, { force: true }));
    },
  });
  const small = { ...instant, views: [1] };
  const train = (gone: readonly string[]) =>
    trainDetector(request({ images: copies, out: `${folder}/gone`, config: small }), ports, goneAt(gone));
  const { detector, failures } = await train([copies[2]!]);
  assert.equal(detector.record.calibration.scores.length, 5);
  assert.equal(failures.length, 1);
  assert.match(failures[0]!, /copies\/002\.png: does not exist/);
  await drawNormals(`${folder}/copies`, 6);
  await refused(train(copies), /No image for calibration could be read \(first: .*000\.png/);
});

test('identical images: one fills every bank alone, and scores as its copies do', async () => {
  const { images } = await import('../../../../src/runtime/images/images.ts');
  const data = new Uint8Array(64 * 64 * 3).map((_, i) => 90 + ((i * 7) % 41));
  const paths = Array.from({ length: 5 }, (_, i) => `${folder}/same/${i}.png`);
  for (const path of paths) await images.writePng(path, { width: 64, height: 64, channels: 3, data });
  const { detector } = await trainDetector(
    request({ images: paths, out: `${folder}/b`, config: instant }),
    ports,
    watch,
  );
  const { provenance, calibration } = detector.record;
  assert.ok(provenance.every((stage) => stage.every((value, i) => i % 3 !== 0 || value === stage[0])));
  const spread = Math.max(...calibration.scores) - Math.min(...calibration.scores);
  assert.ok(spread < 1, `${calibration.scores.join(' ')}`);
});
