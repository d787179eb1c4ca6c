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

/**
 * Bilinear enlargement of an interleaved RGB image, pixel centres aligned (source x = (x + ½)·w/W − ½, edges repeated), as
 * Pillow and torchvision do it. libvips enlarges by corners, which moves the picture by half a source pixel.
 */
export function enlarge(data: Uint8Array, from: Size, to: Size): Uint8Array {
  if (from.width === to.width && from.height === to.height) return data;
  const columns = taps(from.width, to.width);
  const rows = taps(from.height, to.height);
  const out = new Uint8Array(to.width * to.height * 3);
  for (let y = 0, i = 0; y < to.height; y++) {
    const [top, bottom, v] = [rows.low[y]! * from.width, rows.high[y]! * from.width, rows.weight[y]!];
    for (let x = 0; x < to.width; x++) {
      const [left, right, u] = [columns.low[x]!, columns.high[x]!, columns.weight[x]!];
      for (let c = 0; c < 3; c++, i++) {
        const above = data[(top + left) * 3 + c]! * (1 - u) + data[(top + right) * 3 + c]! * u;
        const below = data[(bottom + left) * 3 + c]! * (1 - u) + data[(bottom + right) * 3 + c]! * u;
        out[i] = above * (1 - v) + below * v + 0.5;
      }
    }
  }
  return out;
}

function taps(from: number, to: number): { low: Int32Array; high: Int32Array; weight: Float64Array } {
  const [low, high, weight] = [new Int32Array(to), new Int32Array(to), new Float64Array(to)];
  for (let i = 0; i < to; i++) {
    const at = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    low[i] = Math.floor(at);
    high[i] = Math.min(low[i]! + 1, from - 1);
    weight[i] = at - low[i]!;
  }
  return { low, high, weight };
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
