import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  loadDetector,
  oddNormalsOf,
  saveDetector,
  summaryOf,
  thresholdsOf,
  type DetectorRecord,
} from '../../../../src/services/detect/detectorStore.ts';
import { distilled, instant, ports, refused, scratch, teacher } from '../support.ts';

const root = scratch();
const folder = `${root}/made`;
const model = Uint8Array.from({ length: 3000 }, (_, i) => i % 251);

const made: Omit<DetectorRecord, 'format' | 'formatVersion' | 'model'> = {
  name: 'made',
  createdAt: '2024-11-24T00:00:00.000Z',
  seed: 4,
  config: instant,
  teacher: { ...teacher.spec },
  images: ['/a.png', '/b.png'],
  provenance: [0, 1, 2, 3, 4, 5].map((stage) => [0, stage % 2, 1, 1, 0, stage % 2]),
  calibration: {
    scores: Array.from({ length: 19 }, (_, i) => (7 * i) % 19),
    peaks: Array.from({ length: 19 }, (_, i) => 10 * i),
    method: 'own entries left out',
    falseAlarmRate: 0.1,
  },
};

test('a detector is read as it was written', async () => {
  const saved = await saveDetector(folder, made, model, ports);
  const loaded = await loadDetector(folder, ports);
  assert.deepEqual(loaded.record, JSON.parse(JSON.stringify(saved.record)));
  assert.ok(Buffer.from(loaded.model).equals(model));
  assert.equal(loaded.record.model.sha256, ports.sha256(model));
});

test('writing fails as a whole: the detector before stays', async () => {
  await saveDetector(folder, made, model, ports);
  const broken: typeof ports = { ...ports, sha256: () => '' };
  const write = () => Promise.reject(new Error('disk full'));
  const full = { ...ports.files, write };
  const files = {
    ...ports.files,
    writeFolder: (to: string, fill: (temporary: string) => Promise<void>) =>
      ports.files.writeFolder(to, async (temporary) => {
        await fill(temporary);
        await full.write();
      }),
  };
  await assert.rejects(saveDetector(folder, { ...made, name: 'second' }, model, { ...broken, files }));
  assert.equal((await loadDetector(folder, ports)).record.name, 'made');
});

test('odd normal images are named, in the order of their scores', () => {
  const names = Array.from({ length: 21 }, (_, i) => `/${i}.png`);
  const scores = names.map((_, i) => (i === 3 ? 90 : i === 8 ? 95 : i));
  const record = (given: Partial<DetectorRecord['calibration']>): DetectorRecord =>
    ({
      images: names,
      calibration: { scores, peaks: scores, method: 'held-out', falseAlarmRate: 0.04, ...given },
    }) as unknown as DetectorRecord;
  const odd = {
    images: [
      { path: '/8.png', score: 95 },
      { path: '/3.png', score: 90 },
    ],
    others: 19,
    threshold: 20,
  };
  assert.deepEqual(oddNormalsOf(record({ images: names })), odd);
  assert.deepEqual(oddNormalsOf(record({ method: 'own entries left out' })), odd);
  assert.equal(oddNormalsOf(record({})), undefined, 'an older version: names are missing');
  assert.equal(oddNormalsOf(record({ images: names.slice(1) })), undefined, 'names of others');
  assert.equal(oddNormalsOf(record({ images: names, scores: names.map((_, i) => i) })), undefined);
});

test('thresholds and summary', async () => {
  const detector = await saveDetector(folder, made, model, ports);
  // ⌈20 · 0.9⌉ = 18th of 0 … 18 and of 0 … 180.
  assert.deepEqual(thresholdsOf(detector.record), { image: 17, pixel: 170, falseAlarmRate: 0.1, promised: true });
  assert.deepEqual(thresholdsOf(detector.record, 0.01), {
    image: 18,
    pixel: 180,
    falseAlarmRate: 0.05,
    promised: false,
  });
  const summary = summaryOf(detector);
  assert.equal(summary.mode, 'instant');
  assert.equal(summary.normalImages, 2);
  assert.deepEqual(
    summary.calibrationScores,
    Array.from({ length: 19 }, (_, i) => i),
  );
  const other = await saveDetector(folder, { ...made, config: distilled }, model.slice(1), ports);
  assert.equal(summaryOf(other).mode, 'distilled');
  assert.notEqual(summaryOf(other).version, summary.version);
});

