import type { LayOut, Plane } from '../ports/layOut.ts';
import { createRng, type Rng } from '../../dataset/rng.ts';
import { breath } from '../ports/progress.ts';

/**
 * The layout is made of so many points at most; each other one goes beside the point it is nearest
 * to.
 */
const mostLaidOut = 3000;
/** Fewer have no neighbourhoods to keep: their two principal components are shown. */
const fewestLaidOut = 15;
const seed = 1;
/**
 * Nearest points are looked for in so many random directions: distances hold well enough there
 * (Johnson and Lindenstrauss).
 */
const directions = 16;

/**
 * Embeddings [C] in two dimensions, one point each, in their order. The same embeddings give the
 * same points.
 */
export async function project(embeddings: readonly Float32Array[], layOut: LayOut): Promise<Plane> {
  const count = embeddings.length;
  const rng = createRng(seed);
  if (count < fewestLaidOut) return principalPlane(embeddings);
  const order = Array.from({ length: count }, (_, i) => i);
  const chosen =
    count <= mostLaidOut
      ? order
      : rng
          .shuffled(order)
          .slice(0, mostLaidOut)
          .sort((a, b) => a - b);
  const laid = await layOut(
    chosen.map((at) => embeddings[at]!),
    rng.uniform,
  );
  if (chosen.length === count) return laid;
  return beside(embeddings, chosen, laid, rng);
}

/**
 * Gives each point the place of the chosen one it is nearest to, a little off so that it can be
 * seen.
 */
async function beside(
  embeddings: readonly Float32Array[],
  chosen: readonly number[],
  laid: Plane,
  rng: Rng,
): Promise<Plane> {
  const short = shortened(embeddings, rng);
  const spot = (range(laid.x) + range(laid.y)) / 2000;
  const x = new Float32Array(embeddings.length);
  const y = new Float32Array(embeddings.length);
  const placeOf = new Map(chosen.map((at, place) => [at, place]));
  for (let at = 0; at < embeddings.length; at++) {
    const own = placeOf.get(at);
    const place = own ?? nearest(short, at, chosen);
    const off = own === undefined ? spot : 0;
    x[at] = laid.x[place]! + off * rng.normal();
    y[at] = laid.y[place]! + off * rng.normal();
    // Others of this process wait.
    if (at % 512 === 511) await breath();
  }
  return { x, y };
}

/** [count × directions] */
function shortened(embeddings: readonly Float32Array[], rng: Rng): Float32Array {
  const channels = embeddings[0]!.length;
  const axes = Float32Array.from({ length: directions * channels }, () => rng.normal());
  const out = new Float32Array(embeddings.length * directions);
  embeddings.forEach((embedding, at) => {
    for (let d = 0; d < directions; d++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += embedding[c]! * axes[d * channels + c]!;
      out[at * directions + d] = sum;
    }
  });
  return out;
}

function nearest(short: Float32Array, at: number, chosen: readonly number[]): number {
  let [best, place] = [Infinity, 0];
  for (let i = 0; i < chosen.length; i++) {
    const other = chosen[i]! * directions;
    let distance = 0;
    for (let d = 0; d < directions; d++) distance += (short[at * directions + d]! - short[other + d]!) ** 2;
    if (distance < best) [best, place] = [distance, i];
  }
  return place;
}

const range = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, value), -Infinity) -
  values.reduce((least, value) => Math.min(least, value), Infinity);

/**
 * The first two principal components, by power iteration on the inner products of the centred
 * points; 0 where there is no spread.
 */
export function principalPlane(points: readonly Float32Array[]): Plane {
  const count = points.length;
  const channels = points[0]?.length ?? 0;
  const mean = Float64Array.from({ length: channels }, (_, c) => points.reduce((sum, p) => sum + p[c]! / count, 0));
  const product = (a: Float32Array, b: Float32Array): number =>
    mean.reduce((sum, m, c) => sum + (a[c]! - m) * (b[c]! - m), 0);
  const gram = points.map((a) => Float64Array.from(points, (b) => product(a, b)));
  const component = (): Float32Array => {
    let vector = Float64Array.from({ length: count }, (_, i) => Math.sin(i + 1));
    let value = 0;
    for (let round = 0; round < 200; round++) {
      const next = Float64Array.from(gram, (row) => row.reduce((sum, v, i) => sum + v * vector[i]!, 0));
      value = Math.hypot(...next);
      if (value < 1e-9) return new Float32Array(count);
      vector = next.map((v) => v / value);
    }
    gram.forEach((row, i) => row.forEach((_, j) => (row[j]! -= value * vector[i]! * vector[j]!)));
    return Float32Array.from(vector, (v) => v * Math.sqrt(value));
  };
  return { x: component(), y: component() };
}
