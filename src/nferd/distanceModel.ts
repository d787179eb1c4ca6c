import { Graph } from '../graph/graph.ts';
import { encodeModel } from '../graph/model.ts';
import * as ops from '../graph/ops.ts';

/**
 * A model `rows` [R, channels], `centres` [K, channels] → `nearest` [R], each row's squared
 * Euclidean distance to the nearest centre: the coreset's matrix product. ‖r‖² + ‖c‖² − r·2c: to
 * double the centres is exact and saves a pass over all pairs, as does 0 as a floor after the
 * minimum.
 */
export function distanceModel(channels: number): Uint8Array {
  const graph = new Graph('nferd distances');
  const rows = graph.input('rows', 'float32', ['R', channels]);
  const centres = graph.input('centres', 'float32', ['K', channels]);
  const products = ops.matMul(rows, ops.transpose(ops.mul(centres, 2), [1, 0]));
  const square = (x: typeof rows): typeof rows => ops.reduceSum(ops.mul(x, x), [1], true);
  const sums = ops.add(square(rows), ops.transpose(square(centres), [1, 0]));
  graph.output('nearest', ops.maximum(ops.reduceMin(ops.sub(sums, products), [1]), 0));
  return encodeModel(graph);
}
