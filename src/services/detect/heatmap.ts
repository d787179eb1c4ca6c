import { maskAt, type AnyRuns } from '../../dataset/maskRuns.ts';
import { places } from '../../maps/enlarge.ts';
import type { FloatMap } from '../../maps/floatMap.ts';
import type { Picture, RgbImage, Size } from '../ports/disk.ts';

/** Most of a colour's share in a pixel; the rest is the image, which must stay recognisable. */
const strongest = 0.52;
/** Share of the threshold below which nothing is coloured. */
const silent = 0.35;
const levels = 256;

/** OKLab (Björn Ottosson, 2020) → linear sRGB. */
function linearOf(lightness: number, a: number, b: number): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** sRGB's transfer function, to 0 … 255. */
const encoded = (linear: number): number =>
  255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);

/**
 * From violet through red to pale yellow, [256, 3] of 0 … 255. Perceptually uniform by
 * construction: OKLab's lightness and hue grow linearly, the chroma is the largest (up to a limit)
 * that sRGB can show.
 */
export const heatColours: Uint8Array = (() => {
  const table = new Uint8Array(levels * 3);
  for (let i = 0; i < levels; i++) {
    const t = i / (levels - 1);
    const lightness = 0.22 + 0.74 * t;
    const hue = ((-75 + 180 * t) * Math.PI) / 180;
    let colour = linearOf(lightness, 0, 0);
    for (let chroma = 0.01; chroma <= 0.19; chroma += 0.005) {
      const next = linearOf(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue));
      if (next.some((value) => value < 0 || value > 1)) break;
      colour = next;
    }
    table.set(colour.map(encoded).map(Math.round), 3 * i);
  }
  return table;
})();

/**
 * Longer side of a heatmap where its caller asks for no other: three pixels for each of a map of
 * 256 × 256, to see where; the image has its details.
 */
export const shownSide = 768;

