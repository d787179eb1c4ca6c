/** A map as a thumbnail shows it: in 256 levels, which end at a multiple of the pixel threshold. */
import type { FloatMap } from './floatMap.ts';
import { shrinkGrid } from './shrink.ts';

/** The highest level is this many times the pixel threshold. */
export const shownThresholds = 3;

/**
 * A map as levels 0 … 255.
 * @param side of the result, [side × side]
 */
export function levelsOf(grid: FloatMap, side: number, pixelThreshold: number): Uint8Array {
  const top = shownThresholds * pixelThreshold;
  const scale = top > 0 ? 255 / top : 0;
  const shown = shrinkGrid(grid, side);
  // It clamps and rounds by itself; `from` would do so through an iterator, several times as slow.
  const out = new Uint8ClampedArray(shown.length);
  for (let i = 0; i < shown.length; i++) out[i] = shown[i]! * scale;
  return new Uint8Array(out.buffer);
}
