import { maskAt, type AnyRuns } from '../dataset/maskRuns.ts';
import type { FloatMap, Grid } from './floatMap.ts';

/**
 * The whole anomaly map, as large as the detector's input: the detector's last step, done again.
 */
export function anomalyMapOf({ anomalyGrid, detector: { input, roi } }: GridOfDetector): FloatMap {
  const whole = enlarge(anomalyGrid, Math.max(input.width, input.height));
  if (!roi) return whole;
  const factor = whole.width / anomalyGrid.width;
  const placeOf = (at: number): number =>
    Math.floor(at / whole.width / factor) * anomalyGrid.width + Math.floor((at % whole.width) / factor);
  const counts = new Uint8Array(anomalyGrid.data.length);
  maskAt(roi, whole).forEach((looked, at) => {
    if (looked) counts[placeOf(at)] = 1;
  });
  const lowest = anomalyGrid.data.reduce((least, value) => Math.min(least, value), Infinity);
  return { ...whole, data: whole.data.map((value, at) => (counts[placeOf(at)] ? value : lowest)) };
}

/** The part of a detection that its whole map is made from. */
export interface GridOfDetector {
  readonly anomalyGrid: FloatMap;
  readonly detector: { readonly input: Grid; readonly roi?: AnyRuns };
}

/**
 * The map enlarged by a whole factor to at least `side`, bilinear, values at the centres of
 * positions.
 */
export function enlarge(map: FloatMap, side: number): FloatMap {
  const factor = Math.max(1, Math.ceil(side / Math.max(map.width, map.height)));
  if (factor === 1) return map;
  const [width, height] = [map.width * factor, map.height * factor];
  const across = places(width, map.width);
  const down = places(height, map.height);
  // Rows first: each is needed many times.
  const wide = new Float32Array(map.height * width);
  for (let y = 0, at = 0; y < map.height; y++) {
    const row = y * map.width;
    for (let x = 0; x < width; x++, at++) {
      const from = map.data[row + across.low[x]!]!;
      wide[at] = from + across.part[x]! * (map.data[row + across.high[x]!]! - from);
    }
  }
  const data = new Float32Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const [above, below, part] = [down.low[y]! * width, down.high[y]! * width, down.part[y]!];
    for (let x = 0; x < width; x++, at++) {
      const from = wide[above + x]!;
      data[at] = from + part * (wide[below + x]! - from);
    }
  }
  return { width, height, data };
}

/**
 * Where each of `to` positions lies between which two of `from`, all spread over the same length:
 * bilinear interpolation, centres aligned.
 */
export function places(to: number, from: number) {
  const [low, high, part] = [new Int32Array(to), new Int32Array(to), new Float32Array(to)];
  for (let i = 0; i < to; i++) {
    const place = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    low[i] = Math.floor(place);
    high[i] = Math.min(low[i]! + 1, from - 1);
    part[i] = place - low[i]!;
  }
  return { low, high, part };
}
