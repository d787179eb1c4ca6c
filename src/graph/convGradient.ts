import { intOf, intsOf } from './attributes.ts';
import { isStatic, product, quotient } from './dims.ts';
import { describe, type Node, type Value } from './graph.ts';
import * as ops from './ops.ts';
import { float32 } from './tensor.ts';
import { asPads, asPair, kernelOf, type Pads, type Pair, type Window } from './ops/conv.ts';

/** The window of a Conv or ConvTranspose node. Throws where it pads by rule (`auto_pad`). */
export function windowOf(node: Node, weight: Value): Window & { readonly group: number } {
  if (node.attributes['auto_pad']) throw new Error(`${node.op}: the gradient needs explicit pads, not auto_pad`);
  return {
    kernel: kernelOf(node.op, weight),
    strides: asPair((intsOf(node, 'strides') as Pair | undefined) ?? 1),
    dilations: asPair((intsOf(node, 'dilations') as Pair | undefined) ?? 1),
    pads: asPads((intsOf(node, 'pads') as Pads | undefined) ?? 0),
    group: intOf(node, 'group', 1),
  };
}

type ConvWindow = ReturnType<typeof windowOf>;

/** Height and width as numbers. */
function sizeOf(value: Value): Pair {
  const space = value.shape.slice(2);
  if (!isStatic(space)) throw new Error(`Conv: the gradient needs numbers for height and width of ${describe(value)}`);
  return space as unknown as Pair;
}

/**
 * ∂/∂x of g · Conv(x, w): at stride 1 the convolution of g [N, M, H′, W′] with w flipped and its
 * channels swapped, with pads dilation·(k − 1) − pads; else the transposed convolution.
 */
export function convInputGradient(g: Value, w: Value, x: Value, window: ConvWindow): Value {
  const { kernel, strides, dilations, pads, group } = window;
  const reach = [0, 1].map((axis) => dilations[axis]! * (kernel[axis]! - 1)) as unknown as Pair;
  const full = pads.map((side, at) => reach[at % 2]! - side) as unknown as Pads;
  if (strides[0] === 1 && strides[1] === 1 && full.every((side) => side >= 0))
    return ops.conv(g, swapped(w, window), undefined, { dilation: dilations, pads: full, group });
  const [from, to] = [sizeOf(g), sizeOf(x)];
  const outputPadding = [0, 1].map((axis) => {
    return to[axis]! - ((from[axis]! - 1) * strides[axis]! - pads[axis]! - pads[axis + 2]! + reach[axis]! + 1);
  }) as unknown as Pair;
  return ops.convTranspose(g, w, undefined, { stride: strides, dilation: dilations, pads, group, outputPadding });
}

/** w [M, C/group, kh, kw] → [C, M/group, kh, kw], turned by 180°. */
function swapped(w: Value, { kernel, group }: ConvWindow): Value {
  const turned = turnedAround(w, kernel[0] * kernel[1]);
  if (group === 1) return ops.transpose(turned, [1, 0, 2, 3]);
  const [out, perGroup] = w.shape as readonly number[];
  const grouped = ops.reshape(turned, [group, out! / group, perGroup!, ...kernel]);
  return ops.reshape(ops.transpose(grouped, [0, 2, 1, 3, 4]), [group * perGroup!, out! / group, ...kernel]);
}

/**
 * The taps of each kernel in reverse, by a product with 1s across: several times faster than Slice
 * with negative steps.
 */
function turnedAround(w: Value, taps: number): Value {
  if (taps === 1) return w;
  const across = Float32Array.from(
    { length: taps * taps },
    (_, at) => +(at % taps === taps - 1 - Math.floor(at / taps)),
  );
  return ops.reshapeLike(ops.matMul(ops.reshape(w, [-1, taps]), w.graph.constant(float32(across, [taps, taps]))), w);
}

/**
 * ∂/∂w of g · Conv(x, w) for w [M, C/group, kh, kw]: the products of g with the x that each tap of
 * the kernel met. Which form is fastest (bench/graph/convGradient.ts): few channels by shifting g
 * along its columns and x along its rows; on the processor what is not dilated, of a known batch,
 * as one convolution; else small maps by one product a tap over all images with channels last;
 * large ones, groups and 1×1 by one a tap and image.
 */
