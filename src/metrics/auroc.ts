import type { PixelSample } from './pixelSample.ts';
import { forEachDistinctScore, rank, rankPixels, requireClasses, type Ranking } from './ranking.ts';

/**
 * Area under the ROC curve = the probability that a random anomalous item outscores a random normal
 * one, a tie counting half (Mann–Whitney U / (P · N)). Exact up to the final division: U is counted
 * in half-integers.
 * @param scores [N], larger = more anomalous
 * @param labels [N], non-zero = anomalous
 * @returns 0–1
 * @throws if there are no anomalous or no normal items (undefined then), or a score isn't finite
 */
export function auroc(scores: Float32Array, labels: Uint8Array): number {
  return rankedAuroc(rank(scores, labels));
}

/**
 * P-AUROC: {@link auroc} over all pixels of the test set, normal images included. 8 bytes of memory
 * a pixel.
 */
export function pixelAuroc(samples: readonly PixelSample[]): number {
  return rankedAuroc(rankPixels(samples), 'Pixel AUROC');
}

/** {@link auroc} of items ranked already. @param name of the metric, for messages */
export function rankedAuroc(ranking: Ranking, name = 'AUROC'): number {
  requireClasses(ranking, name, true);
  let [twiceU, tpBefore, fpBefore] = [0, 0, 0];
  forEachDistinctScore(ranking, (_, tp, fp) => {
    twiceU += (fp - fpBefore) * (tp + tpBefore);
    [tpBefore, fpBefore] = [tp, fp];
  });
  return twiceU / (2 * ranking.positives.length * ranking.negatives.length);
}
