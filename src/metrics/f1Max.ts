import type { PixelSample } from './pixelSample.ts';
import { forEachPositiveScore, rank, rankPixels, requireClasses, scoreOfKey, type Ranking } from './ranking.ts';

export interface F1Max {
  /** 0–1, and the precision and recall that make it. */
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /**
   * `score > threshold` flags exactly the items of the best F1. Halfway between the lowest flagged
   * and the highest unflagged score; if everything is flagged, the float32 just below the lowest
   * score.
   */
  readonly threshold: number;
}

/**
 * The best F1 over all thresholds, and that threshold. Where several reach it, the highest: fewest
 * false alarms. F1 = 2·TP / (2·TP + FP + FN); equals the maximum over scikit-learn's
 * precision–recall curve.
 * @param scores [N], larger = more anomalous
 * @param labels [N], non-zero = anomalous
 * @throws if there are no anomalous items, or a score isn't finite
 */
export function f1Max(scores: Float32Array, labels: Uint8Array): F1Max {
  return rankedF1Max(rank(scores, labels));
}

/** {@link f1Max} over all pixels of the test set, normal images included. */
export function pixelF1Max(samples: readonly PixelSample[]): F1Max {
  return rankedF1Max(rankPixels(samples), 'Pixel F1-max');
}

/** {@link f1Max} of items ranked already. @param name of the metric, for messages */
export function rankedF1Max(ranking: Ranking, name = 'F1-max'): F1Max {
  requireClasses(ranking, name, false);
  const { positives, negatives } = ranking;
  let best = { f1: -1, key: 0, tp: 0, fp: 0 };
  forEachPositiveScore(ranking, (key, tp, fp) => {
    const f1 = (2 * tp) / (tp + fp + positives.length);
    if (f1 > best.f1) best = { f1, key, tp, fp };
  });
  const { f1, key, tp, fp } = best;
  const nextKey = Math.min(positives[tp] ?? Infinity, negatives[fp] ?? Infinity);
  const threshold = nextKey === Infinity ? justBelow(scoreOfKey(key)) : (scoreOfKey(key) + scoreOfKey(nextKey)) / 2;
  return { f1, precision: tp / (tp + fp), recall: tp / positives.length, threshold };
}

/** The largest float32 below the finite float32 `score`. */
function justBelow(score: number): number {
  const value = new Float32Array([score]);
  const bits = new Int32Array(value.buffer);
  if (score === 0)
    bits[0] = -0x7fffffff; // the smallest negative number
  else bits[0]! += score > 0 ? -1 : 1;
  return value[0]!;
}
