import sharp from 'sharp';
import type { ImageFile, Images, Mask, RgbImage, Size, Target } from '../services/ports.ts';
import { contentRect, enlarge, nearest, pad } from './imageResample.ts';
import { imageError, openImage, type ImageSource } from './imageSource.ts';
import { writePng } from './imageWrite.ts';

/**
 * Reads an image as RGB of exactly the size asked for.
 *
 * EXIF rotation is applied, an embedded colour profile and CMYK are converted to sRGB, grey is repeated in all channels, alpha is
 * flattened on white (as viewers show it), 16 bits are scaled from their full range (v / 257). Each dimension that shrinks goes
 * through libvips's antialiased triangle filter, each that grows through `enlarge`: together within one grey level of
 * Pillow's and torchvision's antialiased bilinear on photographs. JPEGs are shrunk while they are decoded.
 *
 * @throws UserError
 */
export async function readImage(path: string, target: Target): Promise<RgbImage> {
  return fit(path, await openImage(path), target);
}

/** Most pixels that are kept decoded while an image is read at several sizes: 100 MB. */
const maxKeptPixels = 2 ** 25;

/**
 * Opens an image to read it at several sizes, each exactly as readImage does; it is decoded once where that gives the same pixels.
 * A JPEG that libjpeg shrinks while it decodes, a WebP, a picture with alpha, a profile, a rotation or 16 bits, and a very large one are
 * decoded for each size.
 *
 * @throws UserError
 */
export async function open(path: string): Promise<ImageFile> {
  const source = await openImage(path);
  const { size, plain, shrinksOnLoad } = source;
  let decoded: Promise<ImageSource> | undefined;
  return {
    size,
    async read(target) {
      const { width, height } = contentRect(size, target);
      const shrunk = shrinksOnLoad && (2 * width <= size.width || 2 * height <= size.height);
      if (!plain || shrunk || size.width * size.height > maxKeptPixels) return fit(path, source, target);
      return fit(path, await (decoded ??= decode(path, source)), target);
    },
  };
}

/** The same image with its pixels in memory. */
async function decode(path: string, source: ImageSource): Promise<ImageSource> {
  const { width, height, data } = await shrink(path, source, source.size);
  return { ...source, pipeline: () => sharp(data, { raw: { width, height, channels: 3 } }) };
}

async function fit(path: string, source: ImageSource, target: Target): Promise<RgbImage> {
  const content = contentRect(source.size, target);
  const data = enlargeFrom(await shrink(path, source, content), content);
  return {
    width: target.width,
    height: target.height,
    data: pad(data, content, target),
    content,
    original: source.size,
  };
}

/** Reads an image as RGB at its own size, as readImage does. */
export async function readFullImage(path: string): Promise<RgbImage> {
  const source = await openImage(path);
  const { data } = await shrink(path, source, source.size);
  return { ...source.size, data, content: { left: 0, top: 0, ...source.size }, original: source.size };
}

interface Pixels extends Size {
  readonly data: Uint8Array;
}

const enlargeFrom = (pixels: Pixels, to: Size): Uint8Array => enlarge(pixels.data, pixels, to);

/** Decodes to RGB and shrinks each dimension that is larger than `to`. */
async function shrink(path: string, source: ImageSource, to: Size): Promise<Pixels> {
  const { size } = source;
  const pipeline = source.pipeline();
  const width = Math.min(size.width, to.width);
  const height = Math.min(size.height, to.height);
  const resized =
    width === size.width && height === size.height
      ? pipeline
      : pipeline.resize(width, height, { fit: 'fill', kernel: 'linear' });
  const { data, info } = await resized
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw imageError(path, error);
    });
  return { width, height, data: info.channels === 3 ? data : firstChannelThrice(data, info.channels) };
}

function firstChannelThrice(data: Uint8Array, channels: number): Uint8Array {
  const out = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < out.length; i++) out[i] = data[Math.floor(i / 3) * channels]!;
  return out;
}

/**
 * Reads a ground-truth mask. A pixel is defective where any channel is above 0 (as anomalib reads it: VisA's masks hold small
 * class numbers, the others' 255), in a JPEG from 128 on (its noise around 0 means nothing). Resampled by nearest
 * neighbour after that, like anomalib; `hasDefect` is taken before.
 *
 * @throws UserError
 */
export async function readMask(path: string, target: Target): Promise<Mask> {
  const source = await openImage(path);
  const { data, width, height } = await shrink(path, source, source.size);
  const threshold = source.lossy ? 128 : 1;
  const defect = new Uint8Array(width * height);
  for (let i = 0; i < defect.length; i++) {
    defect[i] = Math.max(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!) >= threshold ? 1 : 0;
  }
  const content = contentRect(source.size, target);
  return {
    width: target.width,
    height: target.height,
    data: nearest(defect, source.size, target, content),
    hasDefect: defect.includes(1),
    content,
    original: source.size,
  };
}

/** Images on the local disk, by sharp. */
export const images: Images = { open, readImage, readMask, readFullImage, writePng };
