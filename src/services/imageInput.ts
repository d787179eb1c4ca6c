import { float32, type Tensor } from '../graph/tensor.ts';
import type { RgbImage } from './ports.ts';

/** Interleaved RGB images of one size → the detector's input [N, 3, H, W], 0 … 255. */
export function imageInput(images: readonly RgbImage[]): Tensor {
  const { width, height } = images[0]!;
  const pixels = width * height;
  const out = new Float32Array(images.length * 3 * pixels);
  images.forEach(({ data }, at) => {
    const red = at * 3 * pixels;
    const green = red + pixels;
    const blue = green + pixels;
    for (let i = 0, from = 0; i < pixels; i++, from += 3) {
      out[red + i] = data[from]!;
      out[green + i] = data[from + 1]!;
      out[blue + i] = data[from + 2]!;
    }
  });
  return float32(out, [images.length, 3, height, width]);
}
