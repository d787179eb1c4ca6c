import type { FloatMap } from '../../../maps/floatMap.ts';

/** Line pieces [x0, y0, x1, y1, …] in units of the map's width and height (0 … 1). */
export type Segments = readonly number[];

/**
 * Where `map` crosses `level`: marching squares between the centres of positions; a saddle is split
 * by the mean of its corners. The map is continued outwards by its border, so that contours run to
 * the edge of the image.
 */
export function contour({ width, height, data }: FloatMap, level: number): Segments {
  const out: number[] = [];
  const clampX = (x: number) => Math.min(1, Math.max(0, (x + 0.5) / width));
  const clampY = (y: number) => Math.min(1, Math.max(0, (y + 0.5) / height));
  for (let row = -1; row < height; row++) {
    const top = Math.max(0, row) * width;
    const bottom = Math.min(height - 1, row + 1) * width;
    let b = data[top]!;
    let c = data[bottom]!;
    for (let column = -1; column < width; column++) {
      const a = b;
      const d = c;
      if (column + 1 < width) {
        b = data[top + column + 1]!;
        c = data[bottom + column + 1]!;
      }
      // Most squares are not crossed.
      if (a > level === b > level && b > level === c > level && c > level === d > level) continue;
      for (const [x0, y0, x1, y1] of pieces([a, b, c, d], level)) {
        out.push(clampX(column + x0), clampY(row + y0), clampX(column + x1), clampY(row + y1));
      }
    }
  }
  return out;
}

type Piece = readonly [x0: number, y0: number, x1: number, y1: number];

/** The pieces within a square of side 1. @param corners from the top left one clockwise */
function pieces([a, b, c, d]: readonly [number, number, number, number], level: number): Piece[] {
  const kind = Number(a > level) | (Number(b > level) << 1) | (Number(c > level) << 2) | (Number(d > level) << 3);
  const crossing: Readonly<Record<Edge, () => readonly [x: number, y: number]>> = {
    top: () => [part(a, b, level), 0],
    right: () => [1, part(b, c, level)],
    bottom: () => [part(d, c, level), 1],
    left: () => [0, part(a, d, level)],
  };
  const split = (kind === 5 || kind === 10) && (a + b + c + d) / 4 > level;
  return cases[split ? 15 - kind : kind]!.map(([from, to]) => [...crossing[from](), ...crossing[to]()]);
}

type Edge = 'top' | 'right' | 'bottom' | 'left';

/**
 * By the corners above the level: 1 top left, 2 top right, 4 bottom right, 8 bottom left. 5 and 10:
 * the centre is below.
 */
const cases: readonly (readonly (readonly [Edge, Edge])[])[] = [
  [],
  [['left', 'top']],
  [['top', 'right']],
  [['left', 'right']],
  [['right', 'bottom']],
  [
    ['left', 'top'],
    ['right', 'bottom'],
  ],
  [['top', 'bottom']],
  [['left', 'bottom']],
  [['bottom', 'left']],
  [['bottom', 'top']],
  [
    ['top', 'right'],
    ['bottom', 'left'],
  ],
  [['bottom', 'right']],
  [['right', 'left']],
  [['right', 'top']],
  [['top', 'left']],
  [],
];

const part = (from: number, to: number, level: number): number => (level - from) / (to - from);
