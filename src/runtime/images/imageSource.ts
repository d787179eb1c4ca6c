import sharp, { type Sharp } from 'sharp';
import { UserError } from '../../services/ports/errors.ts';
import type { Size } from '../../services/ports/disk.ts';
import { fileError, firstLine } from '../files/fileErrors.ts';
import { decodeBmp } from './imageBmp.ts';
import type { Pixels } from './imageResample.ts';
import { decodeJpeg } from './jpeg.ts';
import { plainJpeg, plainPng, type PlainHeader } from './plainHeader.ts';
import { tiffPictures } from './tiff.ts';
import { openRegular, readRegular } from '../files/regularFile.ts';

// One thread an image and no cache: callers read several images at once, and each is read once.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Most pixels of an image that libvips can decode row by row (PNG, JPEG, TIFF): time, not memory,
 * sets the bound.
 */
const maxStreamedPixels = 2 ** 30;
/**
 * Most pixels of an image that must be decoded as a whole (interlaced PNG, progressive JPEG, WebP):
 * about 1 GB at 4 bytes.
 */
const maxWholePixels = 2 ** 28;

/** Enough for the header of a JPEG, and for all of a small one. */
const startBytes = 2 ** 16;
/** How sharp opens files. */
export const reading = { limitInputPixels: maxStreamedPixels, sequentialRead: true, failOn: 'error' } as const;

export interface ImageSource {
  /** EXIF rotation applied. */
  readonly size: Size;
  /** As it is stored, where EXIF turns or mirrors it. */
  readonly stored?: Size;
  /** JPEG or WebP with loss: masks stored so have noise around zero. */
  readonly lossy: boolean;
  /**
   * 8-bit grey or RGB, upright, without alpha or colour profile, no WebP (which libwebp scales):
   * resampling its decoded pixels is resampling the file.
   */
  readonly plain: boolean;
  /** Decoded as a whole by decodeBmp. */
  readonly bmp?: boolean;
  /** A JPEG: decoded at a half, a quarter or an eighth of its size where that is enough. */
  readonly shrinksOnLoad: boolean;
  /** Of a plain one. */
  readonly channels: 1 | 3;
  /**
   * Its pixels, where there is a faster way to them than the pipeline. Undefined where it fails:
   * then the pipeline says why.
   */
  decode?(): Promise<Pixels | undefined>;
  /** A new pipeline that yields the picture upright. */
  pipeline(): Sharp;
}

/**
 * Opens an image: PNG, JPEG, TIFF, WebP, GIF and what else sharp reads, of one page or frame; BMP by
 * our own decoder. The content decides, not the name.
 *
 * @throws UserError
 */
export async function openImage(path: string): Promise<ImageSource> {
  const start = await readStart(path);
  const jpeg = plainJpeg(start);
  if (jpeg && jpeg.width * jpeg.height <= maxWholePixels) {
    const decode = async (): Promise<Pixels | undefined> =>
      decodeJpeg(start.length < startBytes ? start : await readRegular(path), jpeg);
    return { ...openPlain(path, jpeg), lossy: true, shrinksOnLoad: true, decode };
  }
  const png = plainPng(start);
  if (png && png.width * png.height <= maxStreamedPixels) return openPlain(path, png);
  const head = start.subarray(0, 64);
  if (head.length === 0) throw new UserError(`${path}: is empty (0 bytes). Copy it again from its source.`);
  if (head[0] === 0x42 && head[1] === 0x4d && !isText(head)) return openBmp(path);
  if (isText(head))
    throw new UserError(`${path}: is a text file, not an image. Remove it or replace it with the image.`);
  const input = sharp(path, reading);
  const metadata = await input.metadata().catch((error: unknown) => {
    throw imageError(path, error);
  });
  const { format, depth, autoOrient: size, pages = 1 } = metadata;
  const pictures = pages > 1 && format === 'tiff' ? await countPictures(path) : pages;
  if (pictures > 1)
    throw new UserError(
      `${path}: holds ${pictures} ${format === 'tiff' ? 'pages' : 'frames'}, and only one image a file is looked at. ` +
        'Split it into files of one each.',
    );
  const pixels = size.width * size.height;
  if (pixels > maxWholePixels && (metadata.isProgressive || format === 'webp')) {
    throw new UserError(
      `${path}: ${size.width}×${size.height} pixels are too many for an image stored like this. Save it ` +
        'as a baseline JPEG or a PNG without interlace, or scale it down.',
    );
  }
  if (depth !== 'uchar' && depth !== 'ushort') {
    throw new UserError(
      `${path}: has ${depth} pixels, which have no fixed range. Save it with 8 or 16 bits a channel.`,
    );
  }
  const { orientation = 1, hasAlpha, hasProfile, space } = metadata;
  return {
    size,
    ...(orientation > 1 && { stored: { width: metadata.width, height: metadata.height } }),
    lossy: format === 'jpeg' || isLossyWebp(start),
    plain:
      depth === 'uchar' &&
      orientation === 1 &&
      !hasAlpha &&
      !hasProfile &&
      format !== 'webp' &&
      ['srgb', 'b-w'].includes(space),
    shrinksOnLoad: format === 'jpeg',
    channels: space === 'b-w' ? 1 : 3,
    pipeline: () => input.clone().autoOrient(),
  };
}

