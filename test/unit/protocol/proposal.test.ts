import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../src/dataset/rng.ts';
import { knownLabels } from '../../../src/protocol/inspection.ts';
import {
  bestF1Proposal,
  changeOf,
  changeText,
  conformalProposal,
  costProposal,
  countsAt,
  labelledScores,
  proposals,
  type Change,
  type Counts,
  type LabelledScores,
} from '../../../src/protocol/proposal.ts';
import { rowLabels } from '../../../src/protocol/rowLabels.ts';

type Row = readonly [score: number, label: (typeof knownLabels)[number], from?: 'user' | 'trained'];

const scoresOf = (rows: readonly Row[]): LabelledScores =>
  labelledScores({
    score: rows.map(([score]) => score),
    label: rows.map(([, label]) => knownLabels.indexOf(label)),
    trained: rows.map(([, , from]) => +(from === 'trained')),
    byUser: rows.map(([, , from]) => +(from === 'user')),
  });

/** 1.0, 1.1 … 2.9: 20 calibration scores, threshold at 5 %: the largest. */
const calibrationScores = Array.from({ length: 20 }, (_, i) => 1 + i / 10);
const summary = {
  calibrationScores,
  thresholds: { image: 2.9, pixel: 1, falseAlarmRate: 0.05, promised: true },
};

test('only labelled images with a score that the detector was not trained on count', () => {
  const scores = scoresOf([
    [3, 'normal', 'user'],
    [4, 'normal'],
    [9, 'normal', 'trained'],
    [5, 'anomalous'],
    [6, 'unsure'],
    [7, 'excluded'],
    [8, 'unknown'],
    [NaN, 'anomalous'],
  ]);
  assert.deepEqual([...scores.normal], [3, 4]);
  assert.deepEqual([...scores.userNormal], [3]);
  assert.deepEqual([...scores.anomalous], [5]);
});

test('on the threshold an image is normal', () => {
  const scores = scoresOf([
    [1, 'normal'],
    [2, 'normal'],
    [2, 'anomalous'],
    [3, 'anomalous'],
  ]);
  const at = (threshold: number) => {
    const { falseAlarms, misses } = countsAt(scores, threshold);
    return [falseAlarms, misses];
  };
  assert.deepEqual([0, 1, 1.5, 2, 3].map(at), [
    [2, 0],
    [1, 0],
    [1, 0],
    [0, 1],
    [0, 2],
  ]);
});

test('a false positive joins the calibration scores, lifts the conformal threshold and ends its promise', () => {
  const before = conformalProposal(summary, scoresOf([]))!;
  assert.equal(before.threshold, 2.9);
  assert.deepEqual([before.promised, before.fromLabels], [true, 0]);
  // 23 scores: the ⌈24 · 0.95⌉ = 23rd smallest.
  const after = conformalProposal(
    summary,
    scoresOf([
      [3.5, 'normal', 'user'],
      [3.7, 'normal', 'user'],
      [3.2, 'normal', 'user'],
      [9, 'normal'],
    ]),
  )!;
  assert.equal(after.threshold, 3.7);
  assert.equal(after.calibratedOn, 23);
  assert.deepEqual([after.promised, after.fromLabels], [false, 3]);
  assert.deepEqual(after.counts, { falseAlarms: 1, misses: 0, normal: 4, anomalous: 0 });
});

test('an image that was held out for calibration does not count twice', () => {
  const again: Row[] = [
    [2.9 + 1e-6, 'normal', 'user'],
    [1, 'normal', 'user'],
    [1, 'normal', 'user'],
  ];
  const { calibratedOn, fromLabels } = conformalProposal(summary, scoresOf(again))!;
  assert.deepEqual([calibratedOn, fromLabels], [21, 1]);
});

test('best F1 and the cheapest need both labels', () => {
  const kinds = (rows: readonly Row[]) => proposals(summary, scoresOf(rows)).map(({ kind }) => kind);
  assert.deepEqual(kinds([[1, 'normal']]), ['conformal']);
  assert.deepEqual(
    kinds([
      [1, 'normal'],
      [2, 'anomalous'],
    ]),
    ['conformal', 'bestF1', 'cost'],
  );
  assert.deepEqual(proposals({ ...summary, calibrationScores: [] }, scoresOf([])), []);
});

