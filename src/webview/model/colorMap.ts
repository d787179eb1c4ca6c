import type { ViewerSettings } from '../../protocol/anomalyView.ts';

export type ColorMapName = ViewerSettings['colorMap'];

/** Samples at equal steps of matplotlib's maps (CC0), and of equal steps of lightness. */
const stops: Readonly<Record<ColorMapName, readonly string[]>> = {
  inferno: ['000004', '1b0c41', '4a0c6b', '781c6d', 'a52c60', 'cf4446', 'ed6925', 'fb9b06', 'f7d13d', 'fcffa4'],
  viridis: ['440154', '472d7b', '3b528b', '2c728e', '21918c', '28ae80', '5ec962', 'addc30', 'fde725'],
  cividis: ['00224e', '123570', '3b496c', '575d6d', '707173', '8a8678', 'a59c74', 'c3b369', 'e1cc55', 'fee838'],
  grey: ['000000', '262626', '525252', '848484', 'b9b9b9', 'f1f1f1'],
};

const size = 256;

/** [256, 3] of 0 … 255. */
export function colorTable(name: ColorMapName): Uint8Array {
  const colors = stops[name].map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  const table = new Uint8Array(size * 3);
  for (let i = 0; i < size; i++) {
    const place = (i / (size - 1)) * (colors.length - 1);
    const low = Math.min(Math.floor(place), colors.length - 2);
    for (let c = 0; c < 3; c++) {
      const [from, to] = [colors[low]![c]!, colors[low + 1]![c]!];
      table[i * 3 + c] = Math.round(from + (place - low) * (to - from));
    }
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

/** Low values let the image through, so that what stands out stands out: 0.05 at the low end, 1 from half on. */
export function opacityAt(part: number): number {
  const x = Math.min(1, part / 0.5);
  return 0.05 + 0.95 * x * x * (3 - 2 * x);
}

/** Steps of opacity: an error below one level of 255. */
const fine = 1024;

/** RGBA [height, width, 4] of a map: its colours, opaque or fading towards the low end. Little in its loop: it often runs once, uncompiled. */
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
