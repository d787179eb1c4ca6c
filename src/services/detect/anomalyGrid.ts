import { gridSize } from '../../nferd/detectorModel.ts';
import { inputShape, type DetectorConfig } from '../../nferd/config.ts';
import type { FloatMap } from '../../maps/floatMap.ts';

/**
 * The grid [height/4, width/4] that a detector enlarged to its map, for detectors that don't give
 * it: between two grid points the map is a straight line with samples at 1/8 and 3/8, so the point
 * itself is 1.5·a − 0.5·b, up to rounding.
 */
export function gridOfMap(map: Float32Array, config: Pick<DetectorConfig, 'inputSize'>): FloatMap {
  const side = inputShape(config);
  const { width, height } = gridSize(config);
  // The last point's outer half is the border repeated: there the last sample is the point.
  const near = (i: number, count: number): number => (i === count - 1 ? 4 * count - 1 : 4 * i + 2);
  const far = (i: number, count: number): number => (i === count - 1 ? 4 * count - 1 : 4 * i + 3);
  const out = new Float32Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const [upper, lower] = [near(y, height) * side.width, far(y, height) * side.width];
    for (let x = 0; x < width; x++, at++) {
      const [left, right] = [near(x, width), far(x, width)];
      const above = 1.5 * map[upper + left]! - 0.5 * map[upper + right]!;
      const below = 1.5 * map[lower + left]! - 0.5 * map[lower + right]!;
      out[at] = 1.5 * above - 0.5 * below;
    }
  }
  return { width, height, data: out };
}
