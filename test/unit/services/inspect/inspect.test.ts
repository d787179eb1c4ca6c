import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { keepOutputs } from '../../../../src/graph/keepOutputs.ts';
import { float32 } from '../../../../src/graph/tensor.ts';
import { enlarge } from '../../../../src/maps/enlarge.ts';
import { rowStates } from '../../../../src/protocol/inspection.ts';
import { metricNames } from '../../../../src/protocol/metrics.ts';
import { inspectionDisk } from '../../../../src/runtime/store/inspectionDisk.ts';
import { datasetUse, openDetector, type LoadedDetector } from '../../../../src/services/detect/openDetector.ts';
import { detect } from '../../../../src/services/detect/detect.ts';
import type { Detector } from '../../../../src/services/detect/detectorStore.ts';
import { UserError } from '../../../../src/services/ports/errors.ts';
import { readDataset } from '../../../../src/services/dataset/readDataset.ts';
import { evaluate } from '../../../../src/services/evaluate/evaluate.ts';
import { inspect } from '../../../../src/services/inspect/inspect.ts';
import { inspectionRows } from '../../../../src/services/inspect/inspectionRows.ts';
import { Inspections } from '../../../../src/services/inspect/inspections.ts';
import type { InspectPorts } from '../../../../src/services/ports/inspectPorts.ts';
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
  side,
  stoppedAt,
  watch,
} from '../support.ts';

const root = scratch();
const inspectPorts: InspectPorts = {
  ...ports,
  disk: inspectionDisk,
  layOut: (points) =>
    Promise.resolve({ x: Float32Array.from(points, (_, i) => i), y: new Float32Array(points.length) }),
};

/** The score is the first red value; counts what it was given. Gives no grid, as old detectors. */
function fake(onRun: (images: number) => void = () => undefined): LoadedDetector {
  return {
    detector: { record: { config: { inputSize: side } } } as Detector,
    session: {
      executionProvider: 'cpu',
      outputNames: ['score', 'anomaly_map'],
      atOnce: 1,
      run: ({ image }) => {
        const count = image!.dims[0]!;
        onRun(count);
        const values = Float32Array.from(
          { length: count },
          (_, i) => (image!.data as Float32Array)[i * 3 * side * side]!,
        );
        const map = Float32Array.from({ length: count * side * side }, (_, i) => values[Math.floor(i / side / side)]!);
        return Promise.resolve({ score: float32(values), anomaly_map: float32(map, [count, 1, side, side]) });
      },
      release: () => Promise.resolve(),
    },
  };
}

/** One run over a folder. @returns how many images the detector saw, and the rows */
async function look(
  folder: string,
  given: { onRun?: (images: number) => void; watching?: typeof watch; using?: InspectPorts } = {},
) {
  const { using = inspectPorts } = given;
  const store = inspectionDisk.openStore(folder);
  let seen = 0;
  const loaded = fake((images) => {
    seen += images;
    given.onRun?.(images);
  });
  const dataset = await readDataset(folder, using);
  try {
    const open = () => Promise.resolve(loaded);
    const run = await inspect(dataset, 'v1', open, store, using, given.watching ?? watch);
    return { run, seen, notes: dataset.notes, rows: inspectionRows(dataset, { images: [] }, store.files('v1')) };
  } finally {
    store.close();
  }
}

test('each image once: unchanged, renamed and copied ones are known', async () => {
  const folder = `${root}/known`;
  await drawNormals(folder, 12);
  const first = await look(folder);
  assert.deepEqual([first.seen, first.run.looked, first.run.reused], [12, 12, 0]);
  assert.ok(first.rows.state.every((state) => rowStates[state] === 'done'));
  const again = await look(folder);
  assert.deepEqual([again.seen, again.run.reused], [0, 12]);
  assert.deepEqual(again.rows, first.rows);
  renameSync(`${folder}/003.png`, `${folder}/ä 検査 🙂.png`);
  copyFileSync(`${folder}/000.png`, `${folder}/copy.png`);
  utimesSync(`${folder}/001.png`, 1, 1);
  const moved = await look(folder);
  assert.equal(moved.seen, 0);
  assert.equal(moved.rows.paths.length, 13);
  assert.ok(moved.rows.state.every((state) => rowStates[state] === 'done'));
  assert.equal(moved.rows.score[moved.rows.paths.indexOf('ä 検査 🙂.png')], first.rows.score[3]);
  await drawCloth(`${folder}/002.png`, 999);
  assert.equal((await look(folder)).seen, 1);
});

