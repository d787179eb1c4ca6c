import type * as Turbo from '@julusian/jpeg-turbo';
import { createRequire } from 'node:module';
import type { Size } from '../services/ports.ts';
import type { Pixels } from './imageResample.ts';

/** Undefined where the package has no binary for this platform: everything works without it, at libvips's speed. */
const turbo = (() => {
  try {
    return createRequire(import.meta.url)('@julusian/jpeg-turbo') as typeof Turbo;
  } catch {
    return undefined;
  }
})();

export interface JpegHeader extends Size {
  readonly channels: 1 | 3;
}

/** Markers of frames that are Huffman coded with 8 bits: baseline, extended, progressive. */
const frames = [0xc0, 0xc1, 0xc2];
/** Markers that say nothing about the pixels: tables, restarts, JFIF and what is commented. Exif, profiles and Adobe's segment do. */
const harmless = [0xc4, 0xdb, 0xdd, 0xe0, 0xfe];

/**
 * Size and channels of a JPEG whose pixels are simply grey or YCbCr: no Exif (which may turn it), no colour profile, no CMYK. Undefined for
 * every other file. Format: ITU T.81, annex B.
 */
export function plainJpeg(bytes: Uint8Array): JpegHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 10 <= bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (frames.includes(marker)) {
      const [precision, height, width, channels] = [
        bytes[at + 4],
        view.getUint16(at + 5),
        view.getUint16(at + 7),
        bytes[at + 9],
      ];
      const known = precision === 8 && height > 0 && width > 0 && (channels === 1 || channels === 3);
      return known ? { width, height, channels } : undefined;
    }
    if (!harmless.includes(marker)) return undefined;
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/**
 * Decodes a plain JPEG beside this thread, a quarter of the time that a libvips pipeline takes for a small one. libjpeg-turbo's fast inverse
 * cosine transform: within a grey level or two of the exact one, less than the JPEG itself loses.
 *
 * @returns undefined where it can't be decoded; libvips tells why
 */
export async function decodeJpeg(
  bytes: Uint8Array,
  { width, height, channels }: JpegHeader,
): Promise<Pixels | undefined> {
  if (!turbo) return undefined;
  const format = channels === 1 ? turbo.FORMAT_GRAY : turbo.FORMAT_RGB;
  try {
    const { data } = await turbo.decompress(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), { format });
    return { width, height, channels, data };
  } catch {
    return undefined;
  }
}

/** Encodes pixels as JPEG of `quality` 1 … 100, beside this thread. @returns undefined where libvips must do it */
export async function turboJpeg(pixels: Pixels, quality: number): Promise<Uint8Array | undefined> {
  if (!turbo) return undefined;
  const { width, height, channels, data } = pixels;
  const [format, subsampling] =
    channels === 1 ? [turbo.FORMAT_GRAY, turbo.SAMP_GRAY] : [turbo.FORMAT_RGB, turbo.SAMP_420];
  const raw = Buffer.from(data.buffer, data.byteOffset, data.length);
  return turbo.compress(raw, { width, height, format, subsampling, quality });
}
