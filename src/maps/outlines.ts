/** Where a map crosses a level, as closed lines. */
import type { FloatMap } from './floatMap.ts';

export interface Outline {
  /**
   * [x0, y0, x1, y1, …] in shares of the map's width and height (0 … 1). What lies above the level
   * is on the left of the line as it is seen: around a hole it runs clockwise.
   */
  readonly points: readonly number[];
  /** A position above the level beside the line: its index in the map's data. */
  readonly beside: number;
}

/**
 * Marching squares between the centres of positions. Where positions above the level touch at a
 * corner only, they are joined: as many outer lines as 8-connected regions. The map is continued
 * outwards by its border, and lines close along the border.
 */
export function outlines(map: FloatMap, level: number): Outline[] {
  const corners = framed(map);
  const next = crossings(corners, level);
  const found: Outline[] = [];
  for (const first of next.keys()) {
    const points: number[] = [];
    let edge = first;
    do {
      const { x, y, share, down } = placeOn(edge, corners, level);
      points.push(shareOf(x + (down ? 0 : share), map.width), shareOf(y + (down ? share : 0), map.height));
      const following = next.get(edge)!;
      next.delete(edge);
      edge = following;
    } while (edge !== first);
    found.push({ points: withoutIdle(points), beside: besideOf(first, corners, level) });
  }
  return found;
}

/** A map with its border once more around it, and nothing around that. */
interface Corners {
  readonly map: FloatMap;
  /** Columns of the frame, for the numbers of its edges. */
  readonly columns: number;
  /** From −2 to two beyond the map's own. */
  readonly at: (x: number, y: number) => number;
}

const clamp = (at: number, size: number): number => Math.min(size - 1, Math.max(0, at));

function framed(map: FloatMap): Corners {
  const { width, height, data } = map;
  const at = (x: number, y: number): number =>
    x < -1 || y < -1 || x > width || y > height ? -Infinity : data[clamp(y, height) * width + clamp(x, width)]!;
  return { map, columns: width + 4, at };
}

type Side = 'top' | 'right' | 'bottom' | 'left';

/**
 * Edge → the edge that the line goes on to. An edge of the grid is twice the number of the corner
 * that it begins at, and one more where it goes down.
 */
function crossings({ map: { width, height }, columns, at }: Corners, level: number): Map<number, number> {
  const next = new Map<number, number>();
  for (let y = -2; y <= height; y++) {
    let b = false;
    let c = false;
    for (let x = -2; x <= width; x++) {
      const a: boolean = b;
      const d: boolean = c;
      b = at(x + 1, y) > level;
      c = at(x + 1, y + 1) > level;
      // Most squares are not crossed.
      if (a === b && b === c && c === d) continue;
      const top = 2 * ((y + 2) * columns + x + 2);
      const edges: Readonly<Record<Side, number>> = {
        top,
        left: top + 1,
        right: top + 3,
        bottom: top + 2 * columns,
      };
      const kind = Number(a) | (Number(b) << 1) | (Number(c) << 2) | (Number(d) << 3);
      for (const [from, to] of cases[kind]!) next.set(edges[from], edges[to]);
    }
  }
  return next;
}

/**
 * By the corners above the level: 1 top left, 2 top right, 4 bottom right, 8 bottom left. They lie
 * on the left of the line.
 */
const cases: readonly (readonly (readonly [Side, Side])[])[] = [
  [],
  [['left', 'top']],
  [['top', 'right']],
  [['left', 'right']],
  [['right', 'bottom']],
  [
    ['left', 'bottom'],
    ['right', 'top'],
  ],
  [['top', 'bottom']],
  [['left', 'bottom']],
  [['bottom', 'left']],
  [['bottom', 'top']],
  [
    ['top', 'left'],
    ['bottom', 'right'],
  ],
  [['bottom', 'right']],
  [['right', 'left']],
  [['right', 'top']],
  [['top', 'left']],
  [],
];

/** Where an edge begins, whether it goes down, and at which share of it the level is crossed. */
function placeOn(edge: number, { columns, at }: Corners, level: number) {
  const corner = edge >> 1;
  const down = edge % 2 === 1;
  const [x, y] = [(corner % columns) - 2, Math.floor(corner / columns) - 2];
  const from = at(x, y);
  const to = down ? at(x, y + 1) : at(x + 1, y);
  // Beside nothing the line runs along the map's border.
  const share = from === -Infinity ? 1 : to === -Infinity ? 0 : (level - from) / (to - from);
  return { x, y, down, share, isFirst: from > level };
}

function besideOf(edge: number, corners: Corners, level: number): number {
  const { x, y, down, isFirst } = placeOn(edge, corners, level);
  const { width, height } = corners.map;
  return clamp(y + +(down && !isFirst), height) * width + clamp(x + +(!down && !isFirst), width);
}

/** A place in positions, whose centres are whole numbers, as a share of the map's length. */
const shareOf = (at: number, size: number): number => Math.min(1, Math.max(0, (at + 0.5) / size));

/**
 * Without repeated points, and without those that lie on a straight line, across or down, between
 * their neighbours.
 */
function withoutIdle(points: readonly number[]): readonly number[] {
  const apart = kept(points, ([x0, y0], [x, y]) => x !== x0 || y !== y0);
  const bends = kept(apart, ([x0, y0], [x, y], [x1, y1]) => !((x0 === x && x === x1) || (y0 === y && y === y1)));
  // All are one where a position lies above the level by less than the numbers can tell.
  return bends.length > 0 ? bends : points;
}

type Pair = readonly [x: number, y: number];

function kept(points: readonly number[], keep: (before: Pair, point: Pair, after: Pair) => boolean): number[] {
  const count = points.length / 2;
  const pairAt = (i: number): Pair => [points[2 * (i % count)]!, points[2 * (i % count) + 1]!];
  const out: number[] = [];
  for (let i = 0; i < count; i++) {
    const point = pairAt(i);
    if (keep(pairAt(i + count - 1), point, pairAt(i + 1))) out.push(...point);
  }
  return out;
}