export function convWeightGradient(x: Value, g: Value, w: Value, window: ConvWindow): Value {
  const { kernel, group } = window;
  const taps = kernel[0] * kernel[1];
  const [out, perGroup] = w.shape as readonly number[];
  const [height, width] = sizeOf(g);
  if (group > 1 || taps === 1) return tapsByImage(x, g, window);
  if (isDense(window) && out! * perGroup! <= fewChannels) return tapsApart(x, g, window);
  if (x.graph.fastOn === 'cpu' && isStatic(x.shape) && fitsOnRows(g, window)) return tapsOnRows(x, g, window);
  return height * width <= pixelsTogether ? tapsTogether(x, g, window) : tapsByImage(x, g, window);
}

const fewChannels = 64;
const pixelsTogether = 32 * 32;

/** Whether neighbouring outputs and taps lie on neighbouring inputs. */
const isDense = ({ strides, dilations }: ConvWindow): boolean => [...strides, ...dilations].every((step) => step === 1);

/**
 * With j = column + its tap: Σ g[n, m, i, j − kw] · x[n, c, i + kh, j], so that kh + kw copies are
 * enough for kh · kw taps: [kw·M, N·H′·W] · [N·H′·W, kh·C], W the width of x with its padding.
 */
function tapsApart(x: Value, g: Value, { kernel, pads: [top, left, bottom, right] }: ConvWindow): Value {
  const [out, channels] = [g.shape[1]!, x.shape[1]!];
  const byChannel = (value: Value): Value => ops.transpose(value, [1, 0, 2, 3]);
  const padded = padSpace(byChannel(x), [0, 0, top, left], [0, 0, bottom, right]);
  const [rows, columns] = [byChannel(g), kernel[1] - 1];
  const shifted = range(kernel[1]).map((tap) => ops.pad(rows, [0, 0, 0, tap], [0, 0, 0, columns - tap]));
  const met = range(kernel[0]).map((start) => ops.slice(padded, { 2: { start, end: start + sizeOf(g)[0] } }));
  const products = ops.matMul(
    ops.reshape(joined(shifted, 0), [product([kernel[1], out]), -1]),
    ops.transpose(ops.reshape(joined(met, 0), [product([kernel[0], channels]), -1]), [1, 0]),
  );
  return ops.transpose(ops.reshape(products, [kernel[1], out, kernel[0], channels]), [1, 3, 2, 0]);
}

/**
 * Rows (side 0) or columns (side 1) of the padded x from the first that an undilated tap meets to
 * the last.
 */
const spanOf = (side: 0 | 1, g: Value, { kernel, strides }: ConvWindow): number =>
  kernel[side] + (sizeOf(g)[side] - 1) * strides[side];

/** Not dilated, and some tap meets the map, not its pads alone. */
const fitsOnRows = (g: Value, window: ConvWindow): boolean =>
  window.dilations.every((step) => step === 1) &&
  ([0, 1] as const).every((side) => spanOf(side, g, window) > window.pads[side]);

/**
 * As one convolution, by g [M, N, H′, W′], of x with the channels of a pixel side by side on its
 * row: [1, N, H, W·C] → [1, M, kh, kw·C]. Its filter's columns are C apart, and each output's place
 * on a row is a tap and a channel. onnxruntime unfolds x for that piece by piece, in the
 * processor's caches.
 */
function tapsOnRows(x: Value, g: Value, window: ConvWindow): Value {
  const { kernel, strides, pads } = window;
  const [top, left] = pads;
  const [out, channels] = [g.shape[1]!, x.shape[1] as number];
  // Rows or columns that the last tap meets behind x; negative: those of x that no tap meets.
  const behind = (side: 0 | 1): number => spanOf(side, g, window) - pads[side] - sizeOf(x)[side];
  const [below, right] = [behind(0), behind(1)];
  const met = padSpace(ops.transpose(x, [0, 2, 3, 1]), [0, 0, 0, 0], [0, Math.min(0, below), Math.min(0, right), 0]);
  const rows = ops.reshape(met, [1, x.shape[0]!, met.shape[1]!, product([met.shape[2]!, channels])]);
  const products = ops.conv(rows, ops.transpose(g, [1, 0, 2, 3]), undefined, {
    dilation: [strides[0], strides[1] * channels],
    pads: [top, left * channels, Math.max(0, below), Math.max(0, right) * channels],
  });
  return ops.transpose(ops.reshape(products, [out, ...kernel, channels]), [0, 3, 1, 2]);
}

