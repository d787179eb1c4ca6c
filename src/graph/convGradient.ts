import { intOf, intsOf } from './attributes.ts';
import { isStatic, product } from './dims.ts';
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

/** ∂/∂w of g · Conv(x, w) for w [M, C/group, kh, kw]: per tap of the kernel one matrix product of g with the x it met. */
export function convWeightGradient(x: Value, g: Value, w: Value, window: ConvWindow): Value {
  const { kernel, strides, dilations, pads, group } = window;
  const [out, perGroup] = w.shape as readonly number[];
  const [height, width] = kernel[0] * kernel[1] === 1 && strides[0] * strides[1] === 1 ? [1, 1] : sizeOf(g);
  const padded = pads.some((side) => side > 0) ? ops.pad(x, [0, 0, pads[0], pads[1]], [0, 0, pads[2], pads[3]]) : x;
  const range = (tap: number, length: number, axis: number) => {
    const start = tap * dilations[axis]!;
    return { start, end: start + (length - 1) * strides[axis]! + 1, step: strides[axis]! };
  };
  const met = (row: number, column: number): Value =>
    kernel[0] * kernel[1] === 1 && strides[0] * strides[1] === 1
      ? padded
      : ops.slice(padded, { 2: range(row, height, 0), 3: range(column, width, 1) });
  const pixels = product(g.shape.slice(2));
  const rows = ops.reshape(g, [g.shape[0]!, group, out! / group, pixels]);
  const taps = Array.from({ length: kernel[0] * kernel[1] }, (_, at) => {
    const part = met(Math.floor(at / kernel[1]), at % kernel[1]);
    const columns = ops.transpose(ops.reshape(part, [x.shape[0]!, group, perGroup!, pixels]), [0, 1, 3, 2]);
    return ops.reshape(ops.reduceSum(ops.matMul(rows, columns), [0]), [1, out!, perGroup!]);
  });
  const stacked = ops.concat(taps as [Value, ...Value[]], 0);
  return ops.reshape(ops.transpose(stacked, [1, 2, 0]), [out!, perGroup!, ...kernel]);
}
