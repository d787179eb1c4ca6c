import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCsv } from '../../../../src/dataset/formats/csv.ts';
import { parseLabelsCsv } from '../../../../src/dataset/formats/csvLabels.ts';
import { knownLabels } from '../../../../src/dataset/labels.ts';
import type { Inspection, InspectionMetrics } from '../../../../src/protocol/inspection.ts';
import { labelFiles } from '../../../../src/runtime/store/labelFiles.ts';
import { UserError } from '../../../../src/services/ports/errors.ts';
import {
  gatedOf,
  reportCsv,
  reportJson,
  reportRows,
  type ReportInput,
} from '../../../../src/services/report/reportData.ts';
import { noRules } from '../../../../src/verdict/rules.ts';
import { judge, parseGate } from '../../../../src/services/report/reportGate.ts';
import { reportHtml } from '../../../../src/services/report/reportHtml.ts';

const label = (name: (typeof knownLabels)[number]): number => knownLabels.indexOf(name);

const inspection: Inspection = {
  folder: '/data/<plates>',
  layout: 'folder',
  detector: {
    folder: '/d',
    name: 'plate & co',
    mode: 'instant',
    teacher: 'lite',
    input: { width: 256, height: 256 },
    normalImages: 20,
    createdAt: '',
    version: 'abc',
    thresholds: { image: 2, pixel: 2, falseAlarmRate: 0.05, promised: true },
    calibrationScores: [1],
    calibrationPeaks: [1],
  },
  rows: {
    paths: ['a.png', 'b,"x".png', '<script>.png', 'd.png', 'e.png', 'f.png'],
    state: Uint8Array.from([1, 1, 1, 1, 2, 1]),
    score: Float32Array.from([1, 3, 4, 1.5, NaN, 9]),
    peak: Float32Array.from([1, 3, 4, 1.5, NaN, 9]),
    folderLabel: Uint8Array.from(['normal', 'normal', 'anomalous', 'anomalous', 'unknown', 'normal'] as const, label),
    folderDefect: Int16Array.from([-1, -1, 0, 0, -1, -1]),
    defectTypes: ['crack'],
    trained: Uint8Array.from([0, 0, 0, 0, 0, 1]),
    failures: { 4: 'e.png: is empty.' },
  },
  labels: { 'b,"x".png': { image: 'b,"x".png', label: 'normal', at: '' } },
  notes: ['a note'],
};
const curve = {
  x: Float64Array.from([0, 0.5, 1]),
  y: Float64Array.from([0, 0.5, 1]),
  threshold: Float64Array.from([Infinity, 3, 1]),
};
const metrics: InspectionMetrics = {
  images: 4,
  imageAuroc: 0.75,
  imageAp: 0.8,
  imageF1Max: 0.7,
  recall: 0.5,
  falseAlarmRate: 0.5,
  perDefect: { crack: { images: 2, recall: 0.5, imageAuroc: 0.75 } },
  roc: curve,
  precisionRecall: curve,
};
const picture = Uint8Array.from([0xff, 0xd8, 1, 2]);
const input: ReportInput = {
  inspection,
  metrics,
  imageThreshold: 2.5,
  regions: { pixelThreshold: 2, rules: noRules, areas: [[], [120.126, 30], [], [4], undefined, []] },
  thumbnails: (rows) =>
    Promise.resolve(rows.map((row) => ({ row, picture, map: new Uint8Array(64 * 64).fill(row * 40) }))),
  now: '2024-11-24T12:00:00.000Z',
};

