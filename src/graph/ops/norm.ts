import { describe, type Value } from '../graph.ts';
import { add, div, mul, sqrt, sub } from './elementwise.ts';
import { emit } from './emit.ts';
import { reduceMean, reduceSum } from './reduce.ts';

function expectChannels(op: string, x: Value, vectors: readonly Value[]): void {
  const odd = vectors.find((vector) => vector.shape.length !== 1 || vector.shape[0] !== x.shape[1]);
  if (odd) throw new Error(`${op}: ${describe(odd)} must be [${x.shape[1]}], the channels of ${describe(x)}`);
}

/**
 * scale · (x − mean)/√(variance + ε) + bias with x [N, C, H, W], the rest [C]: one pass with known
 * statistics.
 */
function batchNormalization(x: Value, scale: Value, bias: Value, mean: Value, variance: Value, epsilon = 1e-5): Value {
  const vectors = [scale, bias, mean, variance];
  expectChannels('BatchNormalization', x, vectors);
  const attributes = { epsilon: { float: epsilon } };
  return emit('BatchNormalization', [x, ...vectors], attributes, { dtype: x.dtype, shape: x.shape });
}

/**
 * Batch normalisation with the batch's own statistics over N, H, W, which are returned too
 * (variance biased, for running means).
 */
export function batchNormTraining(x: Value, scale: Value, bias: Value, epsilon = 1e-5) {
  const mean = reduceMean(x, [0, 2, 3]);
  const variance = sub(reduceMean(mul(x, x), [0, 2, 3]), mul(mean, mean));
  return { y: batchNormalization(x, scale, bias, mean, variance, epsilon), mean, variance };
}

/**
 * scale · (x − mean)/√(variance + ε) + bias with the statistics of each image and channel over H,
 * W.
 */
export function instanceNormalization(x: Value, scale: Value, bias: Value, epsilon = 1e-5): Value {
  expectChannels('InstanceNormalization', x, [scale, bias]);
  const attributes = { epsilon: { float: epsilon } };
  return emit('InstanceNormalization', [x, scale, bias], attributes, { dtype: x.dtype, shape: x.shape });
}

/** x / √(Σ x² + ε) over `axis`: unit length, and zeros stay zeros. */
export const l2Normalize = (x: Value, axis: number, epsilon = 1e-12): Value =>
  div(x, sqrt(add(reduceSum(mul(x, x), [axis], true), epsilon)));
