/**
 * COCO's run-length code of a mask: lengths of runs of 0, 1, 0, 1 … down the columns, the first run
 * (of 0) may be empty.
 */
export interface Rle {
  /** [height, width] */
  readonly size: readonly [number, number];
  readonly counts: readonly number[];
}

/** @param mask [height, width] row-major, non-zero = defective */
export function encodeRle(mask: Uint8Array, width: number, height: number): Rle {
  const counts: number[] = [];
  let [value, run] = [0, 0];
  for (let x = 0; x < width; x++)
    for (let y = 0; y < height; y++) {
      const here = mask[y * width + x] ? 1 : 0;
      if (here !== value) {
        counts.push(run);
        [value, run] = [here, 0];
      }
      run++;
    }
  counts.push(run);
  return { size: [height, width], counts };
}

/**
 * Adds the code's pixels to `mask` [height, width] row-major.
 * @throws Error where the runs do not fill the size
 */
export function paintRle({ size: [height, width], counts }: Rle, mask: Uint8Array): void {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total !== width * height || !counts.every((count) => Number.isInteger(count) && count >= 0))
    throw new Error(`run lengths add up to ${total}, not to ${width}×${height}`);
  let at = 0;
  counts.forEach((count, i) => {
    if (i % 2 === 1) for (let p = at; p < at + count; p++) mask[(p % height) * width + Math.floor(p / height)] = 1;
    at += count;
  });
}

/**
 * The counts of pycocotools' compressed form: each number in groups of 5 bits (little end first,
 * bit 5 tells that more follow, the last group's bit 4 is the sign) as characters from '0' on; from
 * the third on, the difference to the number two before.
 */
export function decompressCounts(text: string): number[] {
  const counts: number[] = [];
  for (let at = 0; at < text.length;) {
    let [value, shift] = [0, 0];
    let group: number;
    do {
      group = text.charCodeAt(at++) - 48;
      if (!(group >= 0 && group < 64) || shift > 45) throw new Error('compressed run lengths are damaged');
      value += (group & 31) * 2 ** shift;
      shift += 5;
    } while (group & 32);
    if (group & 16) value -= 2 ** shift;
    counts.push(counts.length > 2 ? value + counts[counts.length - 2]! : value);
  }
  return counts;
}

/**
 * Adds a polygon (x, y, x, y … in pixels) to `mask`: pixels whose centre lies inside, by the
 * even-odd rule.
 */
export function paintPolygon(polygon: readonly number[], mask: Uint8Array, width: number, height: number): void {
  const corners = Math.floor(polygon.length / 2);
  for (let y = 0; y < height; y++) {
    const level = y + 0.5;
    const crossings: number[] = [];
    for (let i = 0; i < corners; i++) {
      const next = (i + 1) % corners;
      const [x1, y1, x2, y2] = [polygon[2 * i]!, polygon[2 * i + 1]!, polygon[2 * next]!, polygon[2 * next + 1]!];
      if (y1 <= level !== y2 <= level) crossings.push(x1 + ((level - y1) * (x2 - x1)) / (y2 - y1));
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i]! - 0.5));
      const to = Math.min(width, Math.ceil(crossings[i + 1]! - 0.5));
      for (let x = from; x < to; x++) mask[y * width + x] = 1;
    }
  }
}