test('HTML: whole, without script or anything from elsewhere, names made safe', async () => {
  const html = await reportHtml(input, labelFiles);
  assert.match(html, /^<!doctype html>/);
  assert.doesNotMatch(html, /<script|<link|https?:|@import|url\(|src="(?!data:)|NaN|undefined|Infinity/);
  for (const text of ['&#60;plates&#62;', 'plate &#38; co', '&#60;script&#62;.png', 'prefers-color-scheme:dark'])
    assert.ok(html.includes(text), text);
  for (const title of [
    'Missed anomalies <small>1',
    'False alarms <small>1',
    'Found <small>1',
    'Failed <small>1',
    'Notes <small>1',
  ])
    assert.ok(html.includes(title), title);
  assert.equal(html.match(/data:image\/jpeg;base64,/g)!.length, 6);
  assert.equal(html.match(/data:image\/png;base64,/g)!.length, 3);
});

test('numbers shown are those of the metrics: one population, whatever else is labelled', async () => {
  const more = {
    ...metrics,
    images: 50,
    recall: 0.9,
    falseAlarmRate: 0.2,
    ...{ falseAlarmInterval: { low: 0.0573, high: 0.4366 }, recallAt5: 0.85 },
    ...{ pixelAp: 0.5, pixelF1Max: 0.6, aupro05: 0.25, pixelF1: 0.4, pixelIou: 0.25 },
    perDefect: { crack: { images: 10, recall: 0.9 }, dent: { images: 20, recall: 0.9 } },
  };
  const other = { ...input, metrics: more };
  const tiles = [
    ...(await reportHtml(other, labelFiles)).matchAll(/<div><span>([^<]*)<\/span><b>([^<]*)<\/b><small>([^<]*)/g),
  ];
  assert.deepEqual(Object.fromEntries(tiles.map(([, name, ...rest]) => [name, rest.join(' ')])), {
    images: '6 3 above the threshold',
    'I-AUROC': '0.750 50 labelled images',
    'P-AUROC': '– per pixel',
    AUPRO: '– per region, FPR to 0.3',
    'AUPRO 0.05': '0.250 per region, FPR to 0.05',
    AP: '0.800 F1-max 0.700',
    'pixel AP': '0.500 pixel F1-max 0.600',
    'recall at 5 %': '0.850 false alarms, whatever the threshold',
    recall: '0.900 at the threshold',
    'false alarms': '4 of 20 normal: 5.7 to 43.7 % (95 % interval)',
    misses: '3 of 30 anomalous',
    'pixel F1': '0.400 IoU 0.250, above 2',
  });
  assert.deepEqual(gatedOf(other), {
    metrics: more,
    failed: 1,
    total: 6,
    counts: { falseAlarms: 4, misses: 3, normal: 20, anomalous: 30 },
  });
});

test('what no measured image defines passes no gate', () => {
  const none = gatedOf({ inspection, metrics: { images: 0, perDefect: {} } });
  for (const text of ['recall<0.1', 'falseAlarmRate>0.9', 'falseAlarms>0', 'misses>0', 'precision<0.1'])
    assert.throws(() => judge([parseGate(text)], none), /the labels don't define/);
});

test('HTML of an inspection without results, labels and pictures', async () => {
  const { rows } = inspection;
  const none = { ...rows, score: rows.score.map(() => NaN), folderLabel: new Uint8Array(6) };
  const html = await reportHtml(
    { ...input, inspection: { ...inspection, rows: none, labels: {} }, metrics: { images: 0, perDefect: {} } },
    labelFiles,
  );
  assert.match(html, /No image has a score yet/);
  assert.doesNotMatch(html, /NaN|undefined|Infinity/);
});

test('CSV: a line each, which labels can be imported from', () => {
  const text = reportCsv(input);
  const rows = parseCsv(text).map(({ cells }) => cells);
  assert.deepEqual(rows[0], [
    'image',
    'state',
    'score',
    'verdict',
    'label',
    'defectType',
    'labelledBy',
    'peak',
    'trained',
    'failure',
    'regions',
    'largestArea',
    'totalArea',
    'reasons',
  ]);
  assert.deepEqual(rows[2], [
    ...['b,"x".png', 'done', '3', 'anomalous', 'normal', '', 'user', '3', 'false', ''],
    ...['2', '120.13', '150.13', 'score 3 above 2.5'],
  ]);
  assert.deepEqual(rows[5]!.slice(-5), ['e.png: is empty.', '', '', '', '']);
  assert.equal(rows.length, 7);
  const labels = parseLabelsCsv(text, 'r.csv');
  assert.deepEqual(labels.notes, []);
  assert.deepEqual(labels.rows[4], { image: 'e.png' });
});

test('rules on regions decide verdicts, are said, and leave what the score measures as it is', async () => {
  const rules = { smallestArea: 10, mostRegions: null, largestTotalArea: 100 };
  const strict = { ...input, regions: { ...input.regions, rules }, imageThreshold: 100 };
  const verdicts = reportRows(strict).map(({ verdict, reasons }) => [verdict, reasons]);
  assert.deepEqual(verdicts, [
    ['normal', undefined],
    ['anomalous', '150.1 px² in all regions, at most 100 allowed'],
    ['normal', undefined],
    ['normal', undefined],
    [undefined, undefined],
    ['normal', undefined],
  ]);
  const report = JSON.parse(reportJson(strict)) as { notes: string[]; regions: object; metrics: object };
  assert.deepEqual(report.regions, { pixelThreshold: 2, rules });
  assert.match(report.notes.at(-1)!, /at most 100 px² in all regions, regions of at least 10 px² count\. Metrics/);
  assert.deepEqual(report.metrics, (JSON.parse(reportJson(input)) as { metrics: object }).metrics);
  const html = await reportHtml(strict, labelFiles);
  assert.match(html, /1 anomalous/);
  assert.match(html, /2 regions, the largest 120\.1 px²/);
  assert.match(html, /Verdicts follow rules beside the score/);
});

test('JSON: keys that are always there, no infinity', () => {
  const report = JSON.parse(reportJson(input)) as Record<string, Record<string, unknown>>;
  assert.equal('regionOfInterest' in report['detector']!, false);
  assert.equal(report['metrics']!['imageAuroc'], 0.75);
  for (const name of ['aupro', 'aupro05', 'pixelAp', 'pixelF1Max', 'recallAt5'])
    for (const of of [report['metrics']!, report['perDefect']!['crack'] as Record<string, unknown>])
      assert.equal(of[name], null, name);
  assert.deepEqual(report['atThreshold'], {
    ...{ falseAlarms: 1, misses: 1, normal: 2, anomalous: 2 },
    ...{ recall: 0.5, falseAlarmRate: 0.5, falseAlarmInterval: null },
    ...{ pixelThreshold: 2, pixelF1: null, pixelIou: null },
  });
  assert.deepEqual((report['curves']!['roc'] as Record<string, unknown>)['threshold'], [null, 3, 1]);
  assert.equal((report['images'] as unknown as unknown[]).length, 6);
});

const gated = gatedOf({
  inspection,
  metrics: {
    ...metrics,
    ...{ recallAt5: 0.5, pixelAp: 0.3, pixelF1Max: 0.4, aupro05: 0.2, pixelF1: 0.3, pixelIou: 0.2 },
    perDefect: { crack: { ...metrics.perDefect['crack']!, pixelAp: 0.1 } },
  },
});
const gates: [string, boolean][] = [
  ['recall<0.95', true],
  ['recall < 50%', false],
  ['recall<=0.5', true],
  ['falseAlarmRate > 5%', true],
  ['falsealarms>1', false],
  ['misses>=1', true],
  ['precision<0.4', false],
  ['failed>0', true],
  ['imageAUROC<0.9', true],
  ['recall[crack]<0.9', true],
  ['images<4', false],
  ['recallAt5<0.6', true],
  ['pixelap<0.3', false],
  ['pixelF1Max<0.5', true],
  ['aupro05<0.2', false],
  ['pixelF1<0.4', true],
  ['pixelIoU<15%', false],
  ['pixelAp[crack]<0.2', true],
];
for (const [text, failed] of gates)
  test(`gate ${text} ${failed ? 'fails' : 'passes'}`, () =>
    assert.equal(judge([parseGate(text)], gated)[0]!.failed, failed));

const faults: [string, RegExp][] = [
  ['recal<0.9', /no metric is called "recal"\. Choose of imageAuroc, .*recall/],
  ['recall', /not a comparison/],
  ['recall<', /not a comparison/],
  ['recall<1.2.3', /not a comparison/],
  ['recall==1', /not a comparison/],
  ['misses[crack]>0', /no metric is called "misses"/],
  ['pixelF1[crack]<1', /no metric is called "pixelF1"/],
  ['aupro<0.9', /the labels don't define aupro/],
  ['recall[dent]<0.9', /no image is labelled as "dent"\. Defect types: crack\./],
];
for (const [text, message] of faults)
  test(`gate ${text} is refused in one line`, () =>
    assert.throws(
      () => judge([parseGate(text)], gated),
      (error) => error instanceof UserError && message.test(error.message) && !error.message.includes('\n'),
    ));

test('of a detector with a region of interest, reports say how much it looks at', async () => {
  const detector = { ...inspection.detector, roi: { width: 4, height: 1, runs: [3, 1] } };
  const within = { ...input, inspection: { ...inspection, detector } };
  const report = JSON.parse(reportJson(within)) as { detector: { regionOfInterest: unknown } };
  assert.deepEqual(report.detector.regionOfInterest, { share: 0.25 });
  assert.match(await reportHtml(within, labelFiles), /looks at 25\.0 % of an image/);
  assert.doesNotMatch(await reportHtml(input, labelFiles), /of an image/);
});
