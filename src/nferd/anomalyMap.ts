import type { Value } from '../graph/graph.ts';
import * as ops from '../graph/ops.ts';
import { float32 } from '../graph/tensor.ts';
import type { MapConfig, Size } from './config.ts';
import { edgeWeights, saysSomething } from './looked.ts';
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
 * @param masked whether x may say nothing in places (whereLooked); there it is 0 then
 */
export function calibrated(x: Value, { typical, extreme }: MapScale, borderWeight: number, masked = false): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  const span = Math.max(extreme - typical, 1e-6);
  if (masked) return ops.mul(ops.mul(ops.sub(x, typical), 1 / span), edgeWeights(saysSomething(x), borderWeight));
  const weights = borderWeights(height, width, borderWeight).map((w) => w / span);
  return ops.mul(ops.sub(x, typical), x.graph.constant(float32(weights, [1, 1, height, width])));
}

/**
 * [height, width] weights of a map's positions: 1 inside, `weight` on the outermost ring, its
 * square in the corners. Near the border the teacher sees padding instead of image and its features
 * are restless.
 * @param map whose border it is, where it says nothing in places (whereLooked)
 */
export const borderWeights = (height: number, width: number, weight: number, map?: Float32Array): Float32Array =>
  Float32Array.from({ length: height * width }, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    const ends = (y: number, x: number): boolean =>
      y < 0 || y >= height || x < 0 || x >= width || (map !== undefined && map[y * width + x]! < 0);
    const across = ends(row, column - 1) || ends(row, column + 1) ? weight : 1;
    return ends(row - 1, column) || ends(row + 1, column) ? across * weight : across;
  });

/** So many positions a map have a peak that tells how far normal ones go. */
const fewest = 4;

/**
 * A map's scale from its values on held-out normal images, each [height, width]: the median of
 * their medians, and the median of their weighed peaks. Where a map says nothing (whereLooked), it
 * doesn't count.
 */
