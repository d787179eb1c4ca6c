import { boxesOf, connectedComponents } from '../../metrics/connectedComponents.ts';
import type { FloatMap } from '../../maps/floatMap.ts';
import type { NormalRegion } from '../../protocol/inspection.ts';

type Region = NonNullable<NormalRegion['region']>;

/**
 * Bounding boxes, in shares of width and height, of what lies above the pixel threshold; places
 * that touch, corners included, are one.
 * @param grid the detector's own numbers, not what a thumbnail shows of them
 */
export function flaggedRegions({ width, height, data }: FloatMap, pixelThreshold: number): Region[] {
  const above = Uint8Array.from(data, (value) => +(value > pixelThreshold));
  return boxesOf(connectedComponents(above, width, height), width).map(({ left, top, right, bottom }) => ({
    left: left / width,
    top: top / height,
    width: (right - left) / width,
    height: (bottom - top) / height,
  }));
}
