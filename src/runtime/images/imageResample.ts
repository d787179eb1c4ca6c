import { Graph } from '../../graph/graph.ts';
import { encodeModel } from '../../graph/model.ts';
import * as ops from '../../graph/ops.ts';
import { int64 } from '../../graph/tensor.ts';
import type { Rect, Size, Target } from '../../services/ports/disk.ts';
import type { Session } from '../../services/ports/sessionPort.ts';
import { openOnProcessor } from '../onnx/ownSession.ts';

/**
 * Where a picture of `original` size lies in `target`: all of it, or centred with its aspect kept.
 */
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

const layouts = { 1: [1, 1, 'H', 'W'], 3: [1, 'H', 'W', 3] } as const;

/**
 * `pixels` uint8, as `layouts` has them, and `size` int64 [2] → `resampled` uint8. Grey with its
 * channel first, which onnxruntime is faster at.
 */
function resampler(channels: 1 | 3): Uint8Array {
  const graph = new Graph('nferd resample');
  const shape = layouts[channels];
  const pixels = ops.cast(graph.input('pixels', 'uint8', shape), 'float32');
  const size = graph.input('size', 'int64', [2]);
  const resampled = ops.resample(pixels, [shape.indexOf('H'), shape.indexOf('W')], size);
  // The cast cuts fractions off.
  graph.output('resampled', ops.cast(ops.add(resampled, 0.5), 'uint8'));
  return encodeModel(graph);
}

const sessions = new Map<1 | 3, Promise<Session>>();

/** One that could not be opened is tried again by the next image. */
async function sessionFor(channels: 1 | 3): Promise<Session> {
  const options = { executionProvider: 'cpu', threads: 1, anySize: true };
  const opening = sessions.get(channels) ?? openOnProcessor(resampler(channels), options);
  sessions.set(channels, opening);
  try {
    return await opening;
  } catch (error) {
    sessions.delete(channels);
    throw error;
  }
}

/**
 * Antialiased bilinear resampling: a triangle filter as wide as the pixels of the smaller image,
 * each dimension on its own, pixel centres aligned, cut at the border (source x = (x + ½)·w/W − ½),
 * as Pillow and torchvision do it. Enlarging is plain bilinear interpolation.
 */
export async function resample({ width, height, channels, data }: Pixels, to: Size): Promise<Pixels> {
  if (width === to.width && height === to.height) return { width, height, channels, data };
  const session = await sessionFor(channels);
  const known = { H: height, W: width };
  const dims = layouts[channels].map((dim) => (typeof dim === 'string' ? known[dim] : dim));
  const size = int64([to.height, to.width]);
  const { resampled } = await session.run({ pixels: { dtype: 'uint8', dims, data }, size });
  return { ...to, channels, data: resampled!.data as Uint8Array };
}

/**
 * Nearest neighbour of one-channel pixels, pixel centres aligned, written into `content` of an
 * otherwise zero `target`.
 */
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

/**
 * Puts RGB `data` of `content` size into `target`, the rest filled with the mean colour of the
 * picture's border pixels.
 */
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
