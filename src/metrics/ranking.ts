import { sortKeys, type Sorted } from './radixSort.ts';
import { checkSample, defectiveOf, type PixelSample } from './pixelSample.ts';

/**
 * Scores of anomalous (positive) and normal (negative) items, each as sort keys in descending order
 * of score. Two arrays instead of one with labels: no payload to sort, and 26 M pixels fit in twice
 * 104 MB.
 */
export interface Ranking {
  readonly positives: Uint32Array;
  readonly negatives: Uint32Array;
  /** What {@link rankPixels} was given for each positive, in the order of `positives`. */
  readonly payload: Uint32Array | undefined;
}

/**
 * The key of a finite float32 given as its bits: unsigned, smaller for a larger score; −0 and +0
 * share one key. Returns −1 for NaN and ±∞.
 */
export function keyOfBits(bits: number): number {
  if ((bits & 0x7f800000) === 0x7f800000) return -1;
  if (bits << 1 === 0) return 0x7fffffff;
  return (bits & 0x80000000 ? bits : ~bits & 0x7fffffff) >>> 0;
}

const scratch = new DataView(new ArrayBuffer(4));

/** The score whose key is `key`: inverse of {@link keyOfBits}. */
export function scoreOfKey(key: number): number {
  scratch.setUint32(0, key & 0x80000000 ? key : ~key & 0x7fffffff);
  return scratch.getFloat32(0);
}

/** The bits of `scores`, in the same memory. */
function bitsOf(scores: Float32Array): Uint32Array {
  return new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
}

/**
 * Ranks items by score, larger = more anomalous.
 * @param scores [N]
 * @param labels [N], non-zero = anomalous
 * @throws if the lengths differ or a score is NaN or infinite
 */
export function rank(scores: Float32Array, labels: Uint8Array): Ranking {
  if (scores.length !== labels.length) {
    throw new Error(`${scores.length} scores but ${labels.length} labels: there must be one label per score.`);
  }
  return fill([{ map: scores, mask: labels, width: scores.length, height: 1 }], (_, i) => `Score ${i}`);
}

/**
 * Ranks all pixels of a test set by their anomaly-map value; a sample without a mask is normal
 * everywhere. Pixels that don't count are left out.
 * @param payload one value per anomalous pixel that counts, sample by sample in raster order, carried through
 * the sort; consumed
 * @throws if a map or mask doesn't have width × height values or a value is NaN or infinite
 */
export function rankPixels(samples: readonly PixelSample[], payload?: Uint32Array): Ranking {
  samples.forEach(checkSample);
  return fill(samples, (sample, i) => `Pixel ${i} of anomaly map ${sample}`, payload);
}

function fill(
  samples: readonly PixelSample[],
  nameOf: (sample: number, i: number) => string,
  payload?: Uint32Array,
): Ranking {
  let [total, positive] = [0, 0];
  const masks = samples.map(defectiveOf);
  samples.forEach(({ map, looked }, s) => {
    total += looked ? countNonZero(looked) : map.length;
    positive += masks[s] ? countNonZero(masks[s]) : 0;
  });
  const positives = new Uint32Array(positive);
  const negatives = new Uint32Array(total - positive);
  let [p, n] = [0, 0];
  samples.forEach(({ map, looked }, s) => {
    const mask = masks[s];
    const bits = bitsOf(map);
    for (let i = 0; i < bits.length; i++) {
      if (looked?.[i] === 0) continue;
      const key = keyOfBits(bits[i]!);
      if (key < 0) throw new Error(`${nameOf(s, i)} is ${map[i]}: scores must be finite.`);
      if (mask?.[i]) positives[p++] = key;
      else negatives[n++] = key;
    }
  });
  const anomalous = sortKeys(positives, payload);
  return { positives: anomalous.keys, negatives: sortKeys(negatives).keys, payload: anomalous.payload };
}

/**
 * The ranking of the items of both, by one merge instead of a sort; payloads are kept where both
 * have them.
 */
export function mergeRankings(a: Ranking, b: Ranking): Ranking {
  const positives = merge(a.positives, b.positives, a.payload, b.payload);
  return { positives: positives.keys, negatives: merge(a.negatives, b.negatives).keys, payload: positives.payload };
}

/** Two ascending lists of keys as one; of equal keys `a`'s come first. */
function merge(a: Uint32Array, b: Uint32Array, carriedA?: Uint32Array, carriedB?: Uint32Array): Sorted {
  const keys = new Uint32Array(a.length + b.length);
  const payload = carriedA && carriedB && new Uint32Array(keys.length);
  for (let at = 0, i = 0, j = 0; at < keys.length; at++) {
    if (j >= b.length || (i < a.length && a[i]! <= b[j]!)) {
      if (payload) payload[at] = carriedA[i]!;
      keys[at] = a[i++]!;
    } else {
      if (payload) payload[at] = carriedB[j]!;
      keys[at] = b[j++]!;
    }
  }
  return { keys, payload };
}

function countNonZero(mask: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i]) count++;
  return count;
}

/**
 * Walks the distinct scores from the largest to the smallest. At each, `visit` gets the score's key
 * and how many positives (`tp`) and negatives (`fp`) score at least that much; where it returns
 * false, nobody asks for the rest.
 */
export function forEachDistinctScore(
  { positives, negatives }: Ranking,
  visit: (key: number, tp: number, fp: number) => unknown,
): void {
  let [tp, fp] = [0, 0];
  while (tp < positives.length || fp < negatives.length) {
    const key = Math.min(positives[tp] ?? Infinity, negatives[fp] ?? Infinity);
    while (positives[tp] === key) tp++;
    while (negatives[fp] === key) fp++;
    if (visit(key, tp, fp) === false) return;
  }
}

/**
 * As {@link forEachDistinctScore}, of the scores of positives alone. Quicker where most are
 * negatives, as among pixels, and enough where negatives between two positives change nothing or
 * only worsen.
 */
export function forEachPositiveScore(
  { positives, negatives }: Ranking,
  visit: (key: number, tp: number, fp: number) => void,
): void {
  let [tp, fp] = [0, 0];
  while (tp < positives.length) {
    const key = positives[tp]!;
    while (positives[tp] === key) tp++;
    while (fp < negatives.length && negatives[fp]! <= key) fp++;
    visit(key, tp, fp);
  }
}

/**
 * How many of the keys, ascending as a {@link Ranking} has them, are of scores above `threshold`:
 * by bisection.
 */
export function countAbove(keys: Uint32Array, threshold: number): number {
  if (Number.isNaN(threshold)) throw new Error('The threshold is NaN: give a number.');
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scoreOfKey(keys[middle]!) > threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * @throws an Error saying that `metric` needs anomalous (and, if `both`, normal) items that the
 * ranking lacks
 */
export function requireClasses({ positives, negatives }: Ranking, metric: string, both: boolean): void {
  if (positives.length === 0) throw new Error(`${metric} needs at least one anomalous item; there is none.`);
  if (both && negatives.length === 0) throw new Error(`${metric} needs at least one normal item; there is none.`);
}
