import { boxesOf, connectedComponents } from '../../metrics/connectedComponents.ts';
import type { NormalRegion } from '../../protocol/inspection.ts';

type Region = NonNullable<NormalRegion['region']>;

/**
 * Bounding boxes, in shares of width and height, of what lies above the pixel threshold; places
 * that touch, corners included, are one.
 * @param grid square, row-major: the detector's own numbers, not what a thumbnail shows of them
 */
export function flaggedRegions(grid: Float32Array, pixelThreshold: number): Region[] {
  const side = Math.sqrt(grid.length);
  const above = Uint8Array.from(grid, (value) => +(value > pixelThreshold));
  return boxesOf(connectedComponents(above, side, side), side).map(({ left, top, right, bottom }) => ({
    left: left / side,
    top: top / side,
    width: (right - left) / side,
    height: (bottom - top) / side,
  }));
}
