import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestF1Proposal, countsAt, labelledScores, scoredRows } from '../../../../../src/verdict/proposal.ts';
import { flagsSame, plainThreshold } from '../../../../../src/webview/datasetView/threshold/plainThreshold.ts';
import { inspectionOf } from '../support.ts';

test('the score that set a threshold stays unflagged', () => {
  const score = Math.fround(1.2345621);
  const judged = inspectionOf([{ path: 'a', score, label: 'normal' }]);
  assert.ok(Number(score.toPrecision(6)) < score, 'six digits would flag it');
  const plain = plainThreshold(judged, score);
  assert.ok(plain >= score);
  assert.ok(String(plain).length < String(score).length);
});

test('shorter where no image is in between', () => {
  const judged = inspectionOf([{ path: 'a', score: 1 }]);
  assert.equal(plainThreshold(judged, 2.123456789), 2.12346);
});

test('counts are those that were promised, however close scores are', () => {
  for (let seed = 1; seed < 200; seed++) {
    const rows = Array.from({ length: 40 }, (_, i) => ({
      path: String(i),
      score: 0.9 + ((i * 7919 * seed) % 1009) * 1e-7,
      label: i % 3 ? ('normal' as const) : ('anomalous' as const),
    }));
    const judged = inspectionOf(rows);
    const scores = labelledScores(scoredRows(judged));
    const { threshold, counts } = bestF1Proposal(scores);
    assert.deepEqual(countsAt(scores, plainThreshold(judged, threshold)), counts);
  }
});

test('images that calibrated count as well', () => {
  const judged = inspectionOf([]);
  assert.equal(flagsSame(judged, 0.55, 0.59), true);
  assert.equal(flagsSame(judged, 0.55, 0.6), false);
  assert.equal(flagsSame(judged, 0.6, 0.65), true);
});