export function mapScale(maps: readonly Float32Array[], height: number, width: number, borderWeight: number): MapScale {
  const typical = quantile(
    maps.map((map) =>
      quantile(
        map.filter((value) => !(value < 0)),
        0.5,
      ),
    ),
    0.5,
  );
  const whole = borderWeights(height, width, borderWeight);
  const peaks = maps.map((map) => {
    const partly = map.some((value) => value < 0);
    const weights = partly ? borderWeights(height, width, borderWeight, map) : whole;
    let peak = -Infinity;
    for (const [at, value] of map.entries()) if (!(value < 0)) peak = Math.max(peak, (value - typical) * weights[at]!);
    return peak;
  });
  const extreme = typical + quantile(peaks, 0.5);
  const saying = maps.reduce((sum, map) => map.reduce((count, value) => count + +!(value < 0), sum), 0);
  if (saying >= fewest * maps.length) return { typical, extreme };
  // Of very few positions the usual peak is the median itself: any deviation would then be endless.
  const said = maps.flatMap((map) => [...map.filter((value) => !(value < 0))]);
  return { typical, extreme: Math.max(extreme, quantile(said, 0.95)) };
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

/** A stage's calibrated map; `looked` is 1 where it says something, absent where it does all over. */
export interface MapPart {
  readonly map: Value;
  readonly weight: number;
  readonly looked?: Value | undefined;
}

/**
 * Weighted sum of the stages' calibrated maps on a grid, smoothed: [N, 1, h, w]. `sigma` in units
 * of 1/256 of the shorter side.
 * @param looked [N, 1, h, w], 1 where the image is looked at, where it isn't all over. Smoothing
 * mixes those places alone. One place beyond them the map goes on, so that it can be enlarged;
 * elsewhere it is as low as its lowest
 */
export function sumMaps(maps: readonly MapPart[], { width, height }: Size, sigma: number, looked?: Value): Value {
  const total = maps.reduce((sum, { weight }) => sum + weight, 0);
  const enlarged = (map: Value): Value => ops.resize(map, [height, width], 'linear');
  const parts = maps
    .filter(({ weight }) => weight > 0)
    .map((part) => {
      const map = enlarged(part.map);
      const mixed = part.looked ? ops.div(map, ops.maximum(enlarged(part.looked), 1e-6)) : map;
      return ops.mul(mixed, part.weight / total);
    });
  if (parts.length === 0) throw new Error('anomaly map: every stage has weight 0; give at least one a weight');
  const sum = parts.reduce((all, part) => ops.add(all, part));
  const blurred = (x: Value): Value => gaussian(x, (sigma * Math.min(width, height)) / 256);
  if (!looked) return blurred(sum);
  const reached = blurred(looked);
  const map = ops.div(blurred(ops.mul(sum, looked)), ops.maximum(reached, 1e-6));
  const lowest = ops.reduceMin(ops.where(ops.greater(looked, 0), map, endless), [2, 3], true);
  const near = ops.mul(ops.maxPool(looked, 3, { stride: 1, pads: 1 }), reached);
  return ops.where(ops.greater(near, 1e-6), map, lowest);
}

/** Beyond all that a map can hold, and finite. */
const endless = 1e9;

/** A part, and the view it is of; its weight is the stage's alone. */
export interface ViewPart extends MapPart {
  readonly view: number;
}

/**
 * The maps of all views and stages as one, on a grid: their weighted sum, and where the
 * configuration has a context, the larger of it and the context's sum at each place.
 * @param looked as of sumMaps
 */
export function combineMaps(
  parts: readonly ViewPart[],
  grid: Size,
  { viewWeights, sigma, context }: MapConfig,
  looked?: Value,
): Value {
  const sum = (weights: readonly number[], smoothed: number): Value =>
    sumMaps(
      parts.map((part) => ({ ...part, weight: part.weight * weights[part.view]! })),
      grid,
      smoothed,
      looked,
    );
  const all = sum(viewWeights, sigma);
  return context ? ops.maximum(all, sum(context.viewWeights, context.sigma)) : all;
}

/**
 * What a detector says at the end, from its summed `map` [N, 1, h, w]: the outputs `anomaly_map`
 * [N, 1, height, width], its largest value `peak` [N], and `score` [N].
 * @param looked as of sumMaps. Elsewhere `anomaly_map` is as low as the lowest of `map`
 */
export function outputMap(map: Value, { width, height }: Size, scoreShare: number, looked?: Value): void {
  const { graph } = map;
  const whole = ops.resize(map, [height, width], 'linear');
  const anomalyMap = looked
    ? ops.where(ops.greater(ops.resize(looked, [height, width], 'nearest'), 0), whole, ops.reduceMin(map, [2, 3], true))
    : whole;
  graph.output('anomaly_map', anomalyMap);
  graph.output('peak', ops.reduceMax(anomalyMap, [1, 2, 3]));
  // Of the square on the shorter side: a longer image does not dilute a defect.
  const square = Math.min(width, height) / Math.max(width, height);
  graph.output('score', imageScore(map, scoreShare * square, looked));
}

/**
 * Image score [N]: mean of the largest `share` of a map's values (at least one); share 0 is the
 * maximum.
 * @param looked [N, 1, H, W], 1 where a value counts; the share is of the whole map all the same,
 * so that a defect scores alike however much around it is looked at
 */
export function imageScore(map: Value, share: number, looked?: Value): Value {
  const [n, , height, width] = map.shape as [string | number, number, number, number];
  const k = Math.max(1, Math.round(share * height * width));
  const largest = (x: Value): Value => ops.topK(ops.reshape(x, [n, height * width]), k).values;
  if (!looked) return ops.reduceMean(largest(map), [1]);
  const values = largest(ops.where(ops.greater(looked, 0), map, -endless));
  const counts = ops.cast(ops.greater(values, -endless), 'float32');
  return ops.div(ops.reduceSum(ops.mul(values, counts), [1]), ops.maximum(ops.reduceSum(counts, [1]), 1));
}