test('what is no image is left out, what is a bad one is named, the rest goes on', async () => {
  const folder = `${root}/bad`;
  await drawNormals(`${folder}/good`, 3);
  await drawMask(`${folder}/ground_truth/dent/000_mask.png`, { x: 10, y: 10, radius: 3 });
  await drawCloth(`${folder}/dent/000.png`, 50);
  for (let i = 0; i < 2000; i++) writeFileSync(`${folder}/good/note ${i}.txt`, 'no image');
  await drawNormals(`${folder}/.hidden`, 1);
  writeFileSync(`${folder}/good/empty.png`, '');
  writeFileSync(`${folder}/good/text.png`, 'not an image');
  symlinkSync('../good', `${folder}/good/loop`);
  symlinkSync('nowhere.png', `${folder}/good/dangling.png`);
  const { run, rows, seen } = await look(folder);
  assert.equal(seen, 4);
  assert.deepEqual(rows.paths, [
    'dent/000.png',
    'good/000.png',
    'good/001.png',
    'good/002.png',
    'good/dangling.png',
    'good/empty.png',
    'good/text.png',
  ]);
  assert.deepEqual(Object.keys(rows.failures).map(Number), [4, 5, 6]);
  assert.match(rows.failures[5]!, /empty\.png: is empty/);
  assert.equal(run.failures.length, 3);
  assert.ok(run.failures.every((line) => !line.includes('\n')));
});

const names = [
  'ä ö ß/é.png', // composed
  'ä ö ß/e\u0301.png', // and decomposed: another file
  'عيب/صورة ١.png',
  'ख़राबी/चित्र.png',
  '欠陥/検査 画像.png',
  'Дефект/снимок.png',
  '🙂/👩‍🏭.png',
  "it's 100% #1 (copy) & more.png",
  '-rf.png',
  `${'long'.repeat(45)}.png`,
];
test('names in any script are looked at, stored and found again', async () => {
  const folder = `${root}/имена 名前`;
  for (const [i, name] of names.entries()) await drawCloth(`${folder}/${name}`, i);
  const first = await look(folder);
  assert.deepEqual(first.run.failures, []);
  assert.deepEqual([...first.rows.paths].sort(), [...names].sort());
  assert.ok(first.rows.state.every((state) => rowStates[state] === 'done'));
  const again = await look(folder);
  assert.deepEqual([again.seen, again.rows.score], [0, first.rows.score]);
  const store = inspectionDisk.openStore(folder);
  for (const name of names) assert.equal(store.thumbnail(name)?.[0], 0xff, name);
  store.close();
});

const noEntry = (file: string) => new UserError(`${file}: may not be read. Ask for the right to read it.`);

