import { bin } from 'd3-array';
import { knownLabels } from '../../../dataset/labels.ts';
import type { InspectionRows } from '../../../protocol/inspection.ts';
import type { RowLabels } from '../../../dataset/rowLabels.ts';

/** What bars are stacked from: from below upwards. */
export const barLabels = ['normal', 'anomalous', 'other'] as const;
export type BarLabel = (typeof barLabels)[number];

export interface ScoreBin {
  readonly low: number;
  readonly high: number;
  readonly counts: Readonly<Record<BarLabel, number>>;
}

const [normal, anomalous, excluded] = (['normal', 'anomalous', 'excluded'] as const).map((label) =>
  knownLabels.indexOf(label),
);

const classOf = (label: number): BarLabel =>
  label === normal ? 'normal' : label === anomalous ? 'anomalous' : 'other';

/**
 * The span of all scores that are counted and the threshold, with some room; [0, 1] where there is
 * no score yet.
 */
export function scoreSpan(
  { score, trained }: Pick<InspectionRows, 'score' | 'trained'>,
  threshold: number,
): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let row = 0; row < score.length; row++) {
    if (trained[row]) continue;
    const value = score[row]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, Math.max(1, threshold * 1.5)];
  const [least, most] = [Math.min(0, low, threshold), Math.max(high, threshold * 1.05)];
  return [least, most + 0.02 * (most - least || 1)];
}

/**
 * Equal bins over `span`; rows without a score, excluded ones and those the detector was trained on
 * count nowhere.
 */
export function scoreBins(
  { score, trained }: Pick<InspectionRows, 'score' | 'trained'>,
  { label }: Pick<RowLabels, 'label'>,
  [low, high]: readonly [number, number],
  count: number,
): ScoreBin[] {
  const rows: number[] = [];
  for (let row = 0; row < score.length; row++) {
    if (!Number.isNaN(score[row]!) && !trained[row] && label[row] !== excluded) rows.push(row);
  }
  const width = (high - low) / count;
  const inner = Array.from({ length: count - 1 }, (_, i) => low + (i + 1) * width);
  const binned = bin<number, number>()
    .value((row) => score[row]!)
    .domain([low, high])
    .thresholds(inner)(rows);
  return binned.map((members, i) => {
    const counts: Record<BarLabel, number> = { normal: 0, anomalous: 0, other: 0 };
    for (const row of members) counts[classOf(label[row]!)]++;
    return { low: low + i * width, high: low + (i + 1) * width, counts };
  });
}
