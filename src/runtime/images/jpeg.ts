import type * as Turbo from '@julusian/jpeg-turbo';
import { createRequire } from 'node:module';
import type { Pixels } from './imageResample.ts';
import type { PlainHeader } from './plainHeader.ts';

/**
 * Undefined where the package has no binary for this platform: everything works without it, at
 * libvips's speed.
 */
const turbo = (() => {
  try {
    return createRequire(import.meta.url)('@julusian/jpeg-turbo') as typeof Turbo;
  } catch {
    return undefined;
  }
})();

/**
 * Decodes a plain JPEG beside this thread, for a small one well before a libvips pipeline would be
 * done (`npm run bench:images`). libjpeg-turbo's fast inverse cosine transform: within a grey level
 * or two of the exact one, less than the JPEG itself loses.
 *
 * @returns undefined where it can't be decoded; libvips tells why
 */
export async function decodeJpeg(
  bytes: Uint8Array,
  { width, height, channels }: PlainHeader,
): Promise<Pixels | undefined> {
  if (!turbo) return undefined;
  const format = channels === 1 ? turbo.FORMAT_GRAY : turbo.FORMAT_RGB;
  try {
    const raw = await turbo.decompress(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), { format });
    // Another size than a moment ago: the file was replaced meanwhile.
    return raw.width === width && raw.height === height ? { width, height, channels, data: raw.data } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Encodes as JPEG of `quality` 1 … 100, beside this thread.
 * @returns undefined where libvips must do it
 */
export async function turboJpeg(pixels: Pixels, quality: number): Promise<Uint8Array | undefined> {
  if (!turbo) return undefined;
  const { width, height, channels, data } = pixels;
  const [format, subsampling] =
    channels === 1 ? [turbo.FORMAT_GRAY, turbo.SAMP_GRAY] : [turbo.FORMAT_RGB, turbo.SAMP_420];
  const raw = Buffer.from(data.buffer, data.byteOffset, data.length);
  return turbo.compress(raw, { width, height, format, subsampling, quality });
}