test('unreadable folders and files are named, the rest is looked at', async () => {
  const folder = `${root}/unreadable`;
  await drawNormals(`${folder}/open`, 2);
  await drawNormals(`${folder}/closed`, 2, 20);
  await drawCloth(`${folder}/open/secret.png`, 9);
  chmodSync(`${folder}/closed`, 0o000);
  chmodSync(`${folder}/open/secret.png`, 0o000);
  // Who may read everything, as root may, and Windows get the same answers from a disk that says
  // so.
  const may = await readdir(`${folder}/closed`).then(
    () => true,
    () => false,
  );
  const denied = (file: string): boolean => /closed|secret/.test(file);
  const deny =
    <T extends unknown[], R>(read: (file: string, ...more: T) => Promise<R>) =>
    (file: string, ...more: T): Promise<R> =>
      denied(file) ? Promise.reject(noEntry(file)) : read(file, ...more);
  const using: InspectPorts = {
    ...inspectPorts,
    files: {
      ...ports.files,
      hash: deny(ports.files.hash),
      async list(given) {
        const { paths, notes } = await ports.files.list(given);
        return {
          paths: paths.filter((path) => !path.startsWith('closed')),
          notes: [...notes, noEntry(`${given}/closed`).message],
        };
      },
    },
    images: { ...ports.images, readImage: deny(ports.images.readImage) },
  };
  try {
    const { run, rows, seen, notes } = await look(folder, may ? { using } : {});
    assert.equal(seen, 2);
    assert.deepEqual(rows.paths, ['open/000.png', 'open/001.png', 'open/secret.png']);
    assert.deepEqual(
      rows.paths.map((_, row) => rowStates[rows.state[row]!]),
      ['done', 'done', 'failed'],
    );
    assert.equal(run.failures.length, 1);
    assert.match(run.failures[0]!, /^[^\n]*open\/secret\.png: [^\n]+$/);
    assert.match(notes.join('\n'), /^[^\n]*closed: [^\n]+$/);
  } finally {
    chmodSync(`${folder}/closed`, 0o755);
  }
  // Once it may be read it is looked at, without the rest.
  chmodSync(`${folder}/open/secret.png`, 0o644);
  const later = await look(folder);
  assert.deepEqual([later.seen, later.run.failures], [3, []]);
});

test('an image deleted while it runs is named', async () => {
  const folder = `${root}/deleted`;
  await drawNormals(folder, 60);
  let gone = false;
  const { run, rows } = await look(folder, {
    onRun: () => {
      if (!gone) rmSync(`${folder}/059.png`);
      gone = true;
    },
  });
  assert.match(run.failures.join(), /^[^\n]*059\.png: was deleted during the inspection/);
  assert.equal(rowStates[rows.state[59]!], 'failed');
  assert.equal(run.looked, 59);
});

test('stopped, what was done is kept', async () => {
  const folder = `${root}/stopped`;
  await drawNormals(folder, 20);
  await assert.rejects(look(folder, { watching: stoppedAt('Inspecting', 5) }), Cancelled);
  const { run, seen } = await look(folder);
  assert.ok(seen < 16 && seen > 0 && run.reused === 20 - seen, `${seen}`);
});

test('what goes wrong first is told, the rest is undone all the same', async () => {
  const folder = `${root}/wrong`;
  await drawNormals(folder, 3);
  const dataset = await readDataset(folder, inspectPorts);
  const real = inspectionDisk.openStore(folder);
  let released = 0;
  const loaded = fake(() => {
    throw new Error('the detector fails');
  });
  const session = { ...loaded.session, release: () => Promise.resolve(void released++) };
  const full = (): never => {
    throw new Error('the disk is full');
  };
  writeFileSync(`${folder}/empty.png`, '');
  const items = [...dataset.items, { path: 'empty.png', split: 'none', label: 'unknown' } as const].reverse();
  await assert.rejects(
    inspect(
      { ...dataset, items },
      'v1',
      () => Promise.resolve({ ...loaded, session }),
      { ...real, write: full },
      inspectPorts,
      watch,
    ),
    /the detector fails/,
  );
  const failing = { ...fake(), session: { ...fake().session, release: session.release } };
  await assert.rejects(
    inspect(dataset, 'v1', () => Promise.resolve(failing), { ...real, write: full }, inspectPorts, watch),
    /the disk is full/,
  );
  assert.equal(released, 2);
  real.close();
});

