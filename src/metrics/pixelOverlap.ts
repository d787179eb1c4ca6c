import { countAbove, requireClasses, type Ranking } from './ranking.ts';

/** How well the pixels above a threshold cover the defective ones, pooled over a test set. */
export interface PixelOverlap {
  /** 2·TP / (2·TP + FP + FN), 0–1: MVTec AD 2's SegF1. */
  readonly f1: number;
  /** Intersection over union, TP / (TP + FP + FN), 0–1. */
  readonly iou: number;
}

/**
 * Overlap of the flagged (`score > threshold`) and the defective pixels. Pixels count the same
 * whichever image they are of; normal images add their false positives. Looks at no more than log₂
 * of the pixels.
 * @param ranking of all pixels (rankPixels)
 * @throws if no pixel is anomalous (undefined then), or the threshold is NaN
 */
export function rankedOverlap(ranking: Ranking, threshold: number): PixelOverlap {
  requireClasses(ranking, 'Pixel F1', false);
  const { positives, negatives } = ranking;
  const hits = countAbove(positives, threshold);
  const union = positives.length + countAbove(negatives, threshold);
  return { f1: (2 * hits) / (union + hits), iou: hits / union };
}
