/**
 * A mask as it passes between processes: lengths of runs, row by row, of 0 and 1 in turn, 0 first.
 */
export interface MaskRuns {
  readonly width: number;
  readonly height: number;
  readonly runs: Uint32Array;
}

/** The same as JSON has it, or as it passes between processes. */
export type AnyRuns = Omit<MaskRuns, 'runs'> & { readonly runs: ArrayLike<number> };

/** @param mask [height, width], 1 = defective */
export function packMask(width: number, height: number, mask: Uint8Array): MaskRuns {
  const runs: number[] = [];
  let value = 0;
  for (let at = 0; at < mask.length;) {
    const found = mask.indexOf(value ? 0 : 1, at);
    const end = found < 0 ? mask.length : found;
    runs.push(end - at);
    value ^= 1;
    at = end;
  }
  return { width, height, runs: Uint32Array.from(runs) };
}

/** [height, width] @throws Error where the runs don't fill the mask */
export function unpackMask({ width, height, runs }: AnyRuns): Uint8Array {
  const mask = new Uint8Array(width * height);
  let at = 0;
  for (let index = 0; index < runs.length; index++) {
    const length = runs[index]!;
    if (index % 2) mask.fill(1, at, at + length);
    at += length;
  }
  if (at !== mask.length) throw new Error(`mask: runs of ${at} pixels for ${width} × ${height}`);
  return mask;
}

/** The share of a mask's pixels that are 1. */
export function maskShare({ width, height, runs }: AnyRuns): number {
  let ones = 0;
  for (let index = 1; index < runs.length; index += 2) ones += runs[index]!;
  return ones / (width * height);
}

/**
 * The mask at another size: nearest neighbour, pixel centres aligned.
 * @returns [size.height, size.width]
 */
export function maskAt(mask: AnyRuns, size: { readonly width: number; readonly height: number }): Uint8Array {
  const data = unpackMask(mask);
  const place = (at: number, from: number, to: number): number => Math.floor(((at + 0.5) * from) / to);
  const columns = Int32Array.from({ length: size.width }, (_, x) => place(x, mask.width, size.width));
  const out = new Uint8Array(size.width * size.height);
  for (let y = 0, at = 0; y < size.height; y++) {
    const row = place(y, mask.height, size.height) * mask.width;
    for (const column of columns) out[at++] = data[row + column]!;
  }
  return out;
}
