import sharp from 'sharp';
import { UserError } from '../../services/ports/errors.ts';
import type { Picture, PngOptions, Size } from '../../services/ports/disk.ts';
import { atomicWrite } from '../files/atomicWrite.ts';
import { firstLine } from '../files/fileErrors.ts';
import type { Pixels } from './imageResample.ts';
import { turboJpeg } from './jpeg.ts';

/** Encodes 8-bit grey, RGB or RGBA, or 16-bit grey, as PNG. */
export async function encodePng(picture: Picture, compress = true): Promise<Uint8Array> {
  const { width, height, channels, data, description } = picture;
  if (data.length !== width * height * channels) {
    throw new RangeError(`${data.length} values are not ${width}×${height}×${channels}`);
  }
  const wide = data instanceof Uint16Array;
  if (wide && channels !== 1) throw new RangeError('16 bits are for one channel only');
  let pipeline = sharp(data, { raw: { width, height, channels } });
  if (channels === 1) pipeline = pipeline.toColourspace(wide ? 'grey16' : 'b-w');
  if (description !== undefined) pipeline = pipeline.withExif({ IFD0: { ImageDescription: description } });
  // Higher levels cost more time than what is looked at and can be made again is worth.
  return pipeline.png({ compressionLevel: compress ? 1 : 0 }).toBuffer();
}

/** Encodes as JPEG, `quality` 1 … 100. */
export async function encodeJpeg(pixels: Pixels, quality: number): Promise<Uint8Array> {
  const { data, ...raw } = pixels;
  return (await turboJpeg(pixels, quality)) ?? sharp(data, { raw }).jpeg({ quality }).toBuffer();
}

/**
 * Writes a PNG atomically, as atomicWrite does.
 *
 * @throws UserError
 */
export async function writePng(path: string, picture: Picture, options: PngOptions = {}): Promise<void> {
  const bytes = await encodePng(picture, options.compress).catch((error: unknown) => {
    throw new UserError(`${path}: could not be encoded as PNG (${firstLine(error)}).`, { cause: error });
  });
  await atomicWrite(path, bytes, options);
}

/**
 * A map [H, W] as 16-bit grey: `low` → 0, `high` → 65535, clipped; the description tells how to get
 * the values back.
 */
export function grey16(map: Float32Array, { width, height }: Size, low: number, high: number): Picture {
  const step = (high - low) / 65535;
  const data = Uint16Array.from(map, (value) =>
    step > 0 ? Math.round(Math.min(65535, Math.max(0, (value - low) / step))) : 0,
  );
  return { width, height, channels: 1, data, description: `value = ${low} + pixel * ${step}` };
}
