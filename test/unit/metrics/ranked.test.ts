import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auroc, pixelAuroc } from '../../../src/metrics/auroc.ts';
import { averagePrecision, pixelAveragePrecision } from '../../../src/metrics/averagePrecision.ts';
import { confusion } from '../../../src/metrics/confusion.ts';
import {
  pixelPrecisionRecallCurve,
  pixelRocCurve,
  precisionRecallCurve,
  rocCurve,
} from '../../../src/metrics/curves.ts';
import { f1Max, pixelF1Max } from '../../../src/metrics/f1Max.ts';
import { rankedOverlap } from '../../../src/metrics/pixelOverlap.ts';
import { rank, rankPixels } from '../../../src/metrics/ranking.ts';
import { recallAtFalseAlarmRate } from '../../../src/metrics/recallAtFalseAlarmRate.ts';
import { assertAllClose, assertClose, pixelCases, randomItems, sample, scoreCases } from './support.ts';

test('AUROC, AP, F1-max, confusion and curves equal scikit-learn', () => {
  for (const { name, scores, labels, ...expected } of scoreCases()) {
    assertClose(auroc(scores, labels), expected.auroc, `${name}: AUROC`);
    assertClose(averagePrecision(scores, labels), expected.averagePrecision, `${name}: AP`);

    const best = f1Max(scores, labels);
    for (const key of ['f1', 'precision', 'recall'] as const) {
      assertClose(best[key], expected.f1Max[key], `${name}: F1-max ${key}`);
    }
    assert.ok(best.threshold < expected.f1Max.flagsFrom, `${name}: F1-max threshold flags too little`);
    assert.ok(best.threshold >= (expected.f1Max.flagsNot ?? -Infinity), `${name}: F1-max threshold flags too much`);
    assertClose(confusion(scores, labels, best.threshold).f1!, best.f1, `${name}: F1 at the F1-max threshold`);

    const counts = confusion(scores, labels, expected.confusion.threshold);
    assert.deepEqual(
      [counts.truePositives, counts.falsePositives, counts.trueNegatives, counts.falseNegatives],
      expected.confusion.counts,
      name,
    );
    for (const [rate, recall] of expected.recallAt)
      assertClose(recallAtFalseAlarmRate(scores, labels, rate), recall, `${name}: recall at ${rate}`);
    if (expected.roc) {
      const curve = rocCurve(scores, labels);
      assertAllClose(curve.falsePositiveRate, expected.roc[0], `${name}: ROC, false-positive rate`);
      assertAllClose(curve.truePositiveRate, expected.roc[1], `${name}: ROC, true-positive rate`);
      assert.equal(curve.thresholds[0], Infinity);
      assert.deepEqual([...curve.thresholds.slice(1)], expected.roc[2], `${name}: ROC, thresholds`);
    }
    if (expected.precisionRecall) {
      const curve = precisionRecallCurve(scores, labels);
      assertAllClose(curve.precision, expected.precisionRecall[0], `${name}: precision`);
      assertAllClose(curve.recall, expected.precisionRecall[1], `${name}: recall`);
      assert.deepEqual([...curve.thresholds], expected.precisionRecall[2], `${name}: PR, thresholds`);
    }
  }
});

test('the pixel metrics equal scikit-learn over all pixels', () => {
  for (const { name, samples, ...expected } of pixelCases()) {
    assertClose(pixelAuroc(samples), expected.auroc, `${name}: AUROC`);
    assertClose(pixelAveragePrecision(samples), expected.averagePrecision, `${name}: AP`);
    assertClose(pixelF1Max(samples).f1, expected.f1Max, `${name}: F1-max`);
    for (const [threshold, f1, iou] of expected.overlap) {
      const overlap = rankedOverlap(rankPixels(samples), threshold);
      assertClose(overlap.f1, f1, `${name}: F1 above ${threshold}`);
      assertClose(overlap.iou, iou, `${name}: IoU above ${threshold}`);
    }
  }
});

test('hand-made: a tie counts half', () => {
  const scores = Float32Array.of(0.9, 0.5, 0.5, 0.1);
  const labels = Uint8Array.of(1, 1, 0, 0);
  // pairs: 0.9 beats both; 0.5 ties one and beats one → 3.5 of 4
  assert.equal(auroc(scores, labels), 3.5 / 4);
  // recall ½ at precision 1, then recall 1 at precision ⅔
  assert.equal(averagePrecision(scores, labels), 0.5 + 0.5 * (2 / 3));
  // F1: ⅔ flagging one, 2·2/(3+2) = 0.8 flagging three
  const best = f1Max(scores, labels);
  assert.equal(best.f1, 0.8);
  assertClose(best.threshold, 0.3, 'halfway', 1e-7);
});

