import type { Value } from '../graph/graph.ts';
import * as ops from '../graph/ops.ts';
import { float32 } from '../graph/tensor.ts';
import type { MapConfig, Size } from './config.ts';
import { quantile } from '../metrics/quantile.ts';

/**
 * What a map means on held-out normal images: `typical` its median, `extreme` the level that its
 * largest weighed value reaches in a usual normal image. A map whose normal images already have
 * high peaks says less and weighs less.
 */
export interface MapScale {
  readonly typical: number;
  readonly extreme: number;
}

/**
 * (x − typical) / (extreme − typical): 0 is usual, 1 the peak of a usual normal image, in every
 * stage alike; borders weighed.
 */
export function calibrated(x: Value, { typical, extreme }: MapScale, borderWeight: number): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  const weights = borderWeights(height, width, borderWeight).map((w) => w / Math.max(extreme - typical, 1e-6));
  return ops.mul(ops.sub(x, typical), x.graph.constant(float32(weights, [1, 1, height, width])));
}

/**
 * [height, width] weights of a map's positions: 1 inside, `weight` on the outermost ring, its
 * square in the corners. Near the border the teacher sees padding instead of image and its features
 * are restless.
 */
export const borderWeights = (height: number, width: number, weight: number): Float32Array =>
  Float32Array.from({ length: height * width }, (_, at) => {
    const edge = (place: number, size: number): number => (place === 0 || place === size - 1 ? weight : 1);
    return edge(Math.floor(at / width), height) * edge(at % width, width);
  });

/**
 * A map's scale from its values on held-out normal images, each [height, width]: the median of
 * their medians, and the median of their weighed peaks.
 */
export function mapScale(maps: readonly Float32Array[], height: number, width: number, borderWeight: number): MapScale {
  const typical = quantile(
    maps.map((map) => quantile(map, 0.5)),
    0.5,
  );
  const weights = borderWeights(height, width, borderWeight);
  const peaks = maps.map((map) => {
    let peak = -Infinity;
    for (const [at, value] of map.entries()) peak = Math.max(peak, (value - typical) * weights[at]!);
    return peak;
  });
  return { typical, extreme: typical + quantile(peaks, 0.5) };
}

/** The Gaussian's kernel reaches this many standard deviations. */
const reach = 4;

/**
 * Separable Gaussian of standard deviation `sigma` positions on [N, 1, H, W]; the border is
 * repeated as reflection.
 */
export function gaussian(x: Value, sigma: number): Value {
  if (sigma <= 0) return x;
  const radius = Math.max(1, Math.round(reach * sigma));
  const weights = Float32Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const kernel = weights.map((weight) => weight / total);
  const [height, width] = x.shape.slice(2) as [number, number];
  // A blurred row is a matrix product: the border's reflection is folded into the matrix.
  const right = x.graph.constant(float32(blurMatrix(width, kernel), [width, width]));
  const left = x.graph.constant(float32(transposed(blurMatrix(height, kernel), height), [height, height]));
  return ops.matMul(left, ops.matMul(x, right));
}

/** [size, size]: column j holds the weights by which output j mixes the inputs. */
function blurMatrix(size: number, kernel: Float32Array): Float32Array {
  const matrix = new Float32Array(size * size);
  const radius = kernel.length >> 1;
  const period = Math.max(2 * (size - 1), 1);
  for (let to = 0; to < size; to++)
    for (let k = -radius; k <= radius; k++) {
      const folded = (((to + k) % period) + period) % period;
      const from = folded < size ? folded : period - folded;
      matrix[from * size + to]! += kernel[k + radius]!;
    }
  return matrix;
}

function transposed(matrix: Float32Array, size: number): Float32Array {
  return Float32Array.from(matrix, (_, at) => matrix[(at % size) * size + Math.floor(at / size)]!);
}

/**
 * Weighted sum of the stages' calibrated maps on a grid, smoothed: [N, 1, h, w]. `sigma` in units
 * of 1/256 of the shorter side.
 */
export function sumMaps(
  maps: readonly { readonly map: Value; readonly weight: number }[],
  { width, height }: Size,
  sigma: number,
): Value {
  const total = maps.reduce((sum, { weight }) => sum + weight, 0);
  const parts = maps
    .filter(({ weight }) => weight > 0)
    .map(({ map, weight }) => ops.mul(ops.resize(map, [height, width], 'linear'), weight / total));
  if (parts.length === 0) throw new Error('anomaly map: every stage has weight 0; give at least one a weight');
  return gaussian(
    parts.reduce((sum, part) => ops.add(sum, part)),
    (sigma * Math.min(width, height)) / 256,
  );
}

/**
 * The maps of all views and stages as one, on a grid: their weighted sum, and where the configuration
 * has a context, the larger of it and the context's sum at each place.
 */
export function combineMaps(
  parts: readonly { readonly map: Value; readonly view: number; readonly weight: number }[],
  grid: Size,
  { viewWeights, sigma, context }: MapConfig,
): Value {
  const sum = (weights: readonly number[], smoothed: number): Value =>
    sumMaps(
      parts.map(({ map, view, weight }) => ({ map, weight: weight * weights[view]! })),
      grid,
      smoothed,
    );
  const all = sum(viewWeights, sigma);
  return context ? ops.maximum(all, sum(context.viewWeights, context.sigma)) : all;
}

/**
 * What a detector says at the end, from its summed `map` [N, 1, h, w]: the outputs `anomaly_map`
 * [N, 1, height, width], its largest value `peak` [N], and `score` [N].
 */
export function outputMap(map: Value, { width, height }: Size, scoreShare: number): void {
  const { graph } = map;
  const anomalyMap = ops.resize(map, [height, width], 'linear');
  graph.output('anomaly_map', anomalyMap);
  graph.output('peak', ops.reduceMax(anomalyMap, [1, 2, 3]));
  // Of the square on the shorter side: a longer image does not dilute a defect.
  const square = Math.min(width, height) / Math.max(width, height);
  graph.output('score', imageScore(map, scoreShare * square));
}

/**
 * Image score [N]: mean of the largest `share` of a map's values (at least one); share 0 is the
 * maximum.
 */
export function imageScore(map: Value, share: number): Value {
  const [n, , height, width] = map.shape as [string | number, number, number, number];
  const k = Math.max(1, Math.round(share * height * width));
  return ops.reduceMean(ops.topK(ops.reshape(map, [n, height * width]), k).values, [1]);
}
