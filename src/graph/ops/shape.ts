import { derived, formatShape, isStatic, normalAxis, product, quotient, type Dim, type Shape } from '../dims.ts';
import { describe, type Value } from '../graph.ts';
import { scalar } from '../tensor.ts';
import { emit, ints, lift } from './emit.ts';

/** Dimensions reordered: output axis i is input axis `perm[i]`. */
export function transpose(x: Value, perm: readonly number[]): Value {
  if ([...perm].sort((a, b) => a - b).join() !== x.shape.map((_, axis) => axis).join())
    throw new Error(`Transpose: [${perm.join(', ')}] is no order of the axes of ${describe(x)}`);
  if (perm.every((axis, at) => axis === at)) return x;
  return emit('Transpose', [x], { perm }, { dtype: x.dtype, shape: perm.map((axis) => x.shape[axis]!) });
}

/** The run-time shape as an int64 vector. */
const shapeOf = (x: Value): Value =>
  isStatic(x.shape) ? ints(x.graph, x.shape) : emit('Shape', [x], {}, { dtype: 'int64', shape: [x.shape.length] });

/** The run-time number of elements, an int64 scalar. */
export const sizeOf = (x: Value): Value =>
  isStatic(x.shape)
    ? x.graph.scalar(product(x.shape) as number, 'int64')
    : emit('Size', [x], {}, { dtype: 'int64', shape: [] });

/**
 * The same elements as `shape`; one dimension may be -1 (what is left), and one more may be a name
 * the model learns at run time.
 */
export function reshape(x: Value, shape: Shape): Value {
  const left =
    shape.indexOf(-1) < 0
      ? undefined
      : quotient(
          x.shape,
          shape.filter((dim) => dim !== -1),
        );
  const full: Dim[] = shape.map((dim) => (dim === -1 ? (left ?? -1) : dim));
  if (full.includes(-1) || product(full) !== product(x.shape))
    throw new Error(`Reshape: ${describe(x)} does not fill ${formatShape(shape)}`);
  if (formatShape(full) === formatShape(x.shape)) return x;
  const kept = full.map((dim, axis): Dim => (typeof dim === 'string' && dim === x.shape[axis] ? 0 : dim));
  const named = kept.filter((dim) => typeof dim === 'string');
  if (named.length > 1)
    throw new Error(`Reshape: ${describe(x)} to ${formatShape(shape)} leaves ${named.join(' and ')} open; one at most`);
  const target = kept.map((dim) => (typeof dim === 'string' ? -1 : dim));
  return emit('Reshape', [x, ints(x.graph, target)], {}, { dtype: x.dtype, shape: full });
}

/** x reshaped to the shape `like` has when the model runs. */
export const reshapeLike = (x: Value, like: Value): Value =>
  formatShape(x.shape) === formatShape(like.shape)
    ? x
    : emit('Reshape', [x, shapeOf(like)], {}, { dtype: x.dtype, shape: like.shape });

/**
 * x stretched to `shape` (dimensions of 1 repeat). Numbers only; for named dimensions use
 * expandLike.
 */
export function expand(x: Value, shape: readonly number[]): Value {
  return emit('Expand', [x, ints(x.graph, shape)], {}, { dtype: x.dtype, shape });
}

/** x stretched to the shape `like` has when the model runs. */
export const expandLike = (x: Value, like: Value): Value =>
  formatShape(x.shape) === formatShape(like.shape)
    ? x
    : emit('Expand', [x, shapeOf(like)], {}, { dtype: x.dtype, shape: like.shape });

/** Zeros of the shape `like` has when the model runs. */
export const zerosLike = (like: Value): Value =>
  emit('Expand', [lift(like.graph, 0, like.dtype), shapeOf(like)], {}, { dtype: like.dtype, shape: like.shape });

/** Dimensions of 1 inserted at `axes` of the result. */
export function unsqueeze(x: Value, axes: readonly number[]): Value {
  const rank = x.shape.length + axes.length;
  const at = axes.map((axis) => normalAxis('Unsqueeze', axis, x.shape, rank));
  const rest = [...x.shape];
  const shape = Array.from({ length: rank }, (_, axis) => (at.includes(axis) ? 1 : rest.shift()!));
  return emit('Unsqueeze', [x, ints(x.graph, at)], {}, { dtype: x.dtype, shape });
}

/** Dimensions of 1 at `axes` removed. */
export function squeeze(x: Value, axes: readonly number[]): Value {
  const at = axes.map((axis) => normalAxis('Squeeze', axis, x.shape));
  if (at.some((axis) => x.shape[axis] !== 1))
    throw new Error(`Squeeze: axes [${axes.join(', ')}] of ${describe(x)} are not all 1`);
  const shape = x.shape.filter((_, axis) => !at.includes(axis));
  return emit('Squeeze', [x, ints(x.graph, at)], {}, { dtype: x.dtype, shape });
}

export interface Range {
  readonly start?: number;
  /** Exclusive; left out: to the end. */
  readonly end?: number;
  readonly step?: number;
}

const far = 2 ** 31;