/** Per tap [M, N·H′·W′] · [N·H′·W′, C]. */
function tapsTogether(x: Value, g: Value, window: ConvWindow): Value {
  const { kernel, pads } = window;
  const [out, channels] = [g.shape[1]!, x.shape[1]!];
  const [top, left, bottom, right] = pads;
  const padded = padSpace(ops.transpose(x, [0, 2, 3, 1]), [0, top, left, 0], [0, bottom, right, 0]);
  const rows = ops.reshape(ops.transpose(g, [1, 0, 2, 3]), [out, -1]);
  const products = range(kernel[0] * kernel[1]).map((tap) => {
    const part = ops.slice(padded, { 1: metBy(tap, 0, g, window), 2: metBy(tap, 1, g, window) });
    return ops.matMul(rows, ops.reshape(part, [-1, channels]));
  });
  const stacked = ops.reshape(joined(products, 1), [out, products.length, channels]);
  return ops.reshape(ops.transpose(stacked, [0, 2, 1]), [out, channels, ...kernel]);
}

/**
 * Per tap and image [group, M/group, H′·W′] · [group, H′·W′, C/group], then their sum over images.
 */
function tapsByImage(x: Value, g: Value, window: ConvWindow): Value {
  const { kernel, group } = window;
  const [out, perGroup] = [g.shape[1]!, quotient([x.shape[1]!], [group])!];
  const grouped = (value: Value): Value =>
    ops.reshape(value, [value.shape[0]!, group, quotient([value.shape[1]!], [group])!, product(value.shape.slice(2))]);
  const { rows, met } = isDense(window) ? denseRows(x, g, window, grouped) : stridedRows(x, g, window, grouped);
  const products = met.map((part) => ops.matMul(rows, ops.transpose(part, [0, 1, 3, 2])));
  const stacked = ops.reshape(ops.reduceSum(joined(products, 1), [0]), [products.length, out, perGroup]);
  return ops.reshape(ops.transpose(stacked, [1, 2, 0]), [out, perGroup, ...kernel]);
}

interface Rows {
  /** g, and what each tap meets of x, as [N, group, channels, pixels]. */
  readonly rows: Value;
  readonly met: readonly Value[];
}

/**
 * Rows of g made as wide as x with its padding: what a tap meets is then one run of each channel.
 */
function denseRows(x: Value, g: Value, { kernel, pads }: ConvWindow, grouped: (value: Value) => Value): Rows {
  if (kernel[0] * kernel[1] === 1 && pads.every((side) => side === 0)) return { rows: grouped(g), met: [grouped(x)] };
  const [top, left, bottom, right] = pads;
  const wider = kernel[1] - 1;
  // The last tap's run ends in a row below.
  const flat = grouped(padSpace(x, [0, 0, top, left], [0, 0, bottom + (wider > 0 ? 1 : 0), right]));
  const width = sizeOf(g)[1] + wider;
  const length = sizeOf(g)[0] * width;
  const met = range(kernel[0] * kernel[1]).map((tap) => {
    const start = Math.floor(tap / kernel[1]) * width + (tap % kernel[1]);
    return ops.slice(flat, { 3: { start, end: start + length } });
  });
  return { rows: grouped(padSpace(g, [0, 0, 0, 0], [0, 0, 0, wider])), met };
}

function stridedRows(x: Value, g: Value, window: ConvWindow, grouped: (value: Value) => Value): Rows {
  const { kernel, pads } = window;
  const [top, left, bottom, right] = pads;
  const padded = padSpace(x, [0, 0, top, left], [0, 0, bottom, right]);
  const met = range(kernel[0] * kernel[1]).map((tap) =>
    grouped(ops.slice(padded, { 2: metBy(tap, 0, g, window), 3: metBy(tap, 1, g, window) })),
  );
  return { rows: grouped(g), met };
}

/** Which rows (side 0) or columns (side 1) of the padded x a tap meets. */
function metBy(tap: number, side: 0 | 1, g: Value, { kernel, strides, dilations }: ConvWindow) {
  const start = dilations[side] * (side === 0 ? Math.floor(tap / kernel[1]) : tap % kernel[1]);
  return { start, end: start + (sizeOf(g)[side] - 1) * strides[side] + 1, step: strides[side] };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

const joined = (parts: readonly Value[], axis: number): Value =>
  parts.length === 1 ? parts[0]! : ops.concat(parts as readonly [Value, ...Value[]], axis);

const padSpace = (x: Value, before: readonly number[], after: readonly number[]): Value =>
  [...before, ...after].some((side) => side !== 0) ? ops.pad(x, before, after) : x;
