import { intOf, intsOf } from './attributes.ts';
import { isStatic, product, quotient } from './dims.ts';
import { describe, type Node, type Value } from './graph.ts';
import * as ops from './ops.ts';
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
 * ∂/∂x of g · Conv(x, w): at stride 1 the convolution of g [N, M, H′, W′] with w flipped and its channels swapped,
 * with pads dilation·(k − 1) − pads; else the transposed convolution.
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
  const turned = kernel[0] * kernel[1] === 1 ? w : ops.slice(w, { 2: { step: -1 }, 3: { step: -1 } });
  if (group === 1) return ops.transpose(turned, [1, 0, 2, 3]);
  const [out, perGroup] = w.shape as readonly number[];
  const grouped = ops.reshape(turned, [group, out! / group, perGroup!, ...kernel]);
  return ops.reshape(ops.transpose(grouped, [0, 2, 1, 3, 4]), [group * perGroup!, out! / group, ...kernel]);
}

/**
 * ∂/∂w of g · Conv(x, w) for w [M, C/group, kh, kw]: per tap of the kernel one matrix product of g with the x it met.
 * Small maps run faster as one product over all images with channels last, large ones image by image
 * (bench/graph/convGradient.ts); groups take the second form.
 */
export function convWeightGradient(x: Value, g: Value, w: Value, window: ConvWindow): Value {
  const { kernel, group } = window;
  const [out, perGroup] = w.shape as readonly number[];
  const together = group === 1 && kernel[0] * kernel[1] > 1 && sizeOf(g)[0] * sizeOf(g)[1] <= pixelsTogether;
  const taps = (together ? tapsTogether : tapsByImage)(x, g, window);
  const flat = taps.map((tap) => ops.reshape(tap, [1, out!, perGroup!]));
  const stacked = ops.concat(flat as [Value, ...Value[]], 0);
  return ops.reshape(ops.transpose(stacked, [1, 2, 0]), [out!, perGroup!, ...kernel]);
}

const pixelsTogether = 32 * 32;

/** What each tap meets of `padded`, whose height is at `axis` and width at `axis + 1`. */
function met(padded: Value, axis: number, g: Value, { kernel, strides, dilations }: ConvWindow): Value[] {
  if (kernel[0] * kernel[1] === 1 && strides[0] * strides[1] === 1) return [padded];
  const size = sizeOf(g);
  const range = (tap: number, side: 0 | 1) => {
    const start = tap * dilations[side];
    return { start, end: start + (size[side] - 1) * strides[side] + 1, step: strides[side] };
  };
  return Array.from({ length: kernel[0] * kernel[1] }, (_, at) =>
    ops.slice(padded, { [axis]: range(Math.floor(at / kernel[1]), 0), [axis + 1]: range(at % kernel[1], 1) }),
  );
}

/** Per tap [M, N·H′·W′] · [N·H′·W′, C]. */
function tapsTogether(x: Value, g: Value, window: ConvWindow): Value[] {
  const [top, left, bottom, right] = window.pads;
  const padded = padSpace(ops.transpose(x, [0, 2, 3, 1]), [0, top, left, 0], [0, bottom, right, 0]);
  const rows = ops.reshape(ops.transpose(g, [1, 0, 2, 3]), [g.shape[1]!, -1]);
  return met(padded, 1, g, window).map((part) => ops.matMul(rows, ops.reshape(part, [-1, x.shape[1]!])));
}

/** Per tap Σ over images of [group, M/group, H′·W′] · [group, H′·W′, C/group]. */
function tapsByImage(x: Value, g: Value, window: ConvWindow): Value[] {
  const [top, left, bottom, right] = window.pads;
  const padded = padSpace(x, [0, 0, top, left], [0, 0, bottom, right]);
  const pixels = product(g.shape.slice(2));
  const grouped = (value: Value): Value => {
    const channels = quotient([value.shape[1]!], [window.group])!;
    return ops.reshape(value, [value.shape[0]!, window.group, channels, pixels]);
  };
  const rows = grouped(g);
  return met(padded, 2, g, window).map((part) =>
    ops.reduceSum(ops.matMul(rows, ops.transpose(grouped(part), [0, 1, 3, 2])), [0]),
  );
}

const padSpace = (x: Value, before: readonly number[], after: readonly number[]): Value =>
  [...before, ...after].some((side) => side > 0) ? ops.pad(x, before, after) : x;
