import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
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

/** Draws a data set in MVTec AD's layout, masks included. */
export async function drawSet(folder: string, options: SetOptions): Promise<void> {
  const { train, normal, defects, seed, format } = options;
  let next = 0;
  const save = async (where: string, index: number, kind?: DefectKind): Promise<void> => {
    const { width, height, grey, mask } = drawPart({ ...options, seed: seed * 100_003 + ++next, kind });
    const raw = { raw: { width, height, channels: 1 as const }, limitInputPixels: false };
    const name = String(index).padStart(3, '0');
    await mkdir(path.join(folder, where), { recursive: true });
    await encode[format](sharp(grey, raw).toColourspace('b-w')).toFile(path.join(folder, where, `${name}.${format}`));
    if (kind === undefined) return;
    const masks = path.join(folder, 'ground_truth', kind);
    await mkdir(masks, { recursive: true });
    await sharp(mask, raw)
      .toColourspace('b-w')
      .png({ compressionLevel: 3 })
      .toFile(path.join(masks, `${name}_mask.png`));
  };
  for (let i = 0; i < train; i++) await save('train/good', i);
  for (let i = 0; i < normal; i++) await save('test/good', i);
  for (let i = 0; i < defects; i++) await save(`test/${defectKinds[i % 2]!}`, Math.floor(i / 2), defectKinds[i % 2]!);
}

const encode: Readonly<Record<Format, (picture: sharp.Sharp) => sharp.Sharp>> = {
  jpg: (picture) => picture.jpeg({ quality: 95 }),
  png: (picture) => picture.png({ compressionLevel: 2 }),
  tif: (picture) => picture.tiff({ compression: 'none' }),
};
