import assert from 'node:assert/strict';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { float32 } from '../../../../src/graph/tensor.ts';
import { files } from '../../../../src/runtime/files/files.ts';
import { fingerprintOf, loadCheckpoint, saveCheckpoint } from '../../../../src/services/train/checkpoint.ts';
import type { StudentProgress } from '../../../../src/services/train/trainStudents.ts';
import { distilled, instant, ports, scratch } from '../support.ts';

const root = scratch();
const folder = `${root}/made.checkpoint`;
const vector = (from: number) => float32(Float32Array.from({ length: 9 }, (_, i) => Math.sin(from + i)));

const progress: StudentProgress = {
  view: 2,
  step: 17,
  state: { theta: vector(0), m: vector(1), v: vector(2), ema: vector(3) },
  losses: [0.1, Math.fround(0.7), 2],
  finished: [vector(4), vector(5)],
};

test('a checkpoint is read as it was written, for the same fingerprint only', async () => {
  assert.equal(await loadCheckpoint(folder, 'same', files), undefined);
  await saveCheckpoint(folder, 'same', progress, files);
  assert.deepEqual(await loadCheckpoint(folder, 'same', files), progress);
  assert.equal(await loadCheckpoint(folder, 'other', files), undefined);
  await saveCheckpoint(folder, 'same', { ...progress, step: 18 }, files);
  assert.equal((await loadCheckpoint(folder, 'same', files))?.step, 18);
});

const damages: Record<string, () => void> = {
  'checkpoint.json is not JSON': () => writeFileSync(`${folder}/checkpoint.json`, '{'),
  'a vector is missing': () => rmSync(`${folder}/m.f32`),
  'a vector is cut in a number': () => truncateSync(`${folder}/v.f32`, 10),
  'a vector is cut between numbers': () => truncateSync(`${folder}/theta.f32`, 32),
  'a finished view is missing': () => rmSync(`${folder}/finished1.f32`),
  'a finished view is cut': () => truncateSync(`${folder}/finished0.f32`, 8),
};

for (const [what, damage] of Object.entries(damages))
  test(`a damaged checkpoint is none: ${what}`, async () => {
    await saveCheckpoint(folder, 'same', progress, files);
    damage();
    assert.equal(await loadCheckpoint(folder, 'same', files), undefined);
  });

test('the fingerprint follows everything that decides the result, what the images show included', async () => {
  const images = ['a', 'b'].map((name) => `${root}/${name}.png`);
  images.forEach((image) => writeFileSync(image, `content of ${image}`));
  const training = { images, config: distilled, seed: 1, teacher: 'ab' };
  const first = await fingerprintOf(training, ports);
  assert.equal(await fingerprintOf({ ...training }, ports), first);
  const others = [
    { ...training, images: images.toReversed() },
    { ...training, config: instant },
    { ...training, seed: 2 },
    { ...training, teacher: 'cd' },
  ];
  for (const other of others) assert.notEqual(await fingerprintOf(other, ports), first);
  writeFileSync(images[1]!, 'content of another picture');
  assert.notEqual(await fingerprintOf(training, ports), first);
});
