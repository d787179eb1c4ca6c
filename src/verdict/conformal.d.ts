/** A conformal threshold and what it promises. */
export interface ConformalThreshold {
  readonly threshold: number;
  /** The rate of false alarms promised: at most `falseAlarmRate` where `promised`, else the least that n scores can promise. */
  readonly falseAlarmRate: number;
  readonly promised: boolean;
}
/**
 * Split conformal prediction (Vovk et al. 2005): with the ⌈(n + 1)(1 − α)⌉-th smallest of n held-out normal scores as threshold, a new
 * exchangeable normal image exceeds it with probability at most α. For n < 1/α − 1 that rank is n + 1: the largest score is taken, which promises only 1/(n + 1).
 * @throws Error without scores or for α outside (0, 1)
 */
export declare function conformalThreshold(scores: ArrayLike<number>, alpha: number): ConformalThreshold;
/** Scores that set the threshold although they stand alone. */
export interface FarScores {
  /** Where they are among the scores, the largest first. */
  readonly at: readonly number[];
  /** What the threshold would be without them. */
  readonly threshold: number;
}
/**
 * Whether the conformal threshold hangs on scores that lie far out of the others: beyond Tukey's outer fence (Exploratory Data Analysis,
 * 1977: Q3 + 3·(Q3 − Q1)) of the scores below the threshold. One odd image among few then makes the detector blind to all that is less odd.
 * @returns undefined where the threshold is one of many, or the scores are fewer than 10
 * @throws as conformalThreshold
 */
export declare function farScores(scores: ArrayLike<number>, alpha: number): FarScores | undefined;
/** The value below which a share `q` of `values` lies (linear interpolation, as NumPy's default). */
export declare function quantile(values: ArrayLike<number>, q: number): number;
