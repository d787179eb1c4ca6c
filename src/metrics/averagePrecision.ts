import type { PixelSample } from './pixelSample.ts';
import { forEachPositiveScore, rank, rankPixels, requireClasses, type Ranking } from './ranking.ts';

/**
 * Average precision as scikit-learn has it: Σ (Rₙ − Rₙ₋₁) · Pₙ over the distinct scores in
 * descending order, without interpolation.
 * @param scores [N], larger = more anomalous
 * @param labels [N], non-zero = anomalous
 * @returns 0–1
 * @throws if there are no anomalous items (scikit-learn warns and says 0), or a score isn't finite
 */
export function averagePrecision(scores: Float32Array, labels: Uint8Array): number {
  return rankedAveragePrecision(rank(scores, labels));
}

/** {@link averagePrecision} over all pixels of the test set, normal images included. */
export function pixelAveragePrecision(samples: readonly PixelSample[]): number {
  return rankedAveragePrecision(rankPixels(samples), 'Pixel average precision');
}

/** {@link averagePrecision} of items ranked already. @param name of the metric, for messages */
export function rankedAveragePrecision(ranking: Ranking, name = 'Average precision'): number {
  requireClasses(ranking, name, false);
  let [sum, tpBefore] = [0, 0];
  forEachPositiveScore(ranking, (_, tp, fp) => {
    sum += (tp - tpBefore) * (tp / (tp + fp));
    tpBefore = tp;
  });
  return sum / ranking.positives.length;
}
