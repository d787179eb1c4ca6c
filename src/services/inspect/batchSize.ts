/** Each size runs this often; the first run of a size allocates and does not count. */
const tries = 3;
/** A larger batch must be so much faster: it takes memory and makes others wait. */
const worthIt = 0.97;

/**
 * Finds, while working, the batch size with the most images a second: 1, 2, 4 … until one is no
 * faster than the one before.
 * @param largest never exceeded
 */
export function batchTuner(largest: number) {
  let size = 1;
  let best = { size: 1, msPerImage: Infinity };
  let settled = false;
  let seen: number[] = [];
  return {
    /** Of the next batch. */
    get size(): number {
      return settled ? best.size : size;
    },
    /** To be told how long a batch took. */
    ran(images: number, ms: number): void {
      if (settled || images !== size) return;
      seen.push(ms / images);
      if (seen.length < tries) return;
      const msPerImage = Math.min(...seen.slice(1));
      const better = msPerImage < worthIt * best.msPerImage;
      if (better) best = { size, msPerImage };
      settled = !better || size * 2 > largest;
      size *= 2;
      seen = [];
    },
  };
}
