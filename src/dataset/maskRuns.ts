/**
 * A mask as it passes between processes: lengths of runs, row by row, of 0 and 1 in turn, 0 first.
 */
export interface MaskRuns {
  readonly width: number;
  readonly height: number;
  readonly runs: Uint32Array;
}

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
export function unpackMask({ width, height, runs }: MaskRuns): Uint8Array {
  const mask = new Uint8Array(width * height);
  let at = 0;
  runs.forEach((length, index) => {
    if (index % 2) mask.fill(1, at, at + length);
    at += length;
  });
  if (at !== mask.length) throw new Error(`mask: runs of ${at} pixels for ${width} × ${height}`);
  return mask;
}
