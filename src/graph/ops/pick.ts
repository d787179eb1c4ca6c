import { normalAxis } from '../dims.ts';
import { describe, type Value } from '../graph.ts';
import { emit, ints } from './emit.ts';

/** Slices of x at `indices` along `axis`: shape x[:axis] + indices + x[axis+1:]. */
export function gather(x: Value, indices: Value, axis = 0): Value {
  const at = normalAxis('Gather', axis, x.shape);
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
  return emit('Gather', [x, indices], { axis: at }, { dtype: x.dtype, shape });
}

/** out[i][j] = x[i][indices[i][j]] for axis 1, and so on; the shape of `indices`. */
export function gatherElements(x: Value, indices: Value, axis: number): Value {
  if (x.shape.length !== indices.shape.length)
    throw new Error(`GatherElements: ${describe(x)} and ${describe(indices)} differ in rank`);
  const at = normalAxis('GatherElements', axis, x.shape);
  return emit('GatherElements', [x, indices], { axis: at }, { dtype: x.dtype, shape: indices.shape });
}

/** x with `updates` written (or added) at `indices` along `axis`; the inverse of gatherElements. */
export function scatterElements(
  x: Value,
  indices: Value,
  updates: Value,
  axis: number,
  reduction: 'none' | 'add' = 'none',
): Value {
  const at = normalAxis('ScatterElements', axis, x.shape);
  return emit('ScatterElements', [x, indices, updates], { axis: at, reduction }, { dtype: x.dtype, shape: x.shape });
}

/**
 * The k largest along `axis`, sorted down: their values and int64 indices. `largest` false: the
 * smallest, sorted up.
 */
export function topK(x: Value, k: number, axis = -1, largest = true): { values: Value; indices: Value } {
  const at = normalAxis('TopK', axis, x.shape);
  const dim = x.shape[at]!;
  if (typeof dim === 'number' && k > dim) throw new Error(`TopK: k ${k} exceeds axis ${at} of ${describe(x)}`);
  const shape = x.shape.with(at, k);
  const [values, indices] = x.graph.node('TopK', [x, ints(x.graph, [k])], { axis: at, largest: +largest }, [
    { dtype: x.dtype, shape },
    { dtype: 'int64', shape },
  ]);
  return { values: values!, indices: indices! };
}

/** indices [...] → [..., depth] with `dtype` ones at the indices, zeros elsewhere. */
export function oneHot(indices: Value, depth: number): Value {
  const { graph } = indices;
  const values = graph.constant({ dtype: 'float32', dims: [2], data: Float32Array.of(0, 1) });
  const shape = [...indices.shape, depth];
  return emit('OneHot', [indices, ints(graph, [depth]), values], { axis: -1 }, { dtype: 'float32', shape });
}