/** Has a chunk of VP8, not of VP8L, which is lossless. Format: RFC 9649. */
function isLossyWebp(bytes: Uint8Array): boolean {
  const text = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (text(0) !== 'RIFF' || text(8) !== 'WEBP') return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length; at += 8 + 2 * Math.ceil(view.getUint32(at + 4, true) / 2))
    if (text(at).startsWith('VP8') && text(at) !== 'VP8X') return text(at) === 'VP8 ';
  return true;
}

/** Pages of a TIFF; what is only a smaller version of one doesn't count. */
async function countPictures(path: string): Promise<number> {
  const file = await openRegular(path);
  try {
    return await tiffPictures(async (at, length) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    });
  } finally {
    await file.close();
  }
}

/** What needn't be asked of libvips. */
function openPlain(path: string, { width, height, channels }: PlainHeader): ImageSource {
  const input = sharp(path, reading);
  const size = { width, height };
  return { size, channels, lossy: false, plain: true, shrinksOnLoad: false, pipeline: () => input.clone() };
}

async function openBmp(path: string): Promise<ImageSource> {
  try {
    const { width, height, data } = decodeBmp(await readRegular(path));
    const raw = { raw: { width, height, channels: 3 } } as const;
    return {
      size: { width, height },
      bmp: true,
      lossy: false,
      plain: true,
      shrinksOnLoad: false,
      channels: 3,
      decode: () => Promise.resolve({ width, height, channels: 3, data }),
      pipeline: () => sharp(data, raw),
    };
  } catch (error) {
    throw imageError(path, error);
  }
}

/** The file's first bytes, and all of them if they are fewer. */
async function readStart(path: string): Promise<Uint8Array> {
  try {
    const file = await openRegular(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(startBytes), 0, startBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/** Printable bytes only, or UTF-8 beyond them: no image format that we read begins so. */
function isText(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head, { stream: true });
  // eslint-disable-next-line no-control-regex
  return !/[\0-\x08\x0e-\x1f\ufffd]/.test(text);
}

/** What a decoder's error means to the user. */
const causes: readonly [pattern: RegExp, message: string][] = [
  [/pixel limit|more than a BMP/i, 'has too many pixels (2^30 at most; 2^27 for a BMP). Scale it down.'],
  [/compression|not supported/i, 'is stored in a way that is not supported. Save it as PNG.'],
  [
    /unsupported image format/i,
    'is damaged or not an image of a supported kind. Save it as PNG, JPEG, TIFF, WebP or BMP.',
  ],
];

/** The UserError for an image that could not be decoded. */
export function imageError(path: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  if (error instanceof Error && 'code' in error) return fileError('read', path, error);
  const known = causes.find(([pattern]) => pattern.test(firstLine(error)))?.[1];
  const message = known ?? `is truncated or damaged (${firstLine(error)}). Copy it again from its source.`;
  return new UserError(`${path}: ${message}`, { cause: error });
}
