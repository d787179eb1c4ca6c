import { float32, type Tensor } from '../../graph/tensor.ts';
import type { RgbImage } from '../ports/disk.ts';

/** Of a pixel that is no image, in each channel. */
const noImage = -1;

/**
 * Interleaved RGB images of one size → the detector's input [N, 3, H, W], 0 … 255; negative where
 * an image was padded, for detectors whose configuration says `padded`.
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
    const { left, top, width: across, height: down } = image.content;
    if (across === width && down === height) return;
    for (let i = 0; i < pixels; i++) {
      const [x, y] = [(i % width) - left, Math.floor(i / width) - top];
      if (x < 0 || x >= across || y < 0 || y >= down) out[red + i] = out[green + i] = out[blue + i] = noImage;
    }
  });
  return float32(out, [images.length, 3, height, width]);
}
