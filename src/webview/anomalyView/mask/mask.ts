import type { FloatMap } from '../../../maps/floatMap.ts';
import type { Extent } from '../image/viewport.ts';
import type { Point } from '../stage/pointerTool.ts';

/** Which pixels are defective: [height, width], 1 or 0. */
export interface Mask extends Extent {
  readonly data: Uint8Array;
}

/** Whole pixels [left, right) × [top, bottom). */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Sets the pixels of one row from `from` up to, not including, `to`. */
export type SetRow = (y: number, from: number, to: number) => void;

/** The part of an area that lies in a mask of this size; undefined where none does. */
export function clip({ left, top, right, bottom }: Area, { width, height }: Extent): Area | undefined {
  const area = {
    left: Math.max(0, Math.floor(left)),
    top: Math.max(0, Math.floor(top)),
    right: Math.min(width, Math.ceil(right)),
    bottom: Math.min(height, Math.ceil(bottom)),
  };
  return area.left < area.right && area.top < area.bottom ? area : undefined;
}

/** What a stroke may touch. */
export const strokeArea = (from: Point, to: Point, radius: number): Area => ({
  left: Math.min(from.x, to.x) - radius - 1,
  top: Math.min(from.y, to.y) - radius - 1,
  right: Math.max(from.x, to.x) + radius + 1,
  bottom: Math.max(from.y, to.y) + radius + 1,
});

/**
 * The pixels whose centre is at most `radius` from the line between two points, row by row; at
 * least the pixel under the first. A stroke is convex, so that each of its rows is one run.
 */
export function strokeRows(from: Point, to: Point, radius: number, area: Area, set: SetRow): void {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length2 = dx * dx + dy * dy;
  const inside = (x: number, y: number): boolean => {
    const along = length2 ? Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length2)) : 0;
    return Math.hypot(x - from.x - along * dx, y - from.y - along * dy) <= radius;
  };
  for (let y = area.top; y < area.bottom; y++) {
    let start = area.left;
    while (start < area.right && !inside(start + 0.5, y + 0.5)) start++;
    let end = area.right;
    while (end > start && !inside(end - 0.5, y + 0.5)) end--;
    if (start < end) set(y, start, end);
  }
  const [x, y] = [Math.floor(from.x), Math.floor(from.y)];
  if (x >= area.left && x < area.right && y >= area.top && y < area.bottom) set(y, x, x + 1);
}

export const polygonArea = (points: readonly Point[]): Area => ({
  left: Math.min(...points.map(({ x }) => x)),
  top: Math.min(...points.map(({ y }) => y)),
  right: Math.max(...points.map(({ x }) => x)),
  bottom: Math.max(...points.map(({ y }) => y)),
});

/** The pixels whose centre lies in a polygon, by the even-odd rule. */
export function polygonRows(points: readonly Point[], area: Area, set: SetRow): void {
  for (let row = area.top; row < area.bottom; row++) {
    const y = row + 0.5;
    const crossings: number[] = [];
    points.forEach((a, index) => {
      const b = points[(index + 1) % points.length]!;
      // Half open, so that a corner counts once.
      if (a.y <= y !== b.y <= y) crossings.push(a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x));
    });
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(area.left, Math.ceil(crossings[i]! - 0.5));
      const to = Math.min(area.right, Math.ceil(crossings[i + 1]! - 0.5));
      if (from < to) set(row, from, to);
    }
  }
}

/**
 * The pixels where the map, bilinear between the centres of its positions, is above `level`: what
 * the contour encloses.
 */
export function regionRows(map: FloatMap, level: number, { width, height }: Extent, set: SetRow): void {
  const across = places(width, map.width);
  const down = places(height, map.height);
  const line = new Float32Array(map.width);
  for (let y = 0; y < height; y++) {
    const { low, high, part } = down[y]!;
    let most = -Infinity;
    for (let x = 0; x < map.width; x++) {
      const [a, b] = [map.data[low * map.width + x]!, map.data[high * map.width + x]!];
      line[x] = a + part * (b - a);
      if (line[x]! > most) most = line[x]!;
    }
    if (!(most > level)) continue;
    let start = -1;
    for (let x = 0; x < width; x++) {
      const { low: x0, high: x1, part: u } = across[x]!;
      const above = line[x0]! + u * (line[x1]! - line[x0]!) > level;
      if (above && start < 0) start = x;
      if (!above && start >= 0) {
        set(y, start, x);
        start = -1;
      }
    }
    if (start >= 0) set(y, start, width);
  }
}

/**
 * For each of `to` pixels the two positions of `from` around its centre, and how far it is from the
 * first to the second.
 */
function places(to: number, from: number) {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, from - 1), part: place - low };
  });
}
