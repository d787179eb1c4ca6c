import sharp from 'sharp';
import type { ImageFile, Images, Mask, RgbImage, Size, Target } from '../../services/ports/disk.ts';
import { contentRect, nearest, pad, resample, type Pixels } from './imageResample.ts';
import { imageError, openImage, type ImageSource } from './imageSource.ts';
import { maskPixels } from './maskPixels.ts';
import { writePng } from './imageWrite.ts';

/**
 * Reads an image as RGB of exactly the size asked for.
 *
 * EXIF rotation is applied, an embedded colour profile and CMYK are converted to sRGB, grey is
 * repeated in all channels, alpha is flattened on white (as viewers show it), 16 bits are scaled
 * from their full range (v / 257). A small plain JPEG is resampled by `resample`, what else shrinks
 * by libvips's antialiased triangle filter, dimension by dimension: both within one grey level of
 * Pillow's and torchvision's antialiased bilinear on photographs. Large JPEGs are shrunk while they
 * are decoded.
 *
 * @throws UserError
 */
export async function readImage(path: string, target: Target): Promise<RgbImage> {
  return fit(path, await openImage(path), target);
}

/** Most pixels that are kept decoded while an image is read at several sizes: 100 MB. */
const maxKeptPixels = 2 ** 25;
/**
 * Most samples of an image that this thread resamples, where no pipeline is needed to decode it:
 * beyond, and where one runs anyway, libvips is the better (`npm run bench:images`).
 */
const maxOwnSamples = 2 ** 19;

/**
 * Opens an image to read it at several sizes, each exactly as readImage does; it is decoded once
 * where that gives the same pixels. A JPEG that libjpeg shrinks while it decodes, a WebP, a picture
 * with alpha, a profile, a rotation or 16 bits, and a very large one are decoded for each size.
 *
 * @throws UserError
 */
export async function open(path: string): Promise<ImageFile> {
  const source = await openImage(path);
  return {
    size: source.size,
    stored: source.stored,
    read(...targets) {
      let pixels: Promise<Pixels> | undefined;
      // As a single read decodes it: libjpeg-turbo's fast transform is for small ones.
      const once = (): Promise<Pixels> =>
        (pixels ??= isSmall(source) ? decode(path, source) : shrink(path, source, source.size));
      // Two steps, of which the second waits for this thread, pay only where the first is shared.
      const shared = targets.filter((target) => takesAllPixels(source, target)).length > 1;
      const read = async (target: Target): Promise<RgbImage> => {
        if (isSmall(source)) return fit(path, { ...source, decode: once }, target);
        if (!shared || !takesAllPixels(source, target)) return fit(path, source, target);
        const { data, ...raw } = await once();
        return fit(path, { ...source, pipeline: () => sharp(data, { raw }) }, target);
      };
      return targets.map(read);
    },
  };
}

/** Reading it at that size is decoding it at its own and shrinking that. */
function takesAllPixels({ plain, shrinksOnLoad, size }: ImageSource, target: Target): boolean {
  const { width, height } = contentRect(size, target);
  const shrunk = shrinksOnLoad && (2 * width <= size.width || 2 * height <= size.height);
  return plain && !shrunk && size.width * size.height <= maxKeptPixels;
}

const isSmall = ({ plain, decode, size, channels }: ImageSource): boolean =>
  plain && decode !== undefined && size.width * size.height * channels <= maxOwnSamples;

async function fit(path: string, source: ImageSource, target: Target): Promise<RgbImage> {
  const content = contentRect(source.size, target);
  const pixels = isSmall(source) ? await decode(path, source) : await shrink(path, source, content);
  const resampled = await resample(pixels, content);
  const { width, height } = target;
  const fills = content.width === width && content.height === height;
  const { stored } = source;
  const image = { width, height, content, original: source.size, ...(stored && { stored }) };
  if (resampled.channels === 3 || !fills) return { ...image, data: pad(rgb(resampled), content, target) };
  let data: Uint8Array | undefined;
  return {
    ...image,
    grey: resampled.data,
    // Who takes the grey values does not pay for three times as many.
    get data() {
      return (data ??= rgb(resampled));
    },
  };
}

/** Reads an image as RGB at its own size, as readImage does. */
export async function readFullImage(path: string): Promise<RgbImage> {
  const pixels = await decode(path, await openImage(path));
  // Not as its header said: another file may have taken its place meanwhile.
  const { width, height } = pixels;
  const size = { width, height };
  return { ...size, data: rgb(pixels), content: { left: 0, top: 0, ...size }, original: size };
}

/** All pixels of an image. */
const decode = async (path: string, source: ImageSource): Promise<Pixels> =>
  (await source.decode?.()) ?? (await shrink(path, source, source.size));

/**
 * Decodes and shrinks each dimension that is larger than `to`; grey where the image is plain and
 * its size stays.
 */
async function shrink(path: string, source: ImageSource, to: Size): Promise<Pixels> {
  const { size, plain } = source;
  const width = Math.min(size.width, to.width);
  const height = Math.min(size.height, to.height);
  const same = width === size.width && height === size.height;
  const pipeline = same
    ? source.pipeline()
    : source.pipeline().resize(width, height, { fit: 'fill', kernel: 'linear' });
  const space = plain && source.channels === 1 ? 'b-w' : 'srgb';
  const { data, info } = await pipeline
    .flatten({ background: '#ffffff' })
    .toColourspace(space)
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw imageError(path, error);
    });
  return { width: info.width, height: info.height, channels: info.channels === 1 ? 1 : 3, data };
}

/** Grey repeated in all channels. */
function rgb({ channels, data }: Pixels): Uint8Array {
  if (channels === 3) return data;
  const out = new Uint8Array(data.length * 3);
  for (let i = 0, at = 0; i < data.length; i++, at += 3) out[at] = out[at + 1] = out[at + 2] = data[i]!;
  return out;
}

/**
 * Reads a ground-truth mask (maskPixels), then resamples it by nearest neighbour, like anomalib;
 * `hasDefect` is taken before.
 *
 * @throws UserError, also where a mask can be read in more than one way
 */
export async function readMask(path: string, target: Target): Promise<Mask> {
  const { width, height, data } = await maskPixels(path);
  const size = { width, height };
  const content = contentRect(size, target);
  return {
    width: target.width,
    height: target.height,
    data: nearest(data, size, target, content),
    hasDefect: data.includes(1),
    content,
    original: size,
  };
}

/** Images on the local disk, by sharp. */
export const images: Images = { open, readImage, readMask, readFullImage, writePng };
