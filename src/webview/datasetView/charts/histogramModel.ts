/**
 * The histogram of scores without its document: where things lie, and what pointer and keys mean.
 * In its own pixels.
 */
import { scaleLinear, scaleSqrt } from 'd3-scale';
import type { InspectionRows } from '../../../protocol/inspection.ts';
import type { RowLabels } from '../../../dataset/rowLabels.ts';
import { niceStep } from './niceStep.ts';
import { barLabels, scoreBins, scoreSpan, type BarLabel, type ScoreBin } from './scoreBins.ts';

export const [width, height] = [340, 128];
export const margin = { left: 6, right: 6, top: 16, bottom: 18 };
/** Where bars stand. */
export const floor = height - margin.bottom;
/** So far around the threshold one takes hold of it. */
export const reach = 7;
const binCount = 48;
/** A drag of less is a click. */
const clickReach = 3;

export type ScoreScale = ReturnType<typeof scaleLinear<number>>;

export interface Histogram {
  readonly x: ScoreScale;
  readonly bins: readonly ScoreBin[];
}

/** @param top the largest threshold that must be seen */
export function histogramOf(rows: InspectionRows, labels: RowLabels, top: number): Histogram {
  const span = scoreSpan(rows, top);
  return { x: scaleLinear(span, [margin.left, width - margin.right]), bins: scoreBins(rows, labels, span, binCount) };
}

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
export function barsOf({ x, bins }: Histogram): Bar[] {
  const total = ({ counts }: ScoreBin) => counts.normal + counts.anomalous + counts.other;
  const y = scaleSqrt([0, Math.max(1, ...bins.map(total))], [0, floor - margin.top]);
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

const domainOf = (x: ScoreScale) => x.domain() as [low: number, high: number];

const within = (x: ScoreScale, value: number): number => {
  const [low, high] = domainOf(x);
  return Math.min(high, Math.max(low, value));
};

/** The score at a place, on the axis. @param share of the histogram's width */
export const scoreAt = (x: ScoreScale, share: number): number => within(x, x.invert(share * width));

/** What a pointer at a score takes hold of. */
export const heldAt = (x: ScoreScale, score: number, threshold: number): 'threshold' | 'brush' =>
  Math.abs(x(score) - x(threshold)) <= reach ? 'threshold' : 'brush';

/** The scores between two places of a drag; undefined where it was a click. */
export const brushed = (x: ScoreScale, from: number, to: number): readonly [number, number] | undefined =>
  Math.abs(x(to) - x(from)) < clickReach ? undefined : [Math.min(from, to), Math.max(from, to)];

const stepOf = (x: ScoreScale): number => {
  const [low, high] = domainOf(x);
  return niceStep((high - low) / 200);
};

/** The nearest round value. */
export function snapped(x: ScoreScale, value: number): number {
  const step = stepOf(x);
  return Number((Math.round(value / step) * step).toFixed(6));
}

/** Where a key moves the threshold; undefined for keys that do not. */
export function movedByKey(x: ScoreScale, threshold: number, key: string, far: boolean): number | undefined {
  const [low, high] = domainOf(x);
  const size = stepOf(x) * (far ? 10 : 1);
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: threshold - size,
    ArrowDown: threshold - size,
    ArrowRight: threshold + size,
    ArrowUp: threshold + size,
    PageDown: threshold - 10 * size,
    PageUp: threshold + 10 * size,
    Home: low,
    End: high,
  };
  return Object.hasOwn(moves, key) ? within(x, snapped(x, moves[key]!)) : undefined;
}
