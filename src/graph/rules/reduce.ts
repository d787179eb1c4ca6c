import { intOf, numbersOf } from '../attributes.ts';
import { isStatic, quotient } from '../dims.ts';
import type { Value } from '../graph.ts';
import * as ops from '../ops.ts';
import { keptShape, type Backward, type Rule } from './rule.ts';

/** A value of the reduced shape, with the reduced dimensions back as 1. */
function kept({ node, x: [x] }: Backward, value: Value): Value {
  const axes = numbersOf(node, 1) ?? x!.shape.map((_, axis) => axis);
  const shape = keptShape(x!.shape, axes);
  if (shape.length === value.shape.length) return value;
  const signed = axes.map((axis) => (axis < 0 ? axis + shape.length : axis));
  return value.shape.length === 0 && isStatic(shape) ? ops.reshape(value, shape) : ops.unsqueeze(value, signed);
}

/** g divided by how many elements made one of y. */
function shared({ x: [x], y, g }: Backward): Value {
  const count = quotient(x!.shape, y.shape);
  if (typeof count === 'number') return ops.mul(g, 1 / count);
  return ops.div(g, ops.div(ops.cast(ops.sizeOf(x!), g.dtype), ops.cast(ops.sizeOf(y), g.dtype)));
}

/** y = max x (or min): g shared by the equals of the extremum, as PyTorch's amax. */
const extremum: Rule = (backward) => [
  () => {
    const { x, y, g } = backward;
    const mask = ops.cast(ops.equal(x[0]!, kept(backward, y)), g.dtype);
    const ties = ops.reduceSum(mask, numbersOf(backward.node, 1), true);
    return ops.mul(mask, ops.div(kept(backward, g), ties));
  },
];

/** Cotangents of reductions. */
export const reduceRules = {
  // y = Σ x: g everywhere
  ReduceSum: (backward) => [() => ops.expandLike(kept(backward, backward.g), backward.x[0]!)],
  // y = Σ x / n: g/n everywhere
  ReduceMean: (backward) => [() => ops.expandLike(kept(backward, shared(backward)), backward.x[0]!)],
  ReduceMax: extremum,
  ReduceMin: extremum,
  // y = Σ x²: 2·x·g
  ReduceSumSquare: (backward) => [() => ops.mul(backward.x[0]!, kept(backward, ops.mul(backward.g, 2)))],
  GlobalAveragePool: (backward) => [() => ops.expandLike(shared(backward), backward.x[0]!)],
  // yᵢ = e^xᵢ / Σ e^xⱼ: y·(g − Σ g·y)
  Softmax: ({ node, y, g }) => [
    () => ops.mul(y, ops.sub(g, ops.reduceSum(ops.mul(g, y), [intOf(node, 'axis', -1)], true))),
  ],
} satisfies Record<string, Rule>;
