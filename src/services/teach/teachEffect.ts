import type { Inspection } from '../../protocol/inspection.ts';
import { countsAt, labelledScores, type Counts } from '../../verdict/proposal.ts';
import { rowLabels } from '../../dataset/rowLabels.ts';
import { isAnomalous } from '../../verdict/thresholds.ts';

/**
 * What a detector finds in a folder before and after it was taught, each at its own image
 * threshold.
 */
export interface TeachEffect {
  /** On labelled images that neither was trained on or taught. */
  readonly before: Counts;
  readonly after: Counts;
  /**
   * Images, labelled or not, that become anomalous, and that become normal; of `judged`, which have
   * a score of both.
   */
  readonly flagged: number;
  readonly cleared: number;
  readonly judged: number;
}

/** Compares two inspections of the same folder; images that only one of them knows don't count. */
export function teachEffect(before: Inspection, after: Inspection): TeachEffect {
  const at = new Map(after.rows.paths.map((path, row) => [path, row]));
  const rowOf = before.rows.paths.map((path) => at.get(path) ?? -1);
  const scores = [before.rows.score, Float32Array.from(rowOf, (row) => after.rows.score[row] ?? NaN)] as const;
  const thresholds = [before.detector.thresholds.image, after.detector.thresholds.image] as const;
  const { label, byUser } = rowLabels(before);
  const trained = Uint8Array.from(rowOf, (row, own) => {
    const either = before.rows.trained[own] || after.rows.trained[row];
    return either || Number.isNaN(scores[0][own]!) || Number.isNaN(scores[1][own]!) ? 1 : 0;
  });
  const counts = (side: 0 | 1): Counts =>
    countsAt(labelledScores({ score: scores[side], trained, label, byUser }), thresholds[side]);
  let [flagged, cleared, judged] = [0, 0, 0];
  rowOf.forEach((_, row) => {
    if (scores.some((score) => Number.isNaN(score[row]!))) return;
    const [was, is] = [0, 1].map((side) => isAnomalous(scores[side]![row]!, thresholds[side]!));
    judged++;
    if (is && !was) flagged++;
    if (was && !is) cleared++;
  });
  return { before: counts(0), after: counts(1), flagged, cleared, judged };
}
