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

/** Outlines are followed in steps of 1 / fine of a pixel. */
const fine = 5;

/**
 * Adds a polygon (x, y, x, y … in pixels) to `mask`, as pycocotools draws it (its `rleFrPoly`): its
 * outline on a grid five times as fine, of which each column's crossings are rounded to pixels.
 */
export function paintPolygon(polygon: readonly number[], mask: Uint8Array, width: number, height: number): void {
  const [u, v] = outline(polygon);
  const crossings: number[] = [];
  for (let j = 1; j < u.length; j++) {
    if (u[j] === u[j - 1]) continue;
    const x = ((u[j]! < u[j - 1]! ? u[j]! : u[j]! - 1) + 0.5) / fine - 0.5;
    if (!Number.isInteger(x) || x < 0 || x > width - 1) continue;
    const y = (Math.min(v[j]!, v[j - 1]!) + 0.5) / fine - 0.5;
    crossings.push(x * height + Math.ceil(Math.min(Math.max(y, 0), height)));
  }
  crossings.push(width * height);
  crossings.sort((a, b) => a - b);
  for (let i = 0; i + 1 < crossings.length; i += 2)
    for (let at = crossings[i]!; at < crossings[i + 1]!; at++)
      mask[(at % height) * width + Math.floor(at / height)] = 1;
}

/** Points of a closed polygon's outline on the fine grid, corner to corner. */
function outline(polygon: readonly number[]): readonly [u: number[], v: number[]] {
  const corners = Math.floor(polygon.length / 2);
  const x = Array.from({ length: corners + 1 }, (_, j) => Math.trunc(fine * polygon[2 * (j % corners)]! + 0.5));
  const y = Array.from({ length: corners + 1 }, (_, j) => Math.trunc(fine * polygon[2 * (j % corners) + 1]! + 0.5));
  const [u, v]: [number[], number[]] = [[], []];
  for (let j = 0; j < corners; j++) {
    const [dx, dy] = [Math.abs(x[j + 1]! - x[j]!), Math.abs(y[j + 1]! - y[j]!)];
    const flat = dx >= dy;
    const steps = flat ? dx : dy;
    // Along the longer side, always in the same direction, so that both ways round give the same.
    const back = flat ? x[j]! > x[j + 1]! : y[j]! > y[j + 1]!;
    const [from, to] = back ? [j + 1, j] : [j, j + 1];
    const slope = steps === 0 ? 0 : (flat ? y[to]! - y[from]! : x[to]! - x[from]!) / steps;
    for (let d = 0; d <= steps; d++) {
      const t = back ? steps - d : d;
      u.push(flat ? t + x[from]! : Math.trunc(x[from]! + slope * t + 0.5));
      v.push(flat ? Math.trunc(y[from]! + slope * t + 0.5) : t + y[from]!);
    }
  }
  return [u, v];
}
