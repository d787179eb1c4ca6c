import { derived, type Dim, type Shape } from '../dims.ts';
import { describe, type Value } from '../graph.ts';
import { float32 } from '../tensor.ts';
import { emit, expectRank, ints } from './emit.ts';
import { matMul } from './linear.ts';
import { reshape, transpose } from './shape.ts';

export type Pair = readonly [number, number];
/** Padding as ONNX has it: top, left, bottom, right. */
export type Pads = readonly [number, number, number, number];

export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
}

export interface ConvOptions {
  readonly stride?: number | Pair;
  /** One number for all sides, or top, left, bottom, right. */
  readonly pads?: number | Pads;
  readonly dilation?: number | Pair;
  readonly group?: number;
}

export const asPair = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);
export const asPads = (value: number | Pads): Pads =>
  typeof value === 'number' ? [value, value, value, value] : value;

/**
 * Output size of a sliding window: ⌊(size + pads − dilation·(kernel − 1) − 1) / stride⌋ + 1, for
 * height and width.
 */
export function windowShape(op: string, [height, width]: Shape, { kernel, strides, dilations, pads }: Window): Shape {
  return [height!, width!].map((dim: Dim, axis) => {
    const more = pads[axis]! + pads[axis + 2]! - dilations[axis]! * (kernel[axis]! - 1) - 1;
    const stride = strides[axis]!;
    if (stride === 1 && more === -1) return dim;
    const size = derived(
      [dim],
      (length) => Math.floor((length + more) / stride) + 1,
      `(floor((${dim}+${more})/${stride})+1)`,
    );
    if (typeof size === 'number' && size < 1) throw new Error(`${op}: a window of ${kernel.join('×')} exceeds the map`);
    return size;
  });
}

/** The kernel of a [out, in, kh, kw] weight; throws where it isn't numbers. */
export function kernelOf(op: string, weight: Value): Pair {
  expectRank(op, weight, 4);
  const [, , height, width] = weight.shape;
  if (typeof height !== 'number' || typeof width !== 'number')
    throw new Error(`${op}: the kernel of ${describe(weight)} must be numbers`);
  return [height, width];
}

const windowAttributes = ({ kernel, strides, dilations, pads }: Window) => ({
  kernel_shape: kernel,
  strides,
  dilations,
  pads,
});

/** x [N, C, H, W] ⋆ weight [M, C/group, kh, kw] (+ bias [M]) → [N, M, H′, W′]. */
export function conv(x: Value, weight: Value, bias?: Value, options: ConvOptions = {}): Value {
  const { group = 1 } = options;
  expectRank('Conv', x, 4);
  const window: Window = {
    kernel: kernelOf('Conv', weight),
    strides: asPair(options.stride ?? 1),
    dilations: asPair(options.dilation ?? 1),
    pads: asPads(options.pads ?? 0),
  };
  const [n, channels] = x.shape;
  const [out, perGroup] = weight.shape;
  if (typeof perGroup !== 'number' || channels !== perGroup * group || Number(out) % group !== 0)
    throw new Error(
      `Conv: ${describe(x)} has ${channels} channels, ${describe(weight)} in ${group} group(s) does not fit`,
    );
  if (bias && bias.shape.join() !== `${out}`) throw new Error(`Conv: bias ${describe(bias)} must be [${out}]`);
  const shape = [n!, out!, ...windowShape('Conv', x.shape.slice(2), window)];
  return emit('Conv', [x, weight, bias], { ...windowAttributes(window), group }, { dtype: x.dtype, shape });
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Rows and columns added at the bottom and right. */
  readonly outputPadding?: number | Pair;
}

/**
 * The transpose of conv: x [N, C, H, W], weight [C, M/group, kh, kw] → [N, M, (H − 1)·stride − pads
 * + dilation·(kh − 1) + 1 + outputPadding, …].
 */
export function convTranspose(x: Value, weight: Value, bias?: Value, options: ConvTransposeOptions = {}): Value {
  const { group = 1 } = options;
  expectRank('ConvTranspose', x, 4);
  const kernel = kernelOf('ConvTranspose', weight);
  const [strides, dilations] = [asPair(options.stride ?? 1), asPair(options.dilation ?? 1)];
  const [pads, outputPadding] = [asPads(options.pads ?? 0), asPair(options.outputPadding ?? 0)];
  const [n, channels, ...space] = x.shape;
  const [inputs, perGroup] = weight.shape;
  if (channels !== inputs || typeof perGroup !== 'number')
    throw new Error(`ConvTranspose: ${describe(x)} has ${channels} channels, ${describe(weight)} does not fit`);
  if (bias && bias.shape.join() !== `${perGroup * group}`)
    throw new Error(`ConvTranspose: bias ${describe(bias)} must be [${perGroup * group}]`);
  const sizes = space.map((dim, axis) => {
    const more =
      dilations[axis]! * (kernel[axis]! - 1) +
      1 -
      pads[axis]! -
      pads[axis + 2]! +
      outputPadding[axis]! -
      strides[axis]!;
    return derived([dim], (length) => length * strides[axis]! + more, `(${dim}*${strides[axis]!}+${more})`);
  });
  const attributes = { kernel_shape: kernel, strides, dilations, pads, output_padding: outputPadding, group };
  return emit('ConvTranspose', [x, weight, bias], attributes, {
    dtype: x.dtype,
    shape: [n!, perGroup * group, ...sizes],
  });
}

/**
 * [weight of 3][tap of 4]: whether the weight is part of the tap. An output between two pixels of
 * the line meets one by a single weight, the other, repeated, by two.
 */
