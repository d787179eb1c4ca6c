/** Defects as objects: what of an anomaly map lies above the pixel threshold. */
import { connectedComponents } from '../metrics/connectedComponents.ts';
import type { FloatMap, Grid } from './floatMap.ts';
import { outlines } from './outlines.ts';

/** In pixels of the image as it is seen; (0, 0) is the outer corner of its top left pixel. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Positions of an anomaly map above the pixel threshold that touch, corners included. Lengths are
 * in pixels of the image as it is seen.
 */
export interface Region {
  /**
   * [x0, y0, x1, y1, …]: the outer line, where the map, linear between its positions, crosses the
   * threshold.
   */
  readonly polygon: readonly number[];
  /** The lines around what lies below the threshold within it. */
  readonly holes: readonly (readonly number[])[];
  /** Around the polygon. */
  readonly box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  /** Of the polygon without its holes, in square pixels. */
  readonly area: number;
  /** The largest and the mean value of its positions. */
  readonly peak: number;
  readonly mean: number;
  /** The mean place of its positions, and the one of the largest value. */
  readonly centre: Point;
  readonly hottest: Point;
}

/**
 * The regions of an anomaly map above the pixel threshold, the highest peak first; none where
 * nothing lies above it.
 * @param map covers the whole image
 * @param image its size as it is seen
 * @throws RangeError where the threshold is no number: that is a fault, never "nothing found"
 */
export function regionsOf(map: FloatMap, pixelThreshold: number, image: Grid): Region[] {
  if (Number.isNaN(pixelThreshold)) throw new RangeError('A pixel threshold that is no number has no regions.');
  const { width, height, data } = map;
  const above = new Uint8Array(data.length);
  let some = false;
  for (let i = 0; i < data.length; i++) if (data[i]! > pixelThreshold) some = Boolean((above[i] = 1));
  if (!some) return [];

  const { labels, areas } = connectedComponents(above, width, height);
  const drafts = Array.from(areas, (): Draft => ({ sum: 0, x: 0, y: 0, peak: -Infinity, at: 0, rings: [] }));
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const draft = drafts[labels[i]! - 1];
      if (!draft) continue;
      const value = data[i]!;
      draft.sum += value;
      draft.x += x + 0.5;
      draft.y += y + 0.5;
      if (value > draft.peak) [draft.peak, draft.at] = [value, i];
    }
  for (const { points, beside } of outlines(map, pixelThreshold)) {
    const ring = points.map((share, i) => share * (i % 2 ? image.height : image.width));
    drafts[labels[beside]! - 1]!.rings.push(ring);
  }
  const scale = { x: image.width / width, y: image.height / height };
  return drafts
    .map(({ sum, x, y, peak, at, rings }, label) => ({
      ...outlined(rings),
      peak,
      mean: sum / areas[label]!,
      centre: { x: (scale.x * x) / areas[label]!, y: (scale.y * y) / areas[label]! },
      hottest: { x: scale.x * ((at % width) + 0.5), y: scale.y * (Math.floor(at / width) + 0.5) },
    }))
    .sort((a, b) => b.peak - a.peak);
}

/** A region while it is gathered: sums over its positions, in positions. */
interface Draft {
  sum: number;
  x: number;
  y: number;
  peak: number;
  at: number;
  readonly rings: number[][];
}

/** A region's lines: the outer one has the largest area, all others are holes in it. */
function outlined(rings: readonly number[][]): Pick<Region, 'polygon' | 'holes' | 'box' | 'area'> {
  const [outer, ...holes] = rings.map((points) => ({ points, area: enclosed(points) })).sort((a, b) => b.area - a.area);
  const { points: polygon, area } = outer!;
  const [across, down] = [0, 1].map((axis) => spanOf(polygon, axis));
  return {
    polygon,
    holes: holes.map(({ points }) => points),
    box: { left: across!.low, top: down!.low, width: across!.length, height: down!.length },
    area: holes.reduce((rest, hole) => rest - hole.area, area),
  };
}

function spanOf(points: readonly number[], axis: number) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = axis; i < points.length; i += 2) [low, high] = [Math.min(low, points[i]!), Math.max(high, points[i]!)];
  return { low, length: high - low };
}

/** The area within a closed line. */
function enclosed(points: readonly number[]): number {
  let twice = 0;
  for (let i = 0; i < points.length; i += 2) {
    const j = (i + 2) % points.length;
    twice += points[i]! * points[j + 1]! - points[j]! * points[i + 1]!;
  }
  return Math.abs(twice) / 2;
}