test('best F1 lies halfway between the scores it parts', () => {
  const { threshold, f1 } = bestF1Proposal(
    scoresOf([
      [1, 'normal'],
      [2, 'normal'],
      [4, 'anomalous'],
      [5, 'anomalous'],
    ]),
  );
  assert.equal(threshold, 3);
  assert.equal(f1, 1);
});

test('a dear miss lowers the cheapest threshold', () => {
  const scores = scoresOf([
    [1, 'normal'],
    [3, 'normal'],
    [4, 'normal'],
    [2, 'anomalous'],
    [5, 'anomalous'],
  ]);
  assert.equal(costProposal(scores, { missCost: 10 }).threshold, 1.5);
  assert.equal(costProposal(scores, { missCost: 1 }).threshold, 4.5);
  assert.equal(costProposal(scores, { missCost: 10 }).cost, 2);
});

const texts: [Change, string][] = [
  [{ fewerFalseAlarms: 3, moreMisses: 1, labelled: 12 }, '3 fewer false alarms, 1 more miss, on 12 labelled images'],
  [{ fewerFalseAlarms: -1, moreMisses: -2, labelled: 3 }, '1 more false alarm, 2 fewer misses, on 3 labelled images'],
  [{ fewerFalseAlarms: 0, moreMisses: 0, labelled: 1 }, 'no change, on 1 labelled image'],
];
for (const [change, text] of texts) test(text, () => assert.equal(changeText(change), text));

test('the change between two thresholds', () => {
  const scores = scoresOf([
    [1, 'normal'],
    [3, 'normal'],
    [2, 'anomalous'],
  ]);
  assert.deepEqual(changeOf(countsAt(scores, 0), countsAt(scores, 3)), {
    fewerFalseAlarms: 2,
    moreMisses: 1,
    labelled: 3,
  });
});

test('against brute force on random labels with ties', () => {
  const rng = createRng(7);
  const labels = ['normal', 'anomalous', 'unsure'] as const;
  for (let round = 0; round < 200; round++) {
    const rows = Array.from({ length: 1 + rng.integer(30) }, (): Row => [
      Math.fround(rng.integer(12) / 7),
      labels[rng.integer(3)]!,
    ]);
    const scores = scoresOf(rows);
    const brute = (threshold: number): Counts => ({
      falseAlarms: rows.filter(([score, label]) => label === 'normal' && score > threshold).length,
      misses: rows.filter(([score, label]) => label === 'anomalous' && score <= threshold).length,
      normal: rows.filter(([, label]) => label === 'normal').length,
      anomalous: rows.filter(([, label]) => label === 'anomalous').length,
    });
    const candidates = [-1, ...rows.map(([score]) => score)];
    for (const threshold of candidates) assert.deepEqual(countsAt(scores, threshold), brute(threshold));
    if (scores.normal.length === 0 || scores.anomalous.length === 0) continue;
    const f1 = ({ falseAlarms, misses, anomalous }: Counts) =>
      (2 * (anomalous - misses)) / (2 * (anomalous - misses) + falseAlarms + misses) || 0;
    const best = bestF1Proposal(scores);
    assert.equal(best.f1, Math.max(...candidates.map((at) => f1(brute(at)))));
    assert.deepEqual(best.counts, brute(best.threshold));
    const missCost = 1 + rng.integer(5);
    const cheapest = costProposal(scores, { missCost });
    const price = ({ falseAlarms, misses }: Counts) => missCost * misses + falseAlarms;
    assert.equal(cheapest.cost, Math.min(...candidates.map((at) => price(brute(at)))));
    assert.deepEqual(cheapest.counts, brute(cheapest.threshold));
  }
});

test("the user's word counts before the folder's", () => {
  const rows = {
    paths: ['a', 'b', 'c', 'constructor'],
    folderLabel: Uint8Array.from([1, 2, 2, 0]),
    folderDefect: Int16Array.from([-1, 0, 0, -1]),
    defectTypes: ['crack'],
    state: new Uint8Array(4),
    score: new Float32Array(4),
    peak: new Float32Array(4),
    trained: new Uint8Array(4),
    failures: {},
  };
  const at = '2024-01-01T00:00:00Z';
  const found = rowLabels({
    rows,
    labels: {
      a: { image: 'a', label: 'anomalous', defectType: 'dent', at },
      b: { image: 'b', label: 'normal', at },
    },
  });
  assert.deepEqual([...found.label], [2, 1, 2, 0]);
  assert.deepEqual([...found.byUser], [1, 1, 0, 0]);
  assert.deepEqual(found.defectType, ['dent', undefined, 'crack', undefined]);
});