const tapsOfRepeated = [
  [0, 0, 1, 1],
  [0, 1, 1, 0],
  [1, 1, 0, 0],
] as const;

/**
 * x [N, C, H, W] with each pixel repeated in a square of 2 × 2, and its convolution by weight [M,
 * C, 3, 3] with pads of 1: both [N, ·, 2H, 2W]. On the processor the convolution is a transposed
 * one of x itself with sums of the weights: 4/9 of the products.
 */
export function repeatAndConv(x: Value, weight: Value, bias?: Value): { readonly repeated: Value; readonly y: Value } {
  const [height, width] = x.shape.slice(2);
  const [out, channels, ...kernel] = weight.shape;
  if (typeof height !== 'number' || typeof width !== 'number' || kernel.join() !== '3,3')
    throw new Error(
      `repeatAndConv: ${describe(x)} must have numbers for height and width, ${describe(weight)} 3×3 weights`,
    );
  const repeated = resize(x, [2 * height, 2 * width], 'nearest');
  if (x.graph.fastOn !== 'cpu') return { repeated, y: conv(repeated, weight, bias, { pads: 1 }) };
  const sums = Float32Array.from({ length: 9 * 16 }, (_, at) => {
    const [tap, place] = [Math.floor(at / 16), at % 16];
    return tapsOfRepeated[Math.floor(tap / 3)]![place >> 2]! * tapsOfRepeated[tap % 3]![place & 3]!;
  });
  const summed = matMul(reshape(weight, [out!, channels!, 9]), x.graph.constant(float32(sums, [9, 16])));
  const transposed = reshape(transpose(summed, [1, 0, 2]), [channels!, out!, 4, 4]);
  return { repeated, y: convTranspose(x, transposed, bias, { stride: 2, pads: 1 }) };
}

export interface PoolOptions {
  readonly stride?: number | Pair;
  readonly pads?: number | Pads;
}

function poolWindow(kernel: number | Pair, options: PoolOptions): Window {
  const pair = asPair(kernel);
  return { kernel: pair, strides: asPair(options.stride ?? pair), dilations: [1, 1], pads: asPads(options.pads ?? 0) };
}

/** Largest of each window of x [N, C, H, W]; the stride is the kernel where left out. */
export function maxPool(x: Value, kernel: number | Pair, options: PoolOptions = {}): Value {
  expectRank('MaxPool', x, 4);
  const window = poolWindow(kernel, options);
  const shape = [...x.shape.slice(0, 2), ...windowShape('MaxPool', x.shape.slice(2), window)];
  return emit('MaxPool', [x], windowAttributes(window), { dtype: x.dtype, shape });
}

/**
 * Mean of each window of x [N, C, H, W]; padding counts as zeros where `countPads`. The stride is
 * the kernel where left out.
 */
export function averagePool(
  x: Value,
  kernel: number | Pair,
  options: PoolOptions & { countPads?: boolean } = {},
): Value {
  expectRank('AveragePool', x, 4);
  const window = poolWindow(kernel, options);
  const shape = [...x.shape.slice(0, 2), ...windowShape('AveragePool', x.shape.slice(2), window)];
  const attributes = { ...windowAttributes(window), count_include_pad: +(options.countPads ?? false) };
  return emit('AveragePool', [x], attributes, { dtype: x.dtype, shape });
}

/** Mean over H and W: [N, C, H, W] → [N, C, 1, 1]. */
export function globalAveragePool(x: Value): Value {
  expectRank('GlobalAveragePool', x, 4);
  return emit('GlobalAveragePool', [x], {}, { dtype: x.dtype, shape: [...x.shape.slice(0, 2), 1, 1] });
}

export type ResizeMode = 'nearest' | 'linear';

/**
 * x [N, C, H, W] resampled to `size` [H′, W′]; pixel centres aligned (`half_pixel`), no
 * antialiasing, as PyTorch's align_corners=False.
 */
export function resize(x: Value, size: Pair, mode: ResizeMode = 'linear'): Value {
  expectRank('Resize', x, 4);
  const { graph } = x;
  const [n, c, ...space] = x.shape;
  // The same pixels wherever it runs; onnxruntime has a kernel of its own for it on the processor.
  const doubles = mode === 'nearest' && space.every((dim, axis) => 2 * Number(dim) === size[axis]);
  const nearest = doubles ? repeating : { ...halfPixel, nearest_mode: 'round_prefer_floor' };
  const attributes = { ...nearest, axes: [2, 3], mode };
  const sizes = ints(graph, size);
  return emit('Resize', [x, undefined, undefined, sizes], attributes, { dtype: x.dtype, shape: [n!, c!, ...size] });
}

/**
 * x resampled linearly along two `axes` to `sizes`, int64 [2], of lengths unknown before it runs:
 * pixel centres aligned, a triangle filter as wide as the pixels of the smaller picture, cut at the
 * border, as Pillow's and torchvision's antialiased bilinear.
 */
export function resample(x: Value, axes: Pair, sizes: Value): Value {
  const attributes = { ...halfPixel, axes, mode: 'linear', antialias: 1, exclude_outside: 1 };
  const shape = x.shape.map((dim, axis) => (axes.includes(axis) ? `resampled${axis}` : dim));
  return emit('Resize', [x, undefined, undefined, sizes], attributes, { dtype: x.dtype, shape });
}

const halfPixel = { coordinate_transformation_mode: 'half_pixel' };
const repeating = { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
