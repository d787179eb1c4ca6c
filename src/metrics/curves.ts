import { curvePoints } from './curvePoints.ts';
import type { PixelSample } from './pixelSample.ts';
import { forEachDistinctScore, rank, rankPixels, requireClasses, scoreOfKey, type Ranking } from './ranking.ts';

/** One point per distinct score in descending order, after (0, 0) with threshold ∞. */
export interface RocCurve {
  readonly falsePositiveRate: Float64Array;
  readonly truePositiveRate: Float64Array;
  /** Point i flags `score >= thresholds[i]`. */
  readonly thresholds: Float64Array;
}

/**
 * One point per distinct score in ascending order, then (precision 1, recall 0), which has no
 * threshold.
 */
export interface PrecisionRecallCurve {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  /** Point i flags `score >= thresholds[i]`. One shorter than the others. */
  readonly thresholds: Float64Array;
}

/**
 * ROC curve, point for point scikit-learn's `roc_curve(…, drop_intermediate=False)`.
 * @param scores [N], larger = more anomalous
 * @param labels [N], non-zero = anomalous
 * @param resolution leaves out a point nearer than this to the last one in both rates; 0 keeps all
 * @throws if there are no anomalous or no normal items, or a score isn't finite
 */
export function rocCurve(scores: Float32Array, labels: Uint8Array, resolution = 0): RocCurve {
  return rocOf(rank(scores, labels), resolution);
}

/** {@link rocCurve} over all pixels of the test set; by default at most about 2,000 points. */
export function pixelRocCurve(samples: readonly PixelSample[], resolution = 1e-3): RocCurve {
  return rocOf(rankPixels(samples), resolution);
}

/**
 * Precision–recall curve, point for point scikit-learn's `precision_recall_curve`.
 * @param scores [N], larger = more anomalous
 * @param labels [N], non-zero = anomalous
 * @param resolution leaves out a point nearer than this to the last one in both precision and
 * recall; 0 keeps all
 * @throws if there are no anomalous items, or a score isn't finite
 */
export function precisionRecallCurve(scores: Float32Array, labels: Uint8Array, resolution = 0): PrecisionRecallCurve {
  return precisionRecallOf(rank(scores, labels), resolution);
}

/** {@link precisionRecallCurve} over all pixels of the test set. */
export function pixelPrecisionRecallCurve(samples: readonly PixelSample[], resolution = 1e-3): PrecisionRecallCurve {
  return precisionRecallOf(rankPixels(samples), resolution);
}

function rocOf(ranking: Ranking, resolution: number): RocCurve {
  requireClasses(ranking, 'The ROC curve', true);
  const { positives, negatives } = ranking;
  const points = curvePoints(resolution);
  points.add(0, 0, Infinity);
  forEachDistinctScore(ranking, (key, tp, fp) => {
    points.add(fp / negatives.length, tp / positives.length, scoreOfKey(key));
  });
  const [falsePositiveRate, truePositiveRate, thresholds] = points.columns();
  return { falsePositiveRate, truePositiveRate, thresholds };
}

function precisionRecallOf(ranking: Ranking, resolution: number): PrecisionRecallCurve {
  requireClasses(ranking, 'The precision–recall curve', false);
  const points = curvePoints(resolution);
  forEachDistinctScore(ranking, (key, tp, fp) => {
    points.add(tp / (tp + fp), tp / ranking.positives.length, scoreOfKey(key));
  });
  const [precision, recall, thresholds] = points.columns();
  return {
    precision: reversed(precision, 1),
    recall: reversed(recall, 0),
    thresholds: thresholds.reverse(),
  };
}

/** `values` backwards, then `end`. */
function reversed(values: Float64Array, end: number): Float64Array {
  const result = new Float64Array(values.length + 1);
  result.set(values.reverse());
  result[values.length] = end;
  return result;
}
