import sharp from 'sharp';
import { UserError } from '../../services/ports/errors.ts';
import type { Size } from '../../services/ports/disk.ts';
import { crc32 } from '../files/crc32.ts';
import { readRegular } from '../files/regularFile.ts';
import { decodeBmp } from './imageBmp.ts';
import { imageError, openImage, reading, type ImageSource } from './imageSource.ts';
import { tiffPalette, type Palette } from './tiff.ts';

/** A mask at its own size: [height, width], 1 where defective. */
export interface MaskPixels extends Size {
  readonly data: Uint8Array;
}

/** Colours of a palette, [entries, 4], and each pixel's index. */
interface Indexed extends Size {
  readonly palette: Uint8Array;
  readonly index: Uint8Array;
}

/** Samples as they are stored, interleaved; the last of each pixel is alpha where `alpha`. */
interface Samples extends Size {
  readonly channels: number;
  readonly alpha: boolean;
  readonly data: Uint8Array | Uint16Array;
}

/**
 * Reads a mask as data, never as a colour (docs/datasets.md): indices of a palette, samples of 8 or
 * 16 bits, or the coverage of a layer. Upright (EXIF).
 * @throws UserError, also where it can be read in more than one way
 */
export async function maskPixels(path: string): Promise<MaskPixels> {
  const source = await openImage(path);
  try {
    const indexed = source.lossy ? undefined : await readIndexed(path);
    if (indexed) return byIndex(path, indexed);
    return bySamples(path, await readSamples(path, source), source.lossy ? 128 : 1);
  } catch (error) {
    throw imageError(path, error);
  }
}

const remedy = 'Save it as a grey PNG, 0 where nothing is defective';

/** Index 0 is what is normal, whatever the colours are: palettes are often left empty. */
function byIndex(path: string, { width, height, palette, index }: Indexed): MaskPixels {
  const used = new Set(index);
  const shows = (entry: number): boolean =>
    palette[4 * entry + 3]! > 0 && Math.max(...palette.subarray(4 * entry, 4 * entry + 3)) > 0;
  const dark = [...used].some((entry) => entry > 0 && !shows(entry));
  const normalShows = used.has(0) ? shows(0) : [...used].some(shows);
  if (dark && normalShows)
    throw new UserError(`${path}: its palette's first colour is not black, another one is. ${remedy}.`);
  return { width, height, data: index.map((entry) => (entry > 0 ? 1 : 0)) };
}

/**
 * Any colour sample from `least` on; of a layer that is transparent somewhere, what covers. A layer
 * that has black and colours on nothing may mean either.
 */
function bySamples(path: string, samples: Samples, least: number): MaskPixels {
  const { width, height, channels, alpha, data } = samples;
  const count = width * height;
  const colours = channels - +alpha;
  const coloured = new Uint8Array(count);
  let faint = false;
  for (let i = 0; i < count; i++)
    for (let c = 0; c < colours; c++) {
      const value = data[i * channels + c]!;
      if (value >= least) coloured[i] = 1;
      else if (value > 0) faint = true;
    }
  if (faint && least > 1 && !coloured.includes(1))
    throw new UserError(`${path}: has only values below ${least}, which a lossy file doesn't keep. ${remedy}.`);
  if (!alpha) return { width, height, data: coloured };
  const covered = new Uint8Array(count);
  for (let i = 0; i < count; i++) covered[i] = +(data[i * channels + colours]! > 0);
  if (covered.every((value, i) => value === covered[0] && data[i * channels + colours] === data[colours])) {
    if (covered[0] === 0 && coloured.includes(1))
      throw new UserError(`${path}: is transparent everywhere, yet has colours. ${remedy}.`);
    return { width, height, data: coloured };
  }
  const hasColour = coloured.includes(1);
  if (hasColour && covered.some((value, i) => value === 1 && coloured[i] === 0))
    throw new UserError(`${path}: has black, colours and transparent places. ${remedy}.`);
  return { width, height, data: covered };
}

async function readSamples(path: string, { lossy, bmp }: ImageSource): Promise<Samples> {
  if (bmp) {
    const { width, height, data } = decodeBmp(await readRegular(path));
    return { width, height, channels: 3, alpha: false, data };
  }
  const input = sharp(path, { ...reading, ignoreIcc: true });
  const { depth, hasAlpha, format } = await input.metadata();
  if (format === 'gif') throw new UserError(`${path}: is a GIF, whose palette can't be read. ${remedy}.`);
  const wide = depth === 'ushort' && !lossy;
  const { data, info } = await input
    .autoOrient()
    .toColourspace(wide ? 'rgb16' : 'srgb')
    .raw({ depth: wide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const samples = wide ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  return { width, height, channels, alpha: hasAlpha, data: samples };
}

/** Undefined where the file has no palette. */
async function readIndexed(path: string): Promise<Indexed | undefined> {
  const bytes = await readRegular(path);
  const bmp = bytes[0] === 0x42 && bytes[1] === 0x4d ? decodeBmp(bytes, true) : undefined;
  if (bmp) return bmp.palette && { ...bmp, palette: bmp.palette, index: bmp.data.filter((_, at) => at % 3 === 0) };
  const palette = pngPalette(bytes) ?? (await tiffPalette(bytes));
  if (!palette) return undefined;
  const { data, info } = await sharp(palette.identity, { ...reading, ignoreIcc: true })
    .autoOrient()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { width, height, palette: palette.colours, index: data.filter((_, at) => at % channels === 0) };
}

const signature = [0x89, 0x50, 0x4e, 0x47];

/** Undefined where `bytes` is no PNG with a palette. Format: PNG (Third Edition), W3C. */
function pngPalette(bytes: Uint8Array): Palette | undefined {
  if (signature.some((value, at) => bytes[at] !== value) || bytes[25] !== 3) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const colours = new Uint8Array(256 * 4).map((_, i) => (i % 4 === 3 ? 255 : 0));
  const entries = 2 ** bytes[24]!;
  const plte = pngChunk(
    'PLTE',
    new Uint8Array(3 * entries).map((_, i) => Math.floor(i / 3)),
  );
  const parts = [bytes.subarray(0, 8)];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (kind === 'PLTE') body.forEach((value, i) => (colours[4 * Math.floor(i / 3) + (i % 3)] = value));
    if (kind === 'tRNS') body.forEach((value, i) => (colours[4 * i + 3] = value));
    if (kind === 'PLTE') parts.push(plte);
    else if (kind !== 'tRNS') parts.push(bytes.subarray(at, at + 12 + length));
    at += 12 + length;
  }
  return { colours, identity: Buffer.concat(parts) };
}

function pngChunk(kind: string, body: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