function rangeLength(dim: Dim, { start, end, step = 1 }: Range): Dim {
  if (typeof dim === 'string' && start === undefined && end === undefined && Math.abs(step) === 1) return dim;
  const clamp = (at: number, length: number, low: number, high: number): number =>
    Math.min(Math.max(at < 0 ? at + length : at, low), high);
  return derived(
    [dim],
    (length) => {
      const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
      const from = start === undefined ? (step > 0 ? 0 : length - 1) : clamp(start, length, low, high);
      const to = end === undefined ? (step > 0 ? length : -1) : clamp(end, length, low, high);
      return Math.max(0, Math.ceil((to - from) / step));
    },
    `${dim}[${start ?? ''}:${end ?? ''}:${step}]`,
  );
}

/** Parts of x by axis, as Python's `start:end:step`: `slice(x, { 2: { start: 1, end: -1 } })`. */
export function slice(x: Value, ranges: Readonly<Record<number, Range>>): Value {
  const entries = Object.entries(ranges).map(([key, range]) => {
    const axis = normalAxis('Slice', Number(key), x.shape);
    const { step = 1 } = range;
    const { start = step > 0 ? 0 : far, end = step > 0 ? far : -far } = range;
    return { axis, start, end, step, length: rangeLength(x.shape[axis]!, range) };
  });
  const shape = x.shape.map((dim, axis) => entries.find((entry) => entry.axis === axis)?.length ?? dim);
  const column = (key: 'start' | 'end' | 'axis' | 'step'): Value =>
    ints(
      x.graph,
      entries.map((entry) => entry[key]),
    );
  const inputs = [x, column('start'), column('end'), column('axis'), column('step')] as const;
  return emit('Slice', inputs, {}, { dtype: x.dtype, shape });
}

/** Values joined along `axis`; the other dimensions must be equal. */
export function concat(values: readonly [Value, ...Value[]], axis: number): Value {
  const [first] = values;
  const at = normalAxis('Concat', axis, first.shape);
  const rest = ({ shape }: Value): string => formatShape(shape.filter((_, other) => other !== at));
  const odd = values.find((value) => rest(value) !== rest(first) || value.dtype !== first.dtype);
  if (odd) throw new Error(`Concat: ${describe(first)} and ${describe(odd)} differ beside axis ${at}`);
  const dims = values.map(({ shape }) => shape[at]!);
  const total = derived(dims, (...lengths) => lengths.reduce((sum, length) => sum + length, 0), `(${dims.join('+')})`);
  return emit('Concat', values, { axis: at }, { dtype: first.dtype, shape: first.shape.with(at, total) });
}

/** x cut along `axis` into parts of `sizes`. */
export function split(x: Value, axis: number, sizes: readonly number[]): readonly Value[] {
  const at = normalAxis('Split', axis, x.shape);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (typeof x.shape[at] === 'number' && x.shape[at] !== total)
    throw new Error(`Split: sizes [${sizes.join(', ')}] sum to ${total}, axis ${at} of ${describe(x)} does not`);
  const types = sizes.map((size) => ({ dtype: x.dtype, shape: x.shape.with(at, size) }));
  return x.graph.node('Split', [x, ints(x.graph, sizes)], { axis: at }, types);
}

/** x with `before[i]` and `after[i]` elements of `value` added at each axis; negative ones crop. */
export function pad(x: Value, before: readonly number[], after: readonly number[], value = 0): Value {
  if (before.length !== x.shape.length || after.length !== x.shape.length)
    throw new Error(`Pad: ${before.length} and ${after.length} paddings for ${describe(x)}`);
  const shape = x.shape.map((dim, axis) => {
    const more = before[axis]! + after[axis]!;
    return more === 0 ? dim : derived([dim], (length) => length + more, `(${dim}+${more})`);
  });
  const fill = x.graph.constant(scalar(value, x.dtype));
  return emit('Pad', [x, ints(x.graph, [...before, ...after]), fill], {}, { dtype: x.dtype, shape });
}

/** [N, C, H, W] → [N, C/b², H·b, W·b], depth-column-row order (`DCR`). */
export function depthToSpace(x: Value, block: number): Value {
  const [n, c, h, w] = x.shape;
  const depth = quotient([c!], [block, block]);
  if (x.shape.length !== 4 || depth === undefined) throw new Error(`DepthToSpace: ${describe(x)} with block ${block}`);
  const shape = [n!, depth, product([h!, block]), product([w!, block])];
  return emit('DepthToSpace', [x], { blocksize: block }, { dtype: x.dtype, shape });
}

/** [N, C, H, W] → [N, C·b², H/b, W/b]; the inverse of depthToSpace. */
export function spaceToDepth(x: Value, block: number): Value {
  const [n, c, h, w] = x.shape;
  const [height, width] = [quotient([h!], [block]), quotient([w!], [block])];
  if (x.shape.length !== 4 || height === undefined || width === undefined)
    throw new Error(`SpaceToDepth: ${describe(x)} does not divide into blocks of ${block}`);
  const shape = [n!, product([c!, block, block]), height, width];
  return emit('SpaceToDepth', [x], { blocksize: block }, { dtype: x.dtype, shape });
}
