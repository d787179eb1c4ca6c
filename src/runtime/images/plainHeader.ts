import type { Size } from '../../services/ports/disk.ts';

/** What the first bytes of an image tell that needs no colour conversion and lies upright. */
export interface PlainHeader extends Size {
  readonly channels: 1 | 3;
}

/** Markers of frames that are Huffman coded with 8 bits: baseline, extended, progressive. */
const frames = [0xc0, 0xc1, 0xc2];
/**
 * Markers that say nothing about the pixels: tables, restarts, JFIF and what is commented. Exif,
 * profiles and Adobe's segment do.
 */
const harmless = [0xc4, 0xdb, 0xdd, 0xe0, 0xfe];

/**
 * Size and channels of a JPEG whose pixels are simply grey or YCbCr: no Exif (which may turn it),
 * no colour profile, no CMYK. Undefined for every other file. Format: ITU T.81, annex B.
 */
export function plainJpeg(bytes: Uint8Array): PlainHeader | undefined {
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

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Chunks before the pixels that change what they mean: transparency, a profile, Exif. */
const meaningful = ['tRNS', 'iCCP', 'cICP', 'eXIf', 'acTL'];

/**
 * Size and channels of a PNG that is 8-bit grey or RGB, not interlaced, without transparency,
 * profile or Exif. Undefined for every other file, and where the pixels begin beyond `bytes`.
 * Format: PNG (Third Edition), W3C.
 */
export function plainPng(bytes: Uint8Array): PlainHeader | undefined {
  if (bytes.length < 33 || pngSignature.some((value, at) => bytes[at] !== value)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colour, interlace] = [bytes[24], bytes[25], bytes[28]];
  if (depth !== 8 || interlace !== 0 || width === 0 || height === 0 || (colour !== 0 && colour !== 2)) return undefined;
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (kind === 'IDAT') return { width, height, channels: colour === 0 ? 1 : 3 };
    if (meaningful.includes(kind)) return undefined;
  }
  return undefined;
}
