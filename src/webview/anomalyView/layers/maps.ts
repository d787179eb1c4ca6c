import { unpackMask } from '../../../dataset/maskRuns.ts';
import { anomalyMapOf } from '../../../maps/enlarge.ts';
import type { FloatMap } from '../../../maps/floatMap.ts';
import type { DetectorSummary } from '../../../protocol/engine.ts';
import { memo } from '../../model/memo.ts';

/** The whole anomaly map of the detection that is shown. */
export const wholeMap = memo(anomalyMapOf);

const unpacked = memo(unpackMask);

/** Whether a place (0 … 1 of width and height) is in what the detector looks at. */
export function looksAt({ roi }: Pick<DetectorSummary, 'roi'>, x: number, y: number): boolean {
  if (!roi) return true;
  const within = (share: number, size: number) => Math.min(size - 1, Math.max(0, Math.floor(share * size)));
  return unpacked(roi)[within(y, roi.height) * roi.width + within(x, roi.width)] === 1;
}

/** The value at a place (0 … 1 of width and height), of the nearest position. */
export function valueAt({ width, height, data }: FloatMap, x: number, y: number): number {
  const column = Math.min(width - 1, Math.max(0, Math.floor(x * width)));
  const row = Math.min(height - 1, Math.max(0, Math.floor(y * height)));
  return data[row * width + column]!;
}

export interface Peak {
  /** 0 … 1 of width and height: the centre of the position with the largest value. */
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

export function peakOf({ width, height, data }: FloatMap): Peak {
  let best = 0;
  let value = data[0]!;
  for (let i = 1; i < data.length; i++) {
    if (data[i]! > value) value = data[(best = i)]!;
  }
  return { x: ((best % width) + 0.5) / width, y: (Math.floor(best / width) + 0.5) / height, value };
}

export function extremes(data: ArrayLike<number>): { readonly low: number; readonly high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/**
 * The centre of the position some positions away from a place (0 … 1 of width and height), within
 * the map.
 */
export function stepIn(
  { width, height }: Pick<FloatMap, 'width' | 'height'>,
  from: Pick<Peak, 'x' | 'y'>,
  dx: number,
  dy: number,
) {
  const along = (at: number, by: number, size: number) =>
    (Math.min(size - 1, Math.max(0, Math.floor(at * size) + by)) + 0.5) / size;
  return { x: along(from.x, dx, width), y: along(from.y, dy, height) };
}
