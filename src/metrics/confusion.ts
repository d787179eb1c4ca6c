/**
 * Counts and rates of a detector at one threshold; a rate is undefined where its denominator is
 * zero.
 */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
  /** Share of the flagged that are anomalous: TP / (TP + FP). */
  readonly precision: number | undefined;
  /** Share of the anomalous that are flagged: TP / (TP + FN). */
  readonly recall: number | undefined;
  /** Share of the normal that are flagged: FP / (FP + TN). */
  readonly falseAlarmRate: number | undefined;
  /** 2·TP / (2·TP + FP + FN). */
  readonly f1: number | undefined;
}

/**
 * Confusion at `threshold`: an item is flagged as anomalous if `score > threshold`.
 * @param scores [N], larger = more anomalous
 * @param labels [N], non-zero = anomalous
 * @throws if the lengths differ, or a score or the threshold is NaN
 */
export function confusion(scores: Float32Array, labels: Uint8Array, threshold: number): Confusion {
  if (scores.length !== labels.length) {
    throw new Error(`${scores.length} scores but ${labels.length} labels: there must be one label per score.`);
  }
  if (Number.isNaN(threshold)) throw new Error('The threshold is NaN: give a number.');
  let [tn, fp, fn, tp] = [0, 0, 0, 0];
  scores.forEach((score, i) => {
    if (Number.isNaN(score)) throw new Error(`Score ${i} is NaN: scores must be numbers.`);
    const flagged = score > threshold;
    if (labels[i]) {
      if (flagged) tp++;
      else fn++;
    } else if (flagged) fp++;
    else tn++;
  });
  return {
    truePositives: tp,
    falsePositives: fp,
    trueNegatives: tn,
    falseNegatives: fn,
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    falseAlarmRate: ratio(fp, fp + tn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
  };
}

function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
