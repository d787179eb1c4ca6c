import { maskAt } from '../dataset/maskRuns.ts';
import type { Value } from '../graph/graph.ts';
import * as ops from '../graph/ops.ts';
import { inputShape, isMasked, type DetectorConfig } from './config.ts';

/**
 * Which pixels of `image` [N, 3, H, W] are looked at: [N, 1, H, W], 1 in the region of interest
 * where there is an image, else 0. Undefined where all pixels always are.
 */
export function lookedAt(image: Value, config: Pick<DetectorConfig, 'inputSize' | 'roi' | 'padded'>) {
  if (!isMasked(config)) return undefined;
  const { graph } = image;
  const size = inputShape(config);
  const region = config.roi
    ? { dtype: 'uint8' as const, dims: [1, 1, size.height, size.width], data: maskAt(config.roi, size) }
    : { dtype: 'uint8' as const, dims: [1, 1, 1, 1], data: Uint8Array.of(1) };
  const inside = ops.cast(graph.constant(region), 'float32');
  return ops.where(ops.less(ops.slice(image, { 1: { start: 0, end: 1 } }), 0), 0, inside);
}

/**
 * `image` with the mean colour of its looked-at pixels in all others: what lies there, and that
 * there is nothing, shows as little as can be.
 */
export function filled(image: Value, looked: Value): Value {
  const mean = (x: Value): Value => ops.reduceMean(x, [2, 3], true);
  const colour = ops.div(mean(ops.mul(image, looked)), ops.maximum(mean(looked), 1e-6));
  return ops.where(ops.greater(looked, 0), image, colour);
}

/**
 * Positions of `px` pixels a side that count: those with any pixel that is looked at. So each such
 * pixel has an answer of every view and stage, however narrow the region is. [N, 1, H, W] → [N, 1,
 * H/px, W/px], 1 or 0.
 */
export const positionsOf = (looked: Value, px: number): Value => ops.maxPool(looked, px);

/** What a map of distances or errors, which are never negative, holds where nothing is looked at. */
const nothing = -1;

/** `map` [N, 1, h, w], and `nothing` where `looked` [N, 1, h, w] is 0; all of it without `looked`. */
export const whereLooked = (map: Value, looked: Value | undefined): Value =>
  looked ? ops.where(ops.greater(looked, 0), map, nothing) : map;

/** [N, 1, h, w], 1 where such a map says something, else 0. */
export const saysSomething = (map: Value): Value => ops.where(ops.less(map, 0), 0, map.graph.scalar(1));

/** Mean over the positions that count: [N, C, h, w] → [N, C]. */
export function meanLooked(map: Value, looked: Value | undefined): Value {
  if (!looked) return ops.reduceMean(map, [2, 3]);
  const share = ops.maximum(ops.reduceMean(looked, [2, 3]), 1e-6);
  return ops.div(ops.reduceMean(ops.mul(map, looked), [2, 3]), share);
}

/**
 * borderWeights of each image's own border, where padding or what is not looked at begins: [N, 1,
 * h, w], 0 where nothing is looked at.
 */
export function edgeWeights(looked: Value, weight: number): Value {
  const [height, width] = looked.shape.slice(2) as [number, number];
  const around = ops.pad(looked, [0, 0, 1, 1], [0, 0, 1, 1]);
  const moved = (top: number, left: number): Value =>
    ops.slice(around, { 2: { start: top, end: top + height }, 3: { start: left, end: left + width } });
  const along = (a: Value, b: Value): Value => ops.add(ops.mul(ops.mul(a, b), 1 - weight), weight);
  const across = along(moved(1, 0), moved(1, 2));
  return ops.mul(looked, ops.mul(across, along(moved(0, 1), moved(2, 1))));
}
