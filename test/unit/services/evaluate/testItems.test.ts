import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { recogniseDataset } from '../../../../src/dataset/recogniseDataset.ts';
import { inspectionDisk } from '../../../../src/runtime/store/inspectionDisk.ts';
import { openDetector } from '../../../../src/services/detect/openDetector.ts';
import { loadDetector } from '../../../../src/services/detect/detectorStore.ts';
import { readDataset } from '../../../../src/services/dataset/readDataset.ts';
import { evaluate } from '../../../../src/services/evaluate/evaluate.ts';
import { Inspections } from '../../../../src/services/inspect/inspections.ts';
import { learnedFrom, testItems, type Learned } from '../../../../src/services/evaluate/testItems.ts';
import { trainDetector } from '../../../../src/services/train/trainDetector.ts';
import { drawCloth, drawNormals, instant, ports, refused, request, scratch, watch } from '../support.ts';

const cases: [string, string, string[], Learned, string[]][] = [
  // What, the folder, its files, the detector, the images it learned from.
  ['by absolute path', '/a/b', ['good/0.png', 'good/1.png'], { images: ['/a/b/good/1.png'] }, ['good/1.png']],
  ['drives in either case', 'c:/a', ['good/0.png'], { images: ['C:/a/good/0.png'] }, ['good/0.png']],
  [
    'what calibrated it',
    '/a',
    ['good/0.png', 'good/1.png'],
    { calibration: { images: ['/a/good/0.png'] } },
    ['good/0.png'],
  ],
  [
    'moved and renamed',
    '/new',
    ['good/0.png', 'bad/0.png'],
    { source: '/old', images: ['/old/good/0.png'] },
    ['good/0.png'],
  ],
  [
    'moved, seen from above',
    '/new',
    ['s/x/0.png', 's/y/0.png'],
    { source: '/old/s/x', images: ['/old/s/x/0.png'] },
    ['s/x/0.png'],
  ],
  [
    'moved, seen from below',
    '/new/s/x',
    ['0.png', '1.png'],
    { source: '/old/s/', images: ['/old/s/x/0.png'] },
    ['0.png'],
  ],
  ['another folder, source still there', '/new', ['good/0.png'], { images: ['/old/good/0.png'] }, []],
  ['names alone are not enough', '/new/t', ['x/0.png'], { source: '/old/s', images: ['/elsewhere/x/0.png'] }, []],
  ['an older detector', '/new', ['0.png'], { images: ['/old/0.png'] }, []],
];
for (const [name, root, paths, record, expected] of cases)
  test(`learned from: ${name}`, () => {
    const dataset = recogniseDataset(paths, root);
    const learned = learnedFrom(dataset, record);
    assert.deepEqual(
      dataset.items.filter(learned).map(({ path }) => path),
      expected,
    );
  });

test('a whole training split counts as learned from, where some of it is', () => {
  const dataset = recogniseDataset(
    ['train/good/0.png', 'train/good/1.png', 'test/good/2.png', 'test/dent/3.png'],
    '/m',
  );
  const learned = learnedFrom(dataset, { images: ['/m/train/good/1.png'] });
  assert.equal(dataset.items.filter(learned).length, 2);
  assert.deepEqual(
    testItems(dataset, learned).map(({ path }) => path),
    ['test/dent/3.png', 'test/good/2.png'],
  );
});

const root = scratch();
/** good/ and crack/, as people have them; a detector of some of good/. */
async function classFolders(folder: string, learned: number, more: number) {
  const normals = await drawNormals(`${folder}/good`, learned + more);
  for (let i = 0; i < 3; i++)
    await drawCloth(`${folder}/crack/${i}.png`, 90 + i, { x: 40, y: 20 + 20 * i, radius: 12 });
  const out = `${folder}.nferd`;
  const config = { ...instant, views: [1] };
  await trainDetector(request({ images: normals.slice(0, learned), source: folder, out, config }), ports, watch);
  return out;
}
const evaluated = async (folder: string, out: string) => {
  const loaded = await openDetector(await loadDetector(out, ports), ports);
  return evaluate(folder, loaded, 1, ports, watch).finally(() => loaded.session.release());
};
const inspected = async (folder: string, detector: string) => {
  const inspections = new Inspections(() => ({
    ...ports,
    disk: inspectionDisk,
    layOut: () => Promise.reject(new Error()),
  }));
  try {
    const { inspection } = await inspections.inspect({ folder, detector }, watch);
    return { inspection, metrics: await inspections.metrics({ folder, detector }, 1) };
  } finally {
    inspections.close();
  }
};

