import type { Extent } from './viewport.ts';

/** A part of a picture, in its pixels. */
export interface Tile extends Extent {
  readonly left: number;
  readonly top: number;
}

/** Below this many pixels the browser's own scaling is fast enough. */
const smallEnough = 1e6;
const smallestSide = 512;
const tileSide = 1024;

/**
 * The sizes at which a picture is kept: its own, then halves down to about 512 a side; only its own
 * where it is small.
 */
export function pyramidSizes({ width, height }: Extent): Extent[] {
  const sizes = [{ width, height }];
  if (width * height <= smallEnough) return sizes;
  for (let size = sizes[0]!; Math.max(size.width, size.height) > smallestSide;) {
    size = { width: Math.ceil(size.width / 2), height: Math.ceil(size.height / 2) };
    sizes.push(size);
  }
  return sizes;
}

/** A picture's tiles, row by row; one where it is little larger than a tile. */
export function tilesOf({ width, height }: Extent): Tile[] {
  if (width * height <= 2 * tileSide ** 2) return [{ left: 0, top: 0, width, height }];
  const steps = (size: number) => Array.from({ length: Math.ceil(size / tileSide) }, (_, index) => index * tileSide);
  return steps(height).flatMap((top) =>
    steps(width).map((left) => ({
      left,
      top,
      width: Math.min(tileSide, width - left),
      height: Math.min(tileSide, height - top),
    })),
  );
}

export const visibleTiles = <T extends Tile>(tiles: readonly T[], seen: Tile): T[] =>
  tiles.filter(
    ({ left, top, width, height }) =>
      left < seen.left + seen.width &&
      left + width > seen.left &&
      top < seen.top + seen.height &&
      top + height > seen.top,
  );
