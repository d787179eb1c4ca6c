import type { RgbImage } from '../../services/ports/disk.ts';

/** Per channel: input = (value − mean) / scale, value 0 … 255. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
}

/**
 * Writes `image` [H, W, 3] as normalised [3, H, W] into `out` from `offset` on.
 *
 * @throws RangeError where it doesn't fit
 */
export function writeTensor(image: RgbImage, out: Float32Array, offset: number, { mean, scale }: Normalisation): void {
  const pixels = image.width * image.height;
  if (offset < 0 || offset + 3 * pixels > out.length) {
    throw new RangeError(`${3 * pixels} values do not fit at ${offset} of ${out.length}`);
  }
  for (let c = 0; c < 3; c++) {
    const table = Float32Array.from({ length: 256 }, (_, value) => (value - mean[c]!) / scale[c]!);
    const plane = offset + c * pixels;
    for (let i = 0, from = c; i < pixels; i++, from += 3) out[plane + i] = table[image.data[from]!]!;
  }
}
