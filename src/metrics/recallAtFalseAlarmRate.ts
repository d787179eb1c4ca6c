import { forEachDistinctScore, rank, requireClasses, type Ranking } from './ranking.ts';

/**
 * The largest recall that a threshold reaches while it flags at most a share of the normal items; 0
 * where even the highest score is of too many normal ones. It is a point of the ROC curve, not
 * interpolated.
 * @param scores [N], larger = more anomalous
 * @param labels [N], non-zero = anomalous
 * @param rate largest share of the normal items that may be flagged, 0–1
 * @returns 0–1
 * @throws if there are no anomalous or no normal items (undefined then), or a score isn't finite
 */
export function recallAtFalseAlarmRate(scores: Float32Array, labels: Uint8Array, rate: number): number {
  return rankedRecall(rank(scores, labels), rate);
}

/** {@link recallAtFalseAlarmRate} of items ranked already. */
export function rankedRecall(ranking: Ranking, rate: number): number {
  requireClasses(ranking, 'Recall at a false-alarm rate', true);
  const { positives, negatives } = ranking;
  let found = 0;
  forEachDistinctScore(ranking, (_, tp, fp) => {
    const allowed = fp / negatives.length <= rate;
    if (allowed) found = tp;
    return allowed;
  });
  return found / positives.length;
}