/** Changes detector.json; `undefined` leaves a field out. */
const changed = (fields: Record<string, unknown>) => () => {
  const record = JSON.parse(readFileSync(`${folder}/detector.json`, 'utf8')) as object;
  writeFileSync(`${folder}/detector.json`, JSON.stringify({ ...record, ...fields }));
};
const file = (name: string, content: string | Uint8Array) => () => writeFileSync(`${folder}/${name}`, content);
const gone = (name: string) => () => rmSync(`${folder}/${name}`);
const { calibration } = made;

const damages: [what: string, damage: () => void, message: RegExp][] = [
  ['detector.json missing', gone('detector.json'), /made: not a detector \(detector\.json is missing\)\. Choose/],
  ['detector.onnx missing', gone('detector.onnx'), /made\/detector\.onnx: missing\. Train/],
  ['not JSON', file('detector.json', '{"format":'), /detector\.json: damaged \(not valid JSON\)\. Train/],
  ['empty', file('detector.json', ''), /detector\.json: damaged \(not valid JSON\)/],
  ['null', file('detector.json', 'null'), /not a detector's description/],
  ['a list', file('detector.json', '[]'), /not a detector's description/],
  ['another format', changed({ format: 'x' }), /not a detector's description \(format "nferd detector" expected\)/],
  ['a newer format', changed({ formatVersion: 3 }), /format 3, this version reads up to 2\. Update NFERD\.$/],
  ['no version', changed({ formatVersion: undefined }), /format unknown, this version reads up to 2/],
  ['a byte changed', file('detector.onnx', model.with(1500, 255)), /detector\.onnx: damaged \(its checksum differs/],
  ['truncated', file('detector.onnx', model.subarray(0, 100)), /detector\.onnx: damaged \(its checksum differs/],
  ['another sum', changed({ model: { file: 'detector.onnx', sha256: 'ab' } }), /damaged \(its checksum differs/],
  ['another file', changed({ model: { file: '../x.onnx', sha256: 'ab' } }), /"model\.file" must be "detector\.onnx"/],
  ...['config', 'teacher', 'model', 'images', 'provenance', 'calibration'].map((key): [string, () => void, RegExp] => [
    `no ${key}`,
    changed({ [key]: undefined }),
    new RegExp(`detector\\.json: damaged \\("${key}" is missing\\)\\. Train`),
  ]),
  ['an empty configuration', changed({ config: {} }), /damaged \("config" /],
  ['an impossible size', changed({ config: { ...instant, inputSize: 50 } }), /damaged \("config" /],
  ['no scores', changed({ calibration: { ...calibration, scores: [] } }), /"calibration\.scores" must be numbers/],
  ['scores of text', changed({ calibration: { ...calibration, scores: ['1'] } }), /"calibration\.scores" must be num/],
  ['no peaks', changed({ calibration: { ...calibration, peaks: undefined } }), /"calibration\.peaks" must be numbers/],
  ['no rate', changed({ calibration: { ...calibration, falseAlarmRate: 2 } }), /"calibration\.falseAlarmRate" must/],
  ['images that are no paths', changed({ images: [1, 2] }), /"images" must be paths/],
  [
    'a view without weight',
    changed({ config: { ...instant, map: { ...instant.map, viewWeights: [1] } } }),
    /"config" /,
  ],
  ['a stage too few', changed({ provenance: made.provenance.slice(1) }), /"provenance" does not fit "config"/],
  ...Object.entries({
    'no entries': [],
    'a number too few': [0, 1],
    'an image that is not there': [2, 0, 0],
    'a row below the grid': [0, 8, 0],
    'a column that is none': [0, 0, 0.5],
    text: ['0', '0', '0'],
    'no list': 7,
  }).map(([what, first]): [string, () => void, RegExp] => [
    `provenance: ${what}`,
    changed({ provenance: [first, ...made.provenance.slice(1)] }),
    /detector\.json: damaged \("provenance" does not fit "config" and "images"\)\. Train/,
  ]),
];

for (const [what, damage, message] of damages)
  test(`a damaged detector is refused in one line: ${what}`, async () => {
    rmSync(folder, { recursive: true, force: true });
    await saveDetector(folder, made, model, ports);
    damage();
    await refused(loadDetector(folder, ports), message);
  });

test('no folder at all', () => refused(loadDetector(`${root}/nowhere`, ports), /nowhere: not a detector/));