test(
  'class folders: evaluate and an inspection measure the same images, none of them learned from, ' +
    'wherever they were moved',
  async () => {
    const folder = `${root}/classes`;
    const out = await classFolders(folder, 6, 3);
    for (const place of [folder, `${root}/moved/deeper`]) {
      if (place !== folder) {
        cpSync(folder, place, { recursive: true });
        renameSync(folder, `${root}/gone`);
      }
      const {
        scores,
        notes,
        images: count,
        imageAuroc,
        imageAp,
        imageF1Max,
        atThreshold,
      } = await evaluated(place, out);
      assert.deepEqual(
        scores.map(({ path }) => path),
        [0, 1, 2].map((i) => `crack/${i}.png`).concat([6, 7, 8].map((i) => `good/00${i}.png`)),
      );
      assert.deepEqual(notes, ['6 labelled images are left out: the detector was trained on them.']);
      const { inspection, metrics } = await inspected(place, out);
      assert.equal(inspection.rows.trained.filter(Boolean).length, 6);
      assert.deepEqual(
        [
          metrics.images,
          metrics.imageAuroc,
          metrics.imageAp,
          metrics.imageF1Max,
          metrics.recall,
          metrics.falseAlarmRate,
        ],
        [count, imageAuroc, imageAp, imageF1Max, atThreshold.recall, atThreshold.falseAlarmRate],
      );
    }
  },
);

test('copies of training images, under other names in another place, are known by content and named', async () => {
  const folder = `${root}/own`;
  const out = await classFolders(folder, 6, 0);
  const place = `${root}/copied`;
  for (const [at, to] of ['good/0.png', 'good/1.png', 'crack/9.png'].entries())
    cpSync(`${folder}/good/00${at}.png`, `${place}/test/${to}`, { recursive: true });
  await drawCloth(`${place}/test/good/2.png`, 70);
  await drawCloth(`${place}/test/crack/0.png`, 90, { x: 40, y: 40, radius: 12 });
  const { scores, notes } = await evaluated(place, out);
  assert.deepEqual(
    scores.map(({ path }) => path),
    ['test/crack/0.png', 'test/good/2.png'],
  );
  const left = /^3 labelled images are left out: .* 3 of them are copies, such as test\/crack\/9\.png\.$/m;
  assert.match(notes.join('\n'), left);
  const { inspection, metrics } = await inspected(place, out);
  assert.deepEqual([metrics.images, inspection.rows.trained.reduce((a, b) => a + b, 0)], [2, 3]);
  assert.ok(
    inspection.notes.includes(
      'copies of images that the detector was trained on: 3, such as test/crack/9.png; left out of metrics',
    ),
  );
  // A detector of an older version does not know.
  const { contents, ...older } = JSON.parse(readFileSync(`${out}/detector.json`, 'utf8')) as { contents: string[] };
  assert.equal(contents.length, 6);
  writeFileSync(`${out}/detector.json`, JSON.stringify(older));
  assert.equal((await evaluated(place, out)).scores.length, 5);
});

test('a copied dataset, the original still there: nothing of it is measured but what is new', async () => {
  const folder = `${root}/again`;
  const out = await classFolders(folder, 6, 2);
  cpSync(folder, `${root}/twin`, { recursive: true });
  const { scores } = await evaluated(`${root}/twin`, out);
  assert.deepEqual(
    scores.map(({ path }) => path),
    ['crack/0.png', 'crack/1.png', 'crack/2.png', 'good/006.png', 'good/007.png'],
  );
});

test('trained on every normal image, there is none to test on, and evaluate says so', async () => {
  const folder = `${root}/all`;
  const out = await classFolders(folder, 6, 0);
  const { images: count, imageAuroc, notes } = await evaluated(folder, out);
  assert.deepEqual([count, imageAuroc], [3, undefined]);
  assert.match(notes[0]!, /^6 labelled images are left out: .* No normal image is left to test on; add some\.$/);
  assert.equal((await readDataset(folder, ports)).items.length, 9);
  await refused(evaluated(`${folder}/good`, out), /good: (no labelled|the detector was trained)/);
});