test('hand-made: one defective pixel that ties with a normal one, and a normal image', () => {
  const speck = sample(['755'], ['010']);
  // Both of 5 are flagged together, after the 7: precision ⅓ at recall 1.
  assert.equal(pixelAveragePrecision([speck]), 1 / 3);
  assert.equal(pixelF1Max([speck]).f1, 2 / 4);
  // The normal image's pixel comes before it, that of another after it.
  assert.equal(pixelAveragePrecision([speck, sample(['9']), sample(['1'])]), 1 / 4);
  assert.equal(pixelF1Max([speck, sample(['9']), sample(['1'])]).f1, 2 / 5);
  assert.equal(pixelAveragePrecision([sample(['5'], ['1'])]), 1, 'a pixel alone');
  for (const metric of [pixelAveragePrecision, pixelF1Max])
    assert.throws(() => metric([sample(['19']), sample(['19'], ['00'])]), /needs at least one anomalous/, 'all normal');
});

test('F1-max by flagging everything, and of several thresholds the highest', () => {
  for (const lowest of [0.25, 0, -0.25, 2 ** -149]) {
    const best = f1Max(Float32Array.of(lowest, 0.5), Uint8Array.of(1, 1));
    assert.equal(best.f1, 1);
    assert.ok(best.threshold < lowest && best.threshold >= lowest - 1e-7, `below ${lowest}: ${best.threshold}`);
  }
  // 2·1/(1+2) after one flagged, 2·2/(4+2) after four: equal
  assert.equal(f1Max(Float32Array.of(5, 4, 3, 2), Uint8Array.of(1, 0, 0, 1)).threshold, 4.5);
});

test('confusion: a score equal to the threshold is normal; an empty denominator gives undefined', () => {
  const { truePositives, falseNegatives, falseAlarmRate, precision } = confusion(
    Float32Array.of(0.5, 0.75),
    Uint8Array.of(1, 1),
    0.5,
  );
  assert.deepEqual([truePositives, falseNegatives, falseAlarmRate, precision], [1, 1, undefined, 1]);
  const none = confusion(new Float32Array(2), new Uint8Array(2), 1);
  assert.deepEqual([none.precision, none.recall, none.falseAlarmRate, none.f1], [undefined, undefined, 0, undefined]);
});

test('recall at a false-alarm rate: ties fall together, and no more than the rate is flagged', () => {
  const at = (scores: number[], labels: number[], rate: number) =>
    recallAtFalseAlarmRate(Float32Array.from(scores), Uint8Array.from(labels), rate);
  // An anomalous image that ties with a normal one is flagged with it or not at all.
  assert.equal(at([3, 2, 2, 1], [1, 1, 0, 0], 0), 0.5);
  assert.equal(at([3, 2, 2, 1], [1, 1, 0, 0], 0.5), 1);
  assert.equal(at([3, 3], [1, 0], 0.99), 0, 'all are equal');
  // One of twenty is 5 %, two of thirty-nine are more.
  const behind = (normals: number, before: number) =>
    at(
      Array.from({ length: normals + 1 }, (_, i) => normals - i),
      Array.from({ length: normals + 1 }, (_, i) => +(i === before)),
      0.05,
    );
  assert.deepEqual([behind(20, 1), behind(20, 2), behind(39, 2), behind(40, 2)], [1, 0, 0, 1]);
});

test('pixel overlap: pooled over images, above the threshold and not at it', () => {
  // Two defective pixels at 9 and 5, normal ones at 7 and 5 and 1, and a normal image with one at
  // 8.
  const ranking = rankPixels([sample(['97551'], ['10100']), sample(['8'])]);
  const at = (threshold: number) => {
    const { f1, iou } = rankedOverlap(ranking, threshold);
    return [f1, iou];
  };
  assert.deepEqual(at(0.85), [2 / 3, 1 / 2]);
  assert.deepEqual(at(Math.fround(0.5)), [2 / 5, 1 / 4]);
  assert.deepEqual(at(Math.fround(0.5) - 1e-12), [4 / 7, 2 / 5]);
  assert.deepEqual(at(-1), [4 / 8, 2 / 6]);
  assert.deepEqual(at(2), [0, 0]);
  assert.deepEqual(at(Infinity), [0, 0]);
  const one = rankPixels([sample(['5'], ['1'])]);
  assert.deepEqual(rankedOverlap(one, 0.4), { f1: 1, iou: 1 });
  assert.deepEqual(rankedOverlap(one, 0.5), { f1: 0, iou: 0 });
  const zeros = rank(Float32Array.of(-0, 0, 2 ** -149, -(2 ** -149)), Uint8Array.of(1, 1, 1, 0));
  assert.deepEqual(rankedOverlap(zeros, 0), { f1: 1 / 2, iou: 1 / 3 });
  assert.deepEqual(rankedOverlap(zeros, -0), { f1: 1 / 2, iou: 1 / 3 });
});

