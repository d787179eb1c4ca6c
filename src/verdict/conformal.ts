import { quantile } from '../metrics/quantile.ts';

/** A conformal threshold and what it promises. */
export interface ConformalThreshold {
  readonly threshold: number;
  /**
   * The rate of false alarms promised: at most `falseAlarmRate` where `promised`, else the least
   * that n scores can promise.
   */
  readonly falseAlarmRate: number;
  readonly promised: boolean;
}

/**
 * Split conformal prediction (Vovk et al. 2005): with the ⌈(n + 1)(1 − α)⌉-th smallest of n
 * held-out normal scores as threshold, a new exchangeable normal image exceeds it with probability
 * at most α. For n < 1/α − 1 that rank is n + 1: the largest score is taken, which promises only
 * 1/(n + 1).
 * @throws Error without scores or for α outside (0, 1)
 */
export function conformalThreshold(scores: ArrayLike<number>, alpha: number): ConformalThreshold {
  if (!(alpha > 0 && alpha < 1)) throw new Error(`false-alarm rate: must lie between 0 and 1, found ${alpha}`);
  const n = scores.length;
  if (n === 0) throw new Error('calibration: there are no held-out normal scores; train the detector again');
  const sorted = Float64Array.from(scores).sort();
  // (n + 1)(1 − α) may miss a whole number by rounding.
  const rank = Math.ceil((n + 1) * (1 - alpha) - 1e-9);
  if (rank > n) return { threshold: sorted[n - 1]!, falseAlarmRate: 1 / (n + 1), promised: false };
  return { threshold: sorted[rank - 1]!, falseAlarmRate: alpha, promised: true };
}

/** Fewer scores than this have no usual range to stand out of. */
const enoughForRange = 10;

/** Scores that set the threshold although they stand alone. */
export interface FarScores {
  /** Where they are among the scores, the largest first. */
  readonly at: readonly number[];
  /** What the threshold would be without them. */
  readonly threshold: number;
}

/**
 * Whether the conformal threshold hangs on scores that lie far out of the others: beyond Tukey's
 * outer fence (Exploratory Data Analysis, 1977: Q3 + 3·(Q3 − Q1)) of the scores below the
 * threshold. One odd image among few then makes the detector blind to all that is less odd.
 * @returns undefined where the threshold is one of many, or the scores are fewer than 10
 * @throws as conformalThreshold
 */
export function farScores(scores: ArrayLike<number>, alpha: number): FarScores | undefined {
  const { threshold } = conformalThreshold(scores, alpha);
  const all = Array.from(scores);
  const others = all.filter((score) => score < threshold);
  if (others.length < enoughForRange - 1) return undefined;
  const [q1, q3] = [quantile(others, 0.25), quantile(others, 0.75)];
  const fence = q3 + 3 * (q3 - q1);
  if (threshold <= fence) return undefined;
  const usual = all.filter((score) => score <= fence);
  const far = [...all.keys()].filter((at) => all[at]! > fence);
  return { at: far.sort((a, b) => all[b]! - all[a]!), threshold: conformalThreshold(usual, alpha).threshold };
}
