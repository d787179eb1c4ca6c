import type { Rect, Size, Target } from '../services/ports.ts';

/** Where a picture of `original` size lies in `target`: all of it, or centred with its aspect kept. */
export function contentRect(original: Size, { width, height, fit = 'stretch' }: Target): Rect {
  if (fit === 'stretch') return { left: 0, top: 0, width, height };
  const scale = Math.min(width / original.width, height / original.height);
  const inner = {
    width: Math.max(1, Math.min(width, Math.round(original.width * scale))),
    height: Math.max(1, Math.min(height, Math.round(original.height * scale))),
  };
  return { left: (width - inner.width) >> 1, top: (height - inner.height) >> 1, ...inner };
}

/** Interleaved pixels, grey or RGB. */
export interface Pixels extends Size {
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/**
 * Antialiased bilinear resampling: a triangle filter as wide as the pixels of the smaller image, each dimension on its own, pixel centres
 * aligned, cut at the border (source x = (x + ½)·w/W − ½), as Pillow and torchvision do it. Enlarging is plain bilinear interpolation.
 */
export function resample(pixels: Pixels, to: Size): Pixels {
  const { width, height, channels, data } = pixels;
  if (width === to.width && height === to.height) return pixels;
  const columns = taps(width, to.width, channels);
  const rows = taps(height, to.height, 1);
  const stride = width * channels;
  const out = new Uint8Array(to.width * to.height * channels);
  // Weights beyond a very small image are 0, but their factors must be numbers.
  const mixed = new Int32Array(stride + columns.count * channels);
  const across = channels === 1 ? acrossGrey : acrossRgb;
  for (let y = 0; y < to.height; y++) {
    mixRows(data, rows, y, stride, mixed);
    across(mixed, columns, out, y * to.width * channels, to.width);
  }
  return { ...to, channels, data: out };
}

/** Weights are whole numbers of this part of 1: two of them and 8 bits stay below 31, and integers are much faster here than numbers. */
const weightBits = 11;
/** Sources are mixed in groups of so many. */
const group = 4;

/** For each sample that is wanted: where its sources begin, and their weights; `count` for all, in whole groups, the needless ones 0. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: Int32Array;
  readonly count: number;
}

function taps(from: number, to: number, step: number): Taps {
  const scale = from / to;
  const reach = Math.max(1, scale);
  const count = group * Math.ceil((2 * reach) / group);
  const first = new Int32Array(to);
  const weights = new Int32Array(to * count);
  const due = new Float64Array(count);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale - 0.5;
    const low = Math.max(0, Math.min(from - count, Math.floor(centre - reach) + 1));
    let sum = 0;
    for (let k = 0; k < count; k++) {
      due[k] = low + k < from ? Math.max(0, 1 - Math.abs(low + k - centre) / reach) : 0;
      sum += due[k]!;
    }
    // Rounding the running total keeps the sum at exactly 1.
    let total = 0;
    for (let k = 0, given = 0; k < count; k++) {
      total += due[k]!;
      const upTo = Math.round((total / sum) * (1 << weightBits));
      weights[i * count + k] = upTo - given;
      given = upTo;
    }
    first[i] = low * step;
  }
  return { first, weights, count };
}

/** Row `y` of the result, still as wide as the source; a row beyond a very small image has weight 0. */
function mixRows(data: Uint8Array, { first, weights, count }: Taps, y: number, stride: number, out: Int32Array): void {
  const last = data.length - stride;
  for (let k = 0, w = y * count, at = first[y]! * stride; k < count; k += group, w += group, at += group * stride) {
    const [a, b, c, d] = [weights[w]!, weights[w + 1]!, weights[w + 2]!, weights[w + 3]!];
    const [p, q, r, s] = [at, at + stride, at + 2 * stride, at + 3 * stride].map((row) => Math.min(row, last)) as Four;
    for (let i = 0; i < stride; i++) {
      const sum =
        Math.imul(a, data[p + i]!) +
        Math.imul(b, data[q + i]!) +
        Math.imul(c, data[r + i]!) +
        Math.imul(d, data[s + i]!);
      out[i] = k === 0 ? sum : (out[i]! + sum) | 0;
    }
  }
}

type Four = [number, number, number, number];

const shift = 2 * weightBits;
const half = 1 << (shift - 1);

function acrossGrey(
  row: Int32Array,
  { first, weights, count }: Taps,
  out: Uint8Array,
  at: number,
  width: number,
): void {
  for (let x = 0, w = 0; x < width; x++) {
    const from = first[x]!;
    let sum = half;
    for (let k = 0; k < count; k++, w++) sum = (sum + Math.imul(weights[w]!, row[from + k]!)) | 0;
    out[at + x] = sum >> shift;
  }
}

function acrossRgb(row: Int32Array, { first, weights, count }: Taps, out: Uint8Array, at: number, width: number): void {
  for (let x = 0, i = at, w = 0; x < width; x++, i += 3) {
    let from = first[x]!;
    let red = half;
    let green = half;
    let blue = half;
    for (let k = 0; k < count; k++, w++, from += 3) {
      const weight = weights[w]!;
      red = (red + Math.imul(weight, row[from]!)) | 0;
      green = (green + Math.imul(weight, row[from + 1]!)) | 0;
      blue = (blue + Math.imul(weight, row[from + 2]!)) | 0;
    }
    out[i] = red >> shift;
    out[i + 1] = green >> shift;
    out[i + 2] = blue >> shift;
  }
}

/** Nearest neighbour of one-channel pixels, pixel centres aligned, written into `content` of an otherwise zero `target`. */
export function nearest(data: Uint8Array, from: Size, target: Size, content: Rect): Uint8Array {
  const out = new Uint8Array(target.width * target.height);
  for (let y = 0; y < content.height; y++) {
    const row = Math.floor(((y + 0.5) * from.height) / content.height) * from.width;
    for (let x = 0; x < content.width; x++) {
      const column = Math.floor(((x + 0.5) * from.width) / content.width);
      out[(content.top + y) * target.width + content.left + x] = data[row + column]!;
    }
  }
  return out;
}

/** Puts RGB `data` of `content` size into `target`, the rest filled with the mean colour of the picture's border pixels. */
export function pad(data: Uint8Array, content: Rect, target: Size): Uint8Array {
  if (content.width === target.width && content.height === target.height) return data;
  const edge = edgeMean(data, content);
  const out = new Uint8Array(target.width * target.height * 3);
  for (let i = 0; i < out.length; i++) out[i] = edge[i % 3]!;
  for (let y = 0; y < content.height; y++) {
    const row = data.subarray(y * content.width * 3, (y + 1) * content.width * 3);
    out.set(row, ((content.top + y) * target.width + content.left) * 3);
  }
  return out;
}

function edgeMean(data: Uint8Array, { width, height }: Size): number[] {
  const sum = [0, 0, 0];
  let count = 0;
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
    for (let x = 0; x < width; x += step, count++) {
      for (let c = 0; c < 3; c++) sum[c]! += data[(y * width + x) * 3 + c]!;
    }
  }
  return sum.map((s) => Math.round(s / count));
}