test('of many folders the last few are kept open, and those at work', async () => {
  const out = `${root}/few.nferd`;
  const images = await drawNormals(`${root}/few`, 6);
  await trainDetector(request({ images, out, config: { ...instant, views: [1] } }), ports, watch);
  const open = new Set<string>();
  const disk: InspectPorts['disk'] = {
    ...inspectionDisk,
    openStore(folder) {
      const store = inspectionDisk.openStore(folder);
      assert.ok(!open.has(folder));
      open.add(folder);
      return { ...store, close: () => (open.delete(folder), store.close()) };
    },
  };
  const inspections = new Inspections(() => ({ ...inspectPorts, disk }));
  const key = (i: number) => ({ folder: `${root}/many/${i}`, detector: out });
  for (let i = 0; i < 20; i++) await drawCloth(`${root}/many/${i}/0.png`, i);
  const [first] = await Promise.all([
    inspections.inspect(key(0), watch),
    ...Array.from({ length: 19 }, (_, i) => inspections.read(key(i + 1))),
  ]);
  assert.equal(first.run.looked, 1);
  assert.equal(open.size, 8);
  // One that was closed is opened again.
  assert.equal((await inspections.read(key(1))).rows.paths.length, 1);
  assert.equal((await inspections.thumbnails(key(2), [0])).length, 1);
  assert.equal(open.size, 8);
  inspections.close();
  assert.equal(open.size, 0);
});

test('the results of a taught version go when it was discarded, and stay when it was accepted', async () => {
  const folder = `${root}/teach`;
  const images = await drawNormals(folder, 7);
  const made = async (out: string, from: number) =>
    trainDetector(
      request({ images: images.slice(from, from + 5), out, config: { ...instant, views: [1] } }),
      ports,
      watch,
    );
  const [own, discarded, accepted] = ['own', 'taught/1/a', 'taught/2/b'].map((name) => `${root}/${name}`);
  const inspections = new Inspections(() => inspectPorts);
  const versions: string[] = [];
  for (const [from, detector] of [own!, discarded!, accepted!].entries()) {
    await made(detector, from);
    versions.push((await inspections.inspect({ folder, detector }, watch)).inspection.detector.version);
  }
  assert.equal(new Set(versions).size, 3);
  rmSync(`${root}/taught/1`, { recursive: true });
  renameSync(accepted!, `${root}/b`);
  await inspections.read({ folder, detector: `${root}/b` });
  await inspections.inspect({ folder, detector: own! }, watch);
  inspections.close();
  const store = inspectionDisk.openStore(folder);
  assert.deepEqual(
    store.detectors().map(({ version, folder: place }) => [version, place]),
    [[versions[0], own], [versions[2], `${root}/b`]], // prettier-ignore
  );
  assert.equal(store.grid('000.png', versions[1]!), undefined);
  assert.ok(store.grid('000.png', versions[2]!));
  store.close();
});

/** 11 normal images, 3 with masks of their defects. @returns the 8 to train on */
async function drawDataset(folder: string): Promise<string[]> {
  const blots = [18, 40, 60].map((x) => ({ x, y: 78 - x, radius: 11 }));
  const normals = await drawNormals(`${folder}/train/good`, 8);
  await drawNormals(`${folder}/test/good`, 3, 50);
  for (const [i, blot] of blots.entries()) {
    const kind = i < 2 ? 'blot' : 'spot';
    await drawCloth(`${folder}/test/${kind}/00${i}.png`, 70 + i, blot);
    await drawMask(`${folder}/ground_truth/${kind}/00${i}_mask.png`, blot);
  }
  return normals;
}

