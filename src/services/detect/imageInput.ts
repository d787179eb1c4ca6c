import { float32, type Tensor } from '../../graph/tensor.ts';
import type { RgbImage } from '../ports/disk.ts';

/**
 * Interleaved RGB images of one size → the detector's input [N, 3, H, W], 0 … 255.
 * @param into the buffer of an earlier input that is not needed any more; used where it is large
 * enough
 */
export function imageInput(images: readonly RgbImage[], into?: ArrayBufferLike): Tensor {
  const { width, height } = images[0]!;
  const pixels = width * height;
  const length = images.length * 3 * pixels;
  const fits = into && into.byteLength >= length * Float32Array.BYTES_PER_ELEMENT;
  const out = fits ? new Float32Array(into, 0, length) : new Float32Array(length);
  images.forEach((image, at) => {
    const { grey } = image;
    const red = at * 3 * pixels;
    const green = red + pixels;
    const blue = green + pixels;
    if (grey) {
      for (const channel of [red, green, blue]) out.set(grey, channel);
      return;
    }
    const { data } = image;
    for (let i = 0, from = 0; i < pixels; i++, from += 3) {
      out[red + i] = data[from]!;
      out[green + i] = data[from + 1]!;
      out[blue + i] = data[from + 2]!;
    }
  });
  return float32(out, [images.length, 3, height, width]);
}
