/** What pointer and keys mean on the histogram of scores, without its document. In its pixels. */
import type { Frame, Histogram, ScoreScale } from '../../../charts/histogram.ts';
import { niceStep } from './niceStep.ts';

export const [width, height] = [340, 128];
export const frame: Frame = { left: 6, right: width - 6, top: 16, floor: height - 18 };
/** So far around the threshold one takes hold of it. */
export const reach = 7;
/** A drag of less is a click. */
const clickReach = 3;

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

/**
 * The scores between two places of a drag; undefined where it was a click. One that ends at the
 * axis' end has all that the last bin gathers.
 */
export function brushed(
  { x, span }: Pick<Histogram, 'x' | 'span'>,
  from: number,
  to: number,
): readonly [number, number] | undefined {
  if (Math.abs(x(to) - x(from)) < clickReach) return undefined;
  const most = Math.max(from, to);
  return [Math.min(from, to), most >= span.high ? Math.max(most, span.most) : most];
}

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
