import { floatOf, intOf, intsOf, textOf } from '../attributes.ts';
import { convInputGradient, convWeightGradient, windowOf } from '../convGradient.ts';
import { isStatic } from '../dims.ts';
import { describe, type Value } from '../graph.ts';
import * as ops from '../ops.ts';
import { asPads, asPair, type Pads, type Pair } from '../ops/conv.ts';
import { sizeOf } from '../tensor.ts';
import { resampling } from '../resampling.ts';
import { unbroadcast, type Rule } from './rule.ts';

/** x with its last two axes swapped. */
function swap(x: Value): Value {
  const axes = x.shape.map((_, axis) => axis);
  return ops.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** x [..., K] → [all, K] */
const rows = (x: Value): Value => ops.reshape(x, [-1, x.shape.at(-1)!]);

function staticSize(op: string, value: Value): readonly [number, number] {
  const space = value.shape.slice(2);
  if (!isStatic(space)) throw new Error(`${op}: the gradient needs numbers for height and width of ${describe(value)}`);
  return [space[0]!, space[1]!];
}

/** Cotangents of operators that are linear in each input. */
export const linearRules = {
  // y = a·b: g·bᵀ, aᵀ·g
  MatMul: ({ x: [a, b], g }) => [
    () => unbroadcast(ops.matMul(g, swap(b!)), a!),
    () =>
      b!.shape.length === 2
        ? ops.gemm(rows(a!), rows(g), undefined, { transA: true })
        : unbroadcast(ops.matMul(swap(a!), g), b!),
  ],
  // y = α·a′·b′ + β·c: α·g·b′ᵀ, α·a′ᵀ·g (transposed where a or b was), β·g
  Gemm: ({ node, x: [a, b, c], g }) => {
    const [transA, transB] = [intOf(node, 'transA', 0) === 1, intOf(node, 'transB', 0) === 1];
    const alpha = floatOf(node, 'alpha', 1);
    const beta = floatOf(node, 'beta', 1);
    const gradient = (p: Value, q: Value, transP: boolean, transQ: boolean): Value =>
      ops.gemm(p, q, undefined, { alpha, transA: transP, transB: transQ });
    return [
      () => (transA ? gradient(b!, g, transB, true) : gradient(g, b!, false, !transB)),
      () => (transB ? gradient(g, a!, true, transA) : gradient(a!, g, !transA, false)),
      () => unbroadcast(beta === 1 ? g : ops.mul(g, beta), c!),
    ];
  },
  // y = x ⋆ w + b: see convGradient.ts; Σ g over all but channels
  Conv: ({ node, x: [x, w], g }) => [
    () => convInputGradient(g, w!, x!, windowOf(node, w!)),
    () => convWeightGradient(x!, g, w!, windowOf(node, w!)),
    () => ops.reduceSum(g, [0, 2, 3]),
  ],
  // The transpose of Conv: g ⋆ w; Conv's weight gradient with x and g in each other's place
  ConvTranspose: ({ node, x: [x, w], g }) => {
    const { strides: stride, dilations: dilation, ...rest } = windowOf(node, w!);
    return [
      () => ops.conv(g, w!, undefined, { stride, dilation, ...rest }),
      () => convWeightGradient(g, x!, w!, windowOf(node, w!)),
      () => ops.reduceSum(g, [0, 2, 3]),
    ];
  },
  // y = max of each window: g added up where the maxima were
  MaxPool: ({ node, x: [x], y, g }) => [
    () => {
      const int64 = { dtype: 'int64', shape: y.shape } as const;
      const indices = x!.graph.node(
        'MaxPool',
        [x],
        node.attributes,
        [y, int64].map(({ dtype, shape }) => ({ dtype, shape })),
      )[1]!;
      const flat = (value: Value): Value => ops.reshape(value, [-1]);
      return ops.reshapeLike(ops.scatterElements(flat(ops.zerosLike(x!)), flat(indices), flat(g), 0, 'add'), x!);
    },
  ],
  // y = Σ of each window / count: the transposed convolution of g/count with ones, channels apart
  AveragePool: ({ node, x: [x], y, g }) => [
    () => {
      if (intOf(node, 'ceil_mode', 0) === 1) throw new Error('AveragePool: ceil_mode has no gradient here');
      const kernel = intsOf(node, 'kernel_shape') as Pair;
      const stride = asPair((intsOf(node, 'strides') as Pair | undefined) ?? 1);
      const pads = asPads((intsOf(node, 'pads') as Pads | undefined) ?? 0);
      const [from, to] = [staticSize('AveragePool', y), staticSize('AveragePool', x!)];
      const shares = [0, 1].map((axis) =>
        Array.from({ length: from[axis]! }, (_, at) => {
          const start = at * stride[axis]! - pads[axis]!;
          const inside = Math.min(start + kernel[axis]!, to[axis]!) - Math.max(start, 0);
          return 1 / (intOf(node, 'count_include_pad', 0) === 1 ? kernel[axis]! : inside);
        }),
      );
      const { graph } = g;
      const share = graph.constant({
        dtype: 'float32',
        dims: [1, 1, ...from],
        data: Float32Array.from(shares[0]!.flatMap((row) => shares[1]!.map((column) => row * column))),
      });
      const ones = graph.constant({
        dtype: 'float32',
        dims: [1, 1, ...kernel],
        data: new Float32Array(sizeOf(kernel)).fill(1),
      });
      const outputPadding = [0, 1].map((axis) => {
        return to[axis]! - ((from[axis]! - 1) * stride[axis]! + kernel[axis]! - pads[axis]! - pads[axis + 2]!);
      }) as unknown as Pair;
      const apart = ops.reshape(ops.mul(g, share), [-1, 1, ...from]);
      return ops.reshapeLike(ops.convTranspose(apart, ones, undefined, { stride, pads, outputPadding }), x!);
    },
  ],
  // y = A·x·Bᵀ with A [H′, H], B [W′, W] the resampling of rows and columns: Aᵀ·g·B
  Resize: ({ node, x: [x], y, g }) => [
    () => {
      const mode = textOf(node, 'mode', 'nearest');
      const [from, to] = [staticSize('Resize', x!), staticSize('Resize', y)];
      const place = textOf(node, 'coordinate_transformation_mode', 'half_pixel');
      // As ops.resize doubles a map.
      const repeats = place === 'asymmetric' && mode === 'nearest' && textOf(node, 'nearest_mode', '') === 'floor';
      const doubles = repeats && from.every((size, axis) => 2 * size === to[axis]);
      if (!(place === 'half_pixel' || doubles) || mode === 'cubic')
        throw new Error(`Resize: only half_pixel nearest and linear have a gradient, and nearest to twice the size`);
      const matrix = (axis: 0 | 1): Value => g.graph.constant(resampling(from[axis], to[axis], mode as ops.ResizeMode));
      return ops.matMul(ops.transpose(matrix(0), [1, 0]), ops.matMul(g, matrix(1)));
    },
  ],
} satisfies Record<string, Rule>;
