import { normalAxis, type Shape } from '../dims.ts';
import { type Value } from '../graph.ts';
import { emit, ints } from './emit.ts';

/** `shape` reduced over `axes`: kept as 1, or gone. */
function reducedShape(op: string, shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const at = axes.map((axis) => normalAxis(op, axis, shape));
  return keepDims ? shape.map((dim, axis) => (at.includes(axis) ? 1 : dim)) : shape.filter((_, i) => !at.includes(i));
}

const reduce =
  (op: string) =>
  (x: Value, axes: readonly number[] = x.shape.map((_, axis) => axis), keepDims = false): Value => {
    const at = axes.map((axis) => normalAxis(op, axis, x.shape));
    const shape = reducedShape(op, x.shape, at, keepDims);
    return emit(op, [x, ints(x.graph, at)], { keepdims: +keepDims }, { dtype: x.dtype, shape });
  };

/** Reductions over `axes` (all where left out); `keepDims` leaves dimensions of 1. */
export const reduceSum = reduce('ReduceSum');
export const reduceMean = reduce('ReduceMean');
export const reduceMax = reduce('ReduceMax');
export const reduceMin = reduce('ReduceMin');
/** Σ x² */
export const reduceSumSquare = reduce('ReduceSumSquare');

/** exp(x) / Σ exp(x) along `axis`. */
export const softmax = (x: Value, axis = -1): Value =>
  emit('Softmax', [x], { axis: normalAxis('Softmax', axis, x.shape) }, { dtype: x.dtype, shape: x.shape });

/** Index of the largest (the first of equals) along `axis`, int64. */
export function argMax(x: Value, axis: number, keepDims = false): Value {
  const shape = reducedShape('ArgMax', x.shape, [axis], keepDims);
  return emit(
    'ArgMax',
    [x],
    { axis: normalAxis('ArgMax', axis, x.shape), keepdims: +keepDims },
    { dtype: 'int64', shape },
  );
}
