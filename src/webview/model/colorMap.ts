import type { ViewerSettings } from '../../protocol/anomalyView.ts';
import { colorTables } from './colorTables.ts';

export type ColorMapName = ViewerSettings['colorMap'];

const size = 256;

/** Equal steps of lightness. */
const greys = [0x00, 0x26, 0x52, 0x84, 0xb9, 0xf1];

/** [256, 3] of 0 … 255. */
export function colorTable(name: ColorMapName): Uint8Array {
  if (name !== 'grey') {
    const digits = colorTables[name].join('');
    return Uint8Array.from({ length: size * 3 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
  }
  const table = new Uint8Array(size * 3);
  for (let i = 0; i < size; i++) {
    const place = (i / (size - 1)) * (greys.length - 1);
    const low = Math.min(Math.floor(place), greys.length - 2);
    const [from, to] = [greys[low]!, greys[low + 1]!];
    table.fill(Math.round(from + (place - low) * (to - from)), 3 * i, 3 * i + 3);
  }
  return table;
}

/** What the colours of a map span. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** 0 … 1 of `value` in the range; NaN counts as low. */
export const share = (value: number, { low, high }: Range): number =>
  value > low ? Math.min(1, (value - low) / (high - low || 1)) : 0;

/**
 * Low values let the image through, so that what stands out stands out: 0.05 at the low end, 1 from
 * half on.
 */
export function opacityAt(part: number): number {
  const x = Math.min(1, part / 0.5);
  return 0.05 + 0.95 * x * x * (3 - 2 * x);
}

/** Steps of opacity: an error below one level of 255. */
const fine = 1024;

/**
 * RGBA [height, width, 4] of a map: its colours, opaque or fading towards the low end.
 * Little in its loop: it often runs once, uncompiled.
 */
export function colorize(
  data: Float32Array,
  range: Range,
  table: Uint8Array,
  fade: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const steps = new Uint8ClampedArray((fine + 1) * 4);
  for (let step = 0; step <= fine; step++) {
    const at = Math.round((step / fine) * (size - 1)) * 3;
    steps.set(table.subarray(at, at + 3), step * 4);
    steps[step * 4 + 3] = fade ? 255 * opacityAt(step / fine) : 255;
  }
  const pixelOf = new Uint32Array(steps.buffer);
  const out = new Uint32Array(data.length);
  const { low } = range;
  const scale = fine / (range.high - low || 1);
  for (let i = 0; i < data.length; i++) {
    const step = (data[i]! - low) * scale + 0.5;
    // Not below 0, NaN included.
    out[i] = pixelOf[step >= fine ? fine : step > 0 ? step | 0 : 0]!;
  }
  return new Uint8ClampedArray(out.buffer);
}
