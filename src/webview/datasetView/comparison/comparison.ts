import type { Inspection } from '../../../protocol/inspection.ts';
import { countsAt, labelledScores, type Counts } from '../../../verdict/proposal.ts';
import type { RowLabels } from '../../../dataset/rowLabels.ts';
import { isAnomalous } from '../../../verdict/thresholds.ts';

/** The same folder judged by another detector, in the rows of the first. */
export interface Comparison {
  readonly inspection: Inspection;
  /** The other detector's threshold. */
  readonly threshold: number;
  /** The other's scores by the first's rows; NaN where it has none. */
  readonly score: Float32Array;
  /** The other's row of each of the first's; -1: none. */
  readonly rowOf: Int32Array;
  /** Whether the other is a taught version that waits to be accepted. */
  readonly taught: boolean;
}

export function compare(paths: readonly string[], other: Inspection, threshold: number, taught: boolean): Comparison {
  const at = new Map(other.rows.paths.map((path, row) => [path, row]));
  const rowOf = Int32Array.from(paths, (path) => at.get(path) ?? -1);
  const score = Float32Array.from(rowOf, (row) => (row < 0 ? NaN : other.rows.score[row]!));
  return { inspection: other, threshold, score, rowOf, taught };
}

/** Whether the other detector's verdict is another one; never where either has none. */
export function verdictChanges(
  score: ArrayLike<number>,
  threshold: number,
  { score: others, threshold: otherThreshold }: Pick<Comparison, 'score' | 'threshold'>,
): (row: number) => boolean {
  return (row) => {
    const [mine, theirs] = [score[row]!, others[row]!];
    if (Number.isNaN(mine) || Number.isNaN(theirs)) return false;
    return isAnomalous(mine, threshold) !== isAnomalous(theirs, otherThreshold);
  };
}

/** False alarms and misses of the other detector on the labels as they are now. */
export function countsOfOther({ score, threshold, rowOf, inspection }: Comparison, labels: RowLabels): Counts {
  const trained = Uint8Array.from(rowOf, (row) => (row < 0 ? 0 : inspection.rows.trained[row]!));
  return countsAt(labelledScores({ score, trained, label: labels.label, byUser: labels.byUser }), threshold);
}
