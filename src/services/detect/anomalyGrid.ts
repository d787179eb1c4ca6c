import { gridSize } from '../../nferd/detectorModel.ts';
import type { DetectorConfig } from '../../nferd/config.ts';
import type { FloatMap } from '../../maps/floatMap.ts';

/**
 * The grid [side/4, side/4] that a detector enlarged to its map [side, side], for detectors that
 * don't give it: between two grid points the map is a straight line with samples at 1/8 and 3/8, so
 * the point itself is 1.5·a − 0.5·b, up to rounding.
 */
export function gridOfMap(map: Float32Array, config: Pick<DetectorConfig, 'inputSize'>): FloatMap {
  const side = config.inputSize;
  const grid = gridSize(config);
  // The last point's right half is the border repeated: there the last sample is the point.
  const near = (i: number): number => (i === grid - 1 ? side - 1 : 4 * i + 2);
  const far = (i: number): number => (i === grid - 1 ? side - 1 : 4 * i + 3);
  const out = new Float32Array(grid * grid);
  for (let y = 0, at = 0; y < grid; y++) {
    const [upper, lower] = [near(y) * side, far(y) * side];
    for (let x = 0; x < grid; x++, at++) {
      const [left, right] = [near(x), far(x)];
      const above = 1.5 * map[upper + left]! - 0.5 * map[upper + right]!;
      const below = 1.5 * map[lower + left]! - 0.5 * map[lower + right]!;
      out[at] = 1.5 * above - 0.5 * below;
    }
  }
  return { width: grid, height: grid, data: out };
}
