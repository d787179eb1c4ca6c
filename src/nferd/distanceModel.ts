import { Graph } from '../graph/graph.ts';
import { encodeModel } from '../graph/model.ts';
import * as ops from '../graph/ops.ts';

/** A model `rows` [R, channels], `centres` [K, channels] → `distances` [R, K], squared Euclidean: the coreset's matrix product. */
export function distanceModel(channels: number): Uint8Array {
  const graph = new Graph('nferd distances');
  const rows = graph.input('rows', 'float32', ['R', channels]);
  const centres = graph.input('centres', 'float32', ['K', channels]);
  const products = ops.matMul(rows, ops.transpose(centres, [1, 0]));
  const square = (x: typeof rows): typeof rows => ops.reduceSum(ops.mul(x, x), [1], true);
  const sums = ops.add(square(rows), ops.transpose(square(centres), [1, 0]));
  graph.output('distances', ops.maximum(ops.sub(sums, ops.mul(products, 2)), 0));
  return encodeModel(graph);
}