test('an inspection says what evaluate says; labels, thumbnails, projection', async () => {
  const folder = `${root}/cloth`;
  const normals = await drawDataset(folder);
  const config = { ...instant, views: [1] };
  const out = `${root}/made`;
  const { detector } = await trainDetector(request({ images: normals, out, config }), ports, watch);
  const key = { folder, detector: out };
  const inspections = new Inspections(() => inspectPorts);
  const { inspection, run } = await inspections.inspect(key, watch);
  assert.equal(run.looked, 14);
  assert.deepEqual(inspection.rows.defectTypes, ['blot', 'spot']);
  assert.equal(inspection.rows.trained.filter(Boolean).length, 8);

  const threshold = 0.7;
  const loaded = await openDetector(detector, ports);
  const said = await evaluate(folder, loaded, threshold, ports, watch);
  const { paths, score: scores, peak: peaks } = inspection.rows;
  for (const row of [0, 8, 13]) {
    const { score, anomalyMap, anomalyGrid } = await detect(`${folder}/${paths[row]!}`, loaded, ports);
    // What the extension makes of the grid is the map of the detector.
    const again = enlarge(anomalyGrid, anomalyMap.width).data;
    assert.ok(anomalyMap.data.every((value, at) => Math.abs(value - again[at]!) < 1e-5));
    assert.ok(Math.abs(scores[row]! - score) < 1e-5);
    assert.ok(Math.abs(peaks[row]! - Math.max(...anomalyMap.data)) < 1e-5);
  }
  await loaded.session.release();
  const { roc, precisionRecall, pro, ...metrics } = await inspections.metrics(key, threshold);
  const { atThreshold: at, metricSide: _, scores: __, failures: _f, notes: _n, ...figures } = said;
  const { recall, falseAlarmRate, falseAlarmInterval, pixelThreshold, pixelF1, pixelIou } = at;
  assert.deepEqual(metrics, { ...figures, recall, falseAlarmRate, falseAlarmInterval, pixelF1, pixelIou });
  assert.equal(pixelThreshold, inspection.detector.thresholds.pixel);
  for (const name of metricNames) assert.equal(typeof metrics[name], 'number', name);
  for (const of of Object.values(metrics.perDefect))
    assert.ok(of.pixelAp! > 0 && of.pixelF1Max! > 0 && of.aupro05! > 0);
  const ends = (x: Float64Array) => [x[0], x.at(-1)];
  assert.deepEqual(ends(roc!.x), [0, 1]);
  assert.deepEqual(ends(precisionRecall!.x), [0, 1]);
  assert.deepEqual([pro!.x[0], pro!.x.at(-1)! <= 0.3], [0, true]);

  // The user's word counts: excluded images are gone from the metrics.
  const line = { image: 'test/spot/002.png', label: 'excluded', at: '2026-01-01T00:00:00.000Z' };
  mkdirSync(path.join(folder, '.nferd'), { recursive: true });
  writeFileSync(`${folder}/.nferd/labels.jsonl`, `${JSON.stringify(line)}\n`);
  assert.deepEqual(Object.keys((await inspections.metrics(key)).perDefect), ['blot']);

  const [shown, failed] = await inspections.thumbnails(key, [8, 99]);
  assert.deepEqual([...shown!.picture!.subarray(0, 2)], [0xff, 0xd8]);
  assert.equal(shown!.map!.length, 64 * 64);
  assert.deepEqual(failed, { row: 99 });

  // What is taught as flagged is cut from the same numbers.
  const blotted = paths.find((path) => path.startsWith('test/blot/'))!;
  const normal = paths.find((path) => path.startsWith('test/good/'))!;
  const regions = await inspections.flaggedRegions(key, [blotted, normal], 1);
  assert.ok(regions.length > 0 && regions.every(({ image, region }) => image === blotted && region!.width < 1));
  await refused(
    inspections.flaggedRegions(key, [normal], 1e6),
    /nothing lies above the pixel threshold\. Teach the whole/,
  );
  await refused(inspections.flaggedRegions(key, ['no.png'], 1), /no\.png: has no result of this detector/);

  const { x, y } = await inspections.projection(key);
  assert.ok(x.length === 14 && [...x, ...y].every(Number.isFinite));
  inspections.close();

  // An older detector gives no peak: the same numbers.
  const older = { ...detector, model: keepOutputs(detector.model, ['score', 'anomaly_map', 'anomaly_grid']) };
  const store = inspectionDisk.openStore(`${root}/older`);
  const dataset = {
    root: folder,
    items: paths.slice(0, 3).map((path) => ({ path, split: 'none', label: 'unknown' }) as const),
  };
  await inspect(dataset, 'older', () => openDetector(older, ports, datasetUse), store, inspectPorts, watch);
  const found = store.files('older');
  assert.deepEqual(
    [...found.peak],
    paths.slice(0, 3).map((path) => peaks[paths.indexOf(path)]),
  );
  store.close();
});
