/**
 * The histogram of scores by label without a document: which images count, where bins and bars lie.
 * The dataset view and reports draw the same one.
 */
import { bin, quantileSorted } from 'd3-array';
import { scaleLinear, scaleSqrt } from 'd3-scale';
import { knownLabels } from '../dataset/labels.ts';
import type { RowLabels } from '../dataset/rowLabels.ts';
import type { InspectionRows } from '../protocol/inspection.ts';

/** What bars are stacked from: from below upwards. */
export const barLabels = ['normal', 'anomalous', 'other'] as const;
export type BarLabel = (typeof barLabels)[number];

export interface ScoreBin {
  readonly low: number;
  readonly high: number;
  readonly counts: Readonly<Record<BarLabel, number>>;
}

/** The scores an axis shows. */
interface ScoreSpan {
  readonly low: number;
  readonly high: number;
  /** The highest score. Beyond `high` where a few lie far out: the last bin gathers those. */
  readonly most: number;
}

type Scored = Pick<InspectionRows, 'score' | 'trained'>;
type Labelled = Pick<RowLabels, 'label'>;

const [normal, anomalous, excluded] = (['normal', 'anomalous', 'excluded'] as const).map((label) =>
  knownLabels.indexOf(label),
);

const classOf = (label: number): BarLabel =>
  label === normal ? 'normal' : label === anomalous ? 'anomalous' : 'other';

/**
 * What is counted: rows with a score, but for excluded ones and those the detector was trained on.
 */
function countedRows({ score, trained }: Scored, { label }: Labelled): number[] {
  const rows: number[] = [];
  for (let row = 0; row < score.length; row++) {
    if (!Number.isNaN(score[row]!) && !trained[row] && label[row] !== excluded) rows.push(row);
  }
  return rows;
}

const binCount = 48;
/** An axis ends at this many times the reach of 95 % of the scores. */
const farReach = 2.5;

/**
 * The span of all scores that are counted and the threshold, with some room; 0 to 1 where there is
 * no score yet.
 * @param rows that are counted
 */
function scoreSpan({ score }: Scored, rows: readonly number[], threshold: number): ScoreSpan {
  if (rows.length === 0) return { low: 0, high: Math.max(1, threshold * 1.5), most: 0 };
  const sorted = rows.map((row) => score[row]!).sort((a, b) => a - b);
  const most = sorted.at(-1)!;
  const low = Math.min(0, sorted[0]!, threshold);
  const reach = Math.max(quantileSorted(sorted, 0.95)!, threshold) - low;
  if (most - low > farReach * reach && reach > 0) return { low, high: low + farReach * reach, most };
  const high = Math.max(most, threshold * 1.05);
  return { low, high: high + 0.02 * (high - low || 1), most };
}

/** Equal bins over a span; the last has what lies beyond it too. */
function scoreBins(
  { score }: Scored,
  { label }: Labelled,
  rows: readonly number[],
  { low, high }: ScoreSpan,
): ScoreBin[] {
  const width = (high - low) / binCount;
  const inner = Array.from({ length: binCount - 1 }, (_, i) => low + (i + 1) * width);
  const binned = bin<number, number>()
    .value((row) => Math.min(high, score[row]!))
    .domain([low, high])
    .thresholds(inner)(rows);
  return binned.map((members, i) => {
    const counts: Record<BarLabel, number> = { normal: 0, anomalous: 0, other: 0 };
    for (const row of members) counts[classOf(label[row]!)]++;
    return { low: low + i * width, high: low + (i + 1) * width, counts };
  });
}

/** Where the bars stand, in a drawing's own pixels. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  /** Where bars stand. */
  readonly floor: number;
}

export type ScoreScale = ReturnType<typeof scaleLinear<number>>;

export interface Histogram {
  /** Score → pixel, kept within the frame. */
  readonly x: ScoreScale;
  readonly span: ScoreSpan;
  readonly bins: readonly ScoreBin[];
  /** Images of the tallest bin. */
  readonly tallest: number;
}

/** @param top the largest threshold that must be seen */
export function histogramOf(scored: Scored, labels: Labelled, top: number, { left, right }: Frame): Histogram {
  const rows = countedRows(scored, labels);
  const span = scoreSpan(scored, rows, top);
  const bins = scoreBins(scored, labels, rows, span);
  const x = scaleLinear([span.low, span.high], [left, right]).clamp(true);
  return { x, span, bins, tallest: Math.max(...bins.map(total)) };
}

const total = ({ counts }: ScoreBin): number => counts.normal + counts.anomalous + counts.other;

export interface Bar {
  readonly label: BarLabel;
  readonly bin: ScoreBin;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Stacked by label. Heights follow the square root: a few anomalies must show beside many normal
 * images.
 */
export function barsOf({ x, bins, tallest }: Histogram, { floor, top }: Frame): Bar[] {
  const y = scaleSqrt([0, Math.max(1, tallest)], [0, floor - top]);
  return bins.flatMap((bin) => {
    const [left, right] = [x(bin.low), x(bin.high)];
    let below = 0;
    return barLabels.flatMap((label) => {
      const count = bin.counts[label];
      if (count === 0) return [];
      const [from, to] = [y(below), y(below + count)];
      below += count;
      return {
        label,
        bin,
        x: left + 0.5,
        width: Math.max(0.5, right - left - 1),
        y: floor - to,
        height: Math.max(0.8, to - from),
      };
    });
  });
}
