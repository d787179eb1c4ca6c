import path from 'node:path';
import sharp from 'sharp';
import type { Point } from './anomalyView.ts';

/** Where a defect of the demo set is, in pixels of its image. */
export interface Mask {
  readonly width: number;
  /** Pixels of the defect. */
  readonly area: number;
  /** One of them, about the middle. */
  readonly middle: Point;
  /** Pixels from (x, y) to the nearest of the defect; 0 inside. */
  distanceTo(point: Point): number;
}

/** @param image `stain/002` */
export async function readMask(folder: string, image: string): Promise<Mask> {
  const file = path.join(folder, 'flange/ground_truth', `${image}_mask.png`);
  const { data, info } = await sharp(file).greyscale().raw().toBuffer({ resolveWithObject: true });
  const inside = [...data.keys()].filter((index) => data[index]! > 127);
  const middle = inside[inside.length >> 1]!;
  return {
    width: info.width,
    middle: { x: middle % info.width, y: Math.floor(middle / info.width) },
    area: inside.length,
    distanceTo: ({ x, y }) =>
      inside.reduce(
        (least, index) => Math.min(least, Math.hypot((index % info.width) - x, Math.floor(index / info.width) - y)),
        Infinity,
      ),
  };
}
