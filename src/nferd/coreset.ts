/** Rows of features: `data` [count, channels]. */
export interface Rows {
  readonly data: Float32Array;
  readonly channels: number;
}

/** Squared Euclidean distance of every row of `rows` to the nearest of `centres`: [rows]. */
export type NearestDistances = (rows: Rows, centres: Rows) => Promise<Float32Array>;

export interface CoresetOptions {
  readonly count: number;
  /** Row taken first. */
  readonly first?: number;
  readonly distances: NearestDistances;
  /** Called with the number of rows taken so far. */
  readonly onProgress?: (taken: number) => void;
}

const poolSize = 1024;

/**
 * Greedy k-centre coreset (Gonzalez 1985; PatchCore's sampler): each next row is the one farthest
 * from all taken so far. The result is exactly the greedy one, but most rows are only looked at
 * once per batch: distances to the nearest centre can only fall, so while the farthest row of a
 * pool of the farthest ones is at least as far as every row outside it, it is the farthest of all.
 * When that ends, one matrix product brings all rows up to date.
 *
 * @returns indices of the rows taken, in order; fewer than `count` where the rest are duplicates of
 * rows taken
 */
export async function kCentreCoreset(rows: Rows, options: CoresetOptions): Promise<Uint32Array> {
  const { count, first = 0, distances, onProgress } = options;
  const { data, channels } = rows;
  const total = data.length / channels;
  const taken: number[] = [];
  const nearest = new Float32Array(total).fill(Infinity);
  let fresh = [first];
  while (fresh.length > 0) {
    taken.push(...fresh);
    onProgress?.(taken.length);
    if (taken.length >= Math.min(count, total)) break;
    const found = await distances(rows, pick(rows, fresh));
    for (let row = 0; row < total; row++) if (found[row]! < nearest[row]!) nearest[row] = found[row]!;
    fresh = fromPool(data, channels, nearest, Math.min(count, total) - taken.length);
  }
  return Uint32Array.from(taken);
}

/** The rows at `indices`. */
export function pick({ data, channels }: Rows, indices: ArrayLike<number>): Rows {
  const picked = new Float32Array(indices.length * channels);
  for (let i = 0; i < indices.length; i++)
    picked.set(data.subarray(indices[i]! * channels, (indices[i]! + 1) * channels), i * channels);
  return { data: picked, channels };
}

/** Greedy picks among the farthest rows, for as long as they are certainly the farthest of all. */
function fromPool(data: Float32Array, channels: number, nearest: Float32Array, wanted: number): number[] {
  const { pool, outside } = farthest(nearest);
  const distance = Float32Array.from(pool, (row) => nearest[row]!);
  // Beside one another they stay in the processor's cache.
  const beside = pick({ data, channels }, pool).data;
  const chosen: number[] = [];
  // Rounding leaves a duplicate a little above 0.
  const floor = 1e-6 * channels;
  let best = 0;
  for (let i = 1; i < pool.length; i++) if (distance[i]! > distance[best]!) best = i;
  while (chosen.length < wanted) {
    if (distance[best]! < outside || distance[best]! <= floor) break;
    chosen.push(pool[best]!);
    distance[best] = 0;
    const centre = best * channels;
    best = 0;
    for (let i = 0; i < pool.length; i++) {
      const gap = squaredDistance(beside, i * channels, centre, channels, distance[i]!);
      if (gap < distance[i]!) distance[i] = gap;
      if (distance[i]! > distance[best]!) best = i;
    }
  }
  return chosen;
}

/** Stops early once it exceeds `limit`. */
function squaredDistance(data: Float32Array, a: number, b: number, channels: number, limit: number): number {
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    const difference = data[a + c]! - data[b + c]!;
    sum += difference * difference;
    if ((c & 15) === 15 && sum > limit) break;
  }
  return sum;
}

/** The rows farthest from their nearest centre, and the largest distance among the others. */
function farthest(nearest: Float32Array): { pool: Uint32Array; outside: number } {
  if (nearest.length <= poolSize) return { pool: Uint32Array.from(nearest, (_, row) => row), outside: -Infinity };
  const sorted = nearest.toSorted();
  const outside = sorted[nearest.length - poolSize - 1]!;
  const pool: number[] = [];
  for (let row = 0; row < nearest.length; row++) if (nearest[row]! > outside) pool.push(row);
  // All rows may be equally far (many duplicates): then any of them will do.
  if (pool.length === 0) return { pool: Uint32Array.of(nearest.indexOf(outside)), outside };
  return { pool: Uint32Array.from(pool), outside };
}