/** The size of an image shown with its longer side at most `side`; never enlarged. */
export function shownSize({ width, height }: Size, side = shownSide): Size {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Shares of the threshold from 0 to 2 are looked up in this many steps. */
const steps = 1024;
const lastStep = steps - 1;
/** The threshold in steps. */
const threshold = lastStep / 2;
/** Opacities are of 256. */
const whole = 256;

/**
 * Share of the threshold, in steps → how much of the image stays, then what is added to red, green,
 * blue; all times 256.
 */
const blend = (() => {
  const table = new Int32Array(4 * steps);
  for (let step = 0; step < steps; step++) {
    const share = step / threshold;
    const opacity = Math.round(whole * strongest * smooth((share - silent) / (1 - silent)));
    const level = Math.round((share / 2) * (levels - 1));
    table[4 * step] = whole - opacity;
    // Half of 256: what is shifted away afterwards is rounded.
    for (let c = 0; c < 3; c++) table[4 * step + 1 + c] = heatColours[3 * level + c]! * opacity + whole / 2;
  }
  return table;
})();
/** The first step that colours. */
const first = Math.ceil(silent * threshold);

/**
 * The image with its anomaly map blended in, and a line where the map crosses the pixel threshold.
 *
 * Colours run from 0 through the threshold (the middle) to twice the threshold; what lies well
 * below it keeps the image as it is.
 * @param map covers the whole image; interpolated bilinearly, pixel centres aligned
 * @param roi what is looked at, where it isn't all; the rest is grey and striped
 */
export function heatmap(
  { width, height, data }: RgbImage,
  map: FloatMap,
  pixelThreshold: number,
  roi?: AnyRuns,
): Picture {
  const out = new Uint8Array(data);
  // Half the line's width; it stays visible when a large image is shown small.
  const half = Math.max(1.5, Math.max(width, height) / 400) / 2;
  // In steps of the table, so that a value is its own index.
  const lines = linesOf(map, height, threshold / Math.max(pixelThreshold, 1e-6));
  const pieces = piecesOf(width, map.width);
  let [here, below] = [new Float64Array(map.width + 2), new Float64Array(map.width + 2)];
  let isHere = false;
  for (let y = 0; y < height; y++) {
    const coloured = lines.isColoured(y);
    if (coloured) {
      if (!isHere) lines.write(y, here);
      lines.write(Math.min(y + 1, height - 1), below);
      paintRow(out.subarray(3 * y * width, 3 * (y + 1) * width), pieces, here, below, half);
      [here, below] = [below, here];
    }
    isHere = coloured;
  }
  if (roi) greyOut(out, { width, height, data }, roi);
  return { width, height, channels: 3, data: out };
}

/** Grey of what isn't looked at, and of the stripes across it. */
const [ignored, stripe] = [96, 160];

/** Where nothing is looked at, the image half way to grey, striped: it may be grey itself. */
function greyOut(out: Uint8Array, { width, height, data }: Pick<RgbImage, keyof Size | 'data'>, roi: AnyRuns): void {
  const period = Math.max(8, Math.round(Math.max(width, height) / 40));
  maskAt(roi, { width, height }).forEach((looked, pixel) => {
    if (looked) return;
    const at = 3 * pixel;
    const along = ((pixel % width) + Math.floor(pixel / width)) % period;
    const brightness = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    out.fill(Math.round((brightness + (along < period / 4 ? stripe : ignored)) / 2), at, at + 3);
  });
}

/**
 * Colours a row of pixels, and draws it white where the distance to the threshold's contour, the
 * value's over its slope, is less than `half` the line's width. Between two columns of the map the
 * value grows evenly, so what is far from the contour is known for all of them.
 * @param here the map's values in steps at the row's height, a column's width beyond both ends
 * @param below those of the next row
 */
function paintRow(
  row: Uint8Array,
  { starts, offsets, growth }: Pieces,
  here: Float64Array,
  below: Float64Array,
  half: number,
): void {
  const reach = half + 0.5;
  for (let piece = 0; piece < offsets.length; piece++) {
    const left = here[piece]!;
    const right = here[piece + 1]!;
    if (left < first && right < first) continue;
    const start = starts[piece]!;
    const end = starts[piece + 1]!;
    const across = (right - left) * growth;
    const leftDown = below[piece]! - left;
    const rightDown = below[piece + 1]! - right;
    const steepest = across * across + Math.max(leftDown * leftDown, rightDown * rightDown);
    const away =
      left < threshold === right < threshold ? Math.min(Math.abs(left - threshold), Math.abs(right - threshold)) : 0;
    let value = left + (right - left) * offsets[piece]!;
    if (away * away >= reach * reach * steepest) {
      for (let x = start; x < end; x++, value += across) colour(row, 3 * x, value);
      continue;
    }
    const bend = (rightDown - leftDown) * growth;
    let down = leftDown + (rightDown - leftDown) * offsets[piece]!;
    for (let x = start; x < end; x++, value += across, down += bend) {
      colour(row, 3 * x, value);
      const slope = Math.sqrt(across * across + down * down);
      const cover = reach - Math.abs(value - threshold) / slope;
      if (cover > 0 && !(value < first)) lighten(row, 3 * x, (whole * Math.min(1, cover)) | 0);
    }
  }
}

function colour(row: Uint8Array, at: number, value: number): void {
  // What is no number is as bad as can be.
  const step = 4 * (value < lastStep ? (value > 0 ? (value + 0.5) | 0 : 0) : lastStep);
  const stays = blend[step]!;
  row[at] = (row[at]! * stays + blend[step + 1]!) >> 8;
  row[at + 1] = (row[at + 1]! * stays + blend[step + 2]!) >> 8;
  row[at + 2] = (row[at + 2]! * stays + blend[step + 3]!) >> 8;
}

/** @param by 0 … 256, which is white */
function lighten(row: Uint8Array, at: number, by: number): void {
  for (let c = at; c < at + 3; c++) row[c] = row[c]! + (((255 - row[c]!) * by) >> 8);
}

/** Smooth from 0 to 1. */
function smooth(x: number): number {
  const t = Math.min(1, Math.max(0, x));
  return t * t * (3 - 2 * t);
}

/**
 * A row of pixels cut at the map's columns: the first piece lies before the first column's centre,
 * the last one behind the last's.
 */
interface Pieces {
  /** Of each piece its first pixel, and the row's end. */
  readonly starts: Int32Array;
  /** Where the centre of a piece's first pixel lies between its two columns, 0 … 1. */
  readonly offsets: Float64Array;
  /** From pixel to pixel, in columns. */
  readonly growth: number;
}

function piecesOf(width: number, columns: number): Pieces {
  const growth = columns / width;
  // A pixel's place in columns is (x + 1/2) growth − 1/2.
  const startOf = (piece: number): number => Math.ceil((piece - 0.5) / growth - 0.5);
  const starts = Int32Array.from({ length: columns + 2 }, (_, piece) => Math.min(width, Math.max(0, startOf(piece))));
  starts[columns + 1] = width;
  const offsets = Float64Array.from(
    { length: columns + 1 },
    (_, piece) => (starts[piece]! + 0.5) * growth + 0.5 - piece,
  );
  return { starts, offsets, growth };
}

/**
 * Rows of pixels as lines of `map` times `scale`: which may be coloured, and their values, a
 * column's width beyond both ends.
 */
function linesOf({ width: columns, height: lines, data }: FloatMap, height: number, scale: number) {
  const { low, high, part } = places(height, lines);
  const lineOf = (line: number): Float32Array => data.subarray(line * columns, (line + 1) * columns);
  const coloured = Array.from({ length: lines }, (_, line) => {
    for (const value of lineOf(line)) if (!(scale * value < first)) return true;
    return false;
  });
  return {
    isColoured: (y: number): boolean => coloured[low[y]!]! || coloured[high[y]!]!,
    write(y: number, out: Float64Array): void {
      mix(lineOf(low[y]!), lineOf(high[y]!), part[y]!, scale, out);
      out[0] = out[1]!;
      out[columns + 1] = out[columns]!;
    },
  };
}

/** Into `out` from its second place on. */
function mix(above: Float32Array, below: Float32Array, share: number, scale: number, out: Float64Array): void {
  for (let x = 0; x < above.length; x++) out[x + 1] = scale * (above[x]! + (below[x]! - above[x]!) * share);
}
