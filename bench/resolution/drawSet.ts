import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { defectKinds, type DefectKind } from './defects.ts';
import { drawPart, type PartOptions } from './parts.ts';

export const formats = ['jpg', 'png', 'tif'] as const;
export type Format = (typeof formats)[number];

export interface SetOptions extends Pick<PartOptions, 'width' | 'height' | 'seed' | 'pit'> {
  readonly train: number;
  /** Normal images to test on. */
  readonly normal: number;
  /** Defective ones: pits and scratches in turn. */
  readonly defects: number;
  readonly format: Format;
}

export interface DrawnImage {
  readonly path: string;
  /** Where it is defective. */
  readonly mask?: string;
  /** How many defects it has. */
  readonly defects: number;
}

/**
 * Draws a data set in MVTec AD's layout, masks included.
 * @returns its test images
 */
export async function drawSet(folder: string, options: SetOptions): Promise<DrawnImage[]> {
  const { width, height, train, normal, defects, seed, format } = options;
  const raw = { raw: { width, height, channels: 1 as const }, limitInputPixels: false };
  const write = async (pixels: Uint8Array, coder: Format, ...where: string[]): Promise<string> => {
    const file = path.join(folder, ...where);
    await mkdir(path.dirname(file), { recursive: true });
    await encode[coder](sharp(pixels, raw).toColourspace('b-w')).toFile(file);
    return file;
  };
  let drawn = 0;
  const draw = async (split: string, index: number, kind?: DefectKind): Promise<DrawnImage> => {
    const part = drawPart({ ...options, seed: seed * 100_003 + ++drawn, kind });
    const name = String(index).padStart(3, '0');
    const image = await write(part.grey, format, split, kind ?? 'good', `${name}.${format}`);
    const mask = kind && (await write(part.mask, 'png', 'ground_truth', kind, `${name}_mask.png`));
    return { path: image, ...(mask && { mask }), defects: part.defects.length };
  };
  for (let i = 0; i < train; i++) await draw('train', i);
  const test: DrawnImage[] = [];
  for (let i = 0; i < normal; i++) test.push(await draw('test', i));
  for (let i = 0; i < defects; i++) test.push(await draw('test', i >> 1, defectKinds[i % 2]));
  return test;
}

const encode: Readonly<Record<Format, (picture: Sharp) => Sharp>> = {
  jpg: (picture) => picture.jpeg({ quality: 95 }),
  png: (picture) => picture.png({ compressionLevel: 2 }),
  tif: (picture) => picture.tiff({ compression: 'none' }),
};