test('pixels of a counted confusion and of a ranking are the same', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { scores, labels } = randomItems(seed, 40 * seed, seed % 2 ? 7 : 1e6);
    for (const threshold of [-0.6, -0.2, 0, scores[3]!, 0.3, 2]) {
      const { truePositives: tp, falsePositives: fp, falseNegatives: fn, f1 } = confusion(scores, labels, threshold);
      assert.deepEqual(rankedOverlap(rank(scores, labels), threshold), { f1, iou: tp / (tp + fp + fn) });
    }
  }
});

test('invariant under a monotone transform, and complementary under negation', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const { scores, labels } = randomItems(seed, 2 + seed * 3, seed % 3 ? 8 : 1e6);
    const bent = scores.map((score) => 2 ** (score * 20) * 8 - 3);
    const area = auroc(scores, labels);
    if (seed % 3) {
      assert.equal(auroc(bent, labels), area);
      assert.equal(averagePrecision(bent, labels), averagePrecision(scores, labels));
      assert.equal(f1Max(bent, labels).f1, f1Max(scores, labels).f1);
    }
    const negated = scores.map((score) => -score);
    const swapped = labels.map((label) => 1 - label);
    assertClose(auroc(negated, labels), 1 - area, `seed ${seed}: negated scores`);
    assertClose(auroc(scores, swapped), 1 - area, `seed ${seed}: swapped labels`);
    assertClose(auroc(negated, swapped), area, `seed ${seed}: both`);
  }
});

test('a curve at a resolution keeps its ends, and its area to within the resolution', () => {
  const { scores, labels } = randomItems(7, 5000, 1e6);
  const coarse = rocCurve(scores, labels, 0.05);
  const [x, y] = [coarse.falsePositiveRate, coarse.truePositiveRate];
  assert.ok(x.length <= 42, `${x.length} points`);
  assert.deepEqual([x[0], y[0], x.at(-1), y.at(-1)], [0, 0, 1, 1]);
  const area = x.reduce((sum, xi, i) => (i ? sum + ((xi - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2 : 0), 0);
  assertClose(area, auroc(scores, labels), 'area', 0.01);
  const samples = [{ map: scores, mask: labels, width: 50, height: 100 }];
  assert.deepEqual(pixelRocCurve(samples, 0.05), coarse);
  assert.deepEqual(pixelPrecisionRecallCurve(samples, 0.05), precisionRecallCurve(scores, labels, 0.05));
});

test('what is undefined or damaged is refused with what and where', () => {
  const scores = Float32Array.of(1, 2, NaN);
  const cases: [RegExp, () => unknown][] = [
    [/AUROC needs at least one anomalous/, () => auroc(scores.subarray(0, 2), Uint8Array.of(0, 0))],
    [/AUROC needs at least one normal/, () => auroc(scores.subarray(0, 2), Uint8Array.of(1, 1))],
    [/Average precision needs .* anomalous/, () => averagePrecision(scores.subarray(0, 2), Uint8Array.of(0, 0))],
    [/F1-max needs .* anomalous/, () => f1Max(new Float32Array(0), new Uint8Array(0))],
    [/Score 2 is NaN/, () => auroc(scores, Uint8Array.of(0, 1, 0))],
    [/Score 2 is NaN/, () => confusion(scores, Uint8Array.of(0, 1, 0), 1)],
    [/Score 0 is Infinity/, () => auroc(Float32Array.of(Infinity), Uint8Array.of(1))],
    [/Pixel F1 needs .* anomalous/, () => rankedOverlap(rankPixels([sample(['19'])]), 0)],
    [/threshold is NaN/, () => rankedOverlap(rankPixels([sample(['19'], ['01'])]), NaN)],
    [/Recall at .* needs .* normal/, () => recallAtFalseAlarmRate(scores.subarray(0, 2), Uint8Array.of(1, 1), 0.05)],
    [/Recall at .* needs .* anomalous/, () => recallAtFalseAlarmRate(scores.subarray(0, 2), new Uint8Array(2), 0.05)],
    [/3 scores but 1 labels/, () => rocCurve(scores, Uint8Array.of(1))],
    [/threshold is NaN/, () => confusion(scores, Uint8Array.of(0, 1, 0), NaN)],
    [
      /map of sample 1 has 2 values, expected 1 × 1/,
      () => pixelAuroc([sample(['1']), { ...sample(['12']), width: 1 }]),
    ],
    [/Pixel 1 of anomaly map 0 is NaN/, () => pixelAuroc([sample(['1x'], ['01'])])],
  ];
  for (const [message, call] of cases) assert.throws(call, message);
});
