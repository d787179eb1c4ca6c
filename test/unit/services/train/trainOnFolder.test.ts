import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { defaultConfig, defaultStudent } from '../../../../src/nferd/config.ts';
import { loadDetector } from '../../../../src/services/detect/detectorStore.ts';
import {
  configOf,
  trainOnFolder,
  type FolderTraining,
  type Wishes,
} from '../../../../src/services/train/trainOnFolder.ts';
import { drawCloth, drawNormals, ports, refused, scratch, watch } from '../support.ts';

const models = path.resolve(import.meta.dirname, '../../../../models');
const folders = { shipped: models, user: models };
const root = scratch();
const train = (given: Omit<FolderTraining, 'size'>) => trainOnFolder({ size: 128, ...given }, folders, ports, watch);

const wishes: [what: string, Wishes, student: Record<string, unknown> | undefined][] = [
  ['nothing', {}, undefined],
  ['instant', { mode: 'instant' }, undefined],
  ['instant, with steps that nobody takes', { mode: 'instant', steps: 9 }, undefined],
  ['distilled', { mode: 'distilled' }, { ...defaultStudent }],
  ['steps', { steps: 9 }, { ...defaultStudent, steps: 9 }],
  ['a fusion', { fusion: 'bank' }, { ...defaultStudent, fusion: 'bank' }],
];
for (const [what, given, student] of wishes)
  test(`configuration for ${what}`, () => assert.deepEqual(configOf(given).student, student));

test('configuration: without wishes the default one', () => assert.equal(configOf({}), defaultConfig));

test('a folder becomes a detector with the defaults; what NFERD wrote there is not learned', async () => {
  const folder = `${root}/cloth`;
  await drawNormals(`${folder}/train/good`, 5);
  await drawCloth(`${folder}/train/good/nferd-out/0.png`, 9);
  const notes: string[] = [];
  const out = `${root}/cloth.nferd`;
  const { detector, failures } = await train({ folder, out, onNote: (note) => notes.push(note) });
  const { name, seed, teacher, calibration, images } = detector.record;
  assert.deepEqual([name, seed, teacher.name, calibration.falseAlarmRate], ['cloth', 1, 'efficientnet-lite0', 0.05]);
  assert.deepEqual(images, [0, 1, 2, 3, 4].map((i) => `${folder}/train/good/00${i}.png`)); // prettier-ignore
  assert.deepEqual(failures, []);
  assert.deepEqual(notes, ['train/good/nferd-out: 1 image left out (written by NFERD, not products)']);
  assert.deepEqual((await loadDetector(out, ports)).record, detector.record);
});

test('copies train once: an image would calibrate by its copy', async () => {
  const folder = `${root}/twins`;
  const images = await drawNormals(folder, 6);
  await copyFile(images[0]!, `${folder}/x copy.png`);
  const notes: string[] = [];
  const { detector } = await train({ folder, out: `${root}/twins.nferd`, onNote: (note) => notes.push(note) });
  assert.deepEqual(detector.record.images, images);
  assert.deepEqual(notes, [`${folder}: 1 images are copies of others and are left out.`]);
});

test('refused before anything is learned, in one line', async () => {
  const folder = `${root}/few`;
  await drawNormals(folder, 3);
  const before = (await ports.files.list(root)).paths;
  await refused(train({ folder, out: `${root}/new` }), /few: 3 normal images; at least 5/);
  await refused(train({ folder, out: folder }), /few: exists and is not a detector, so it is not replaced\. Choose/);
  await refused(train({ folder, out: `${folder}/000.png/x` }), /000\.png\/x: could not be written/);
  await refused(train({ folder: `${root}/none`, out: `${root}/new` }), /none/);
  await refused(train({ folder, out: `${root}/new`, teacher: 'nobody' }), /teacher "nobody" is not installed/);
  assert.deepEqual((await ports.files.list(root)).paths, before);
});
