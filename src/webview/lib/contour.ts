import type { FloatMap } from '../../protocol/engine.ts';

/** Line pieces [x0, y0, x1, y1, …] in units of the map's width and height (0 … 1). */
export type Segments = readonly number[];

/**
 * Where `map` crosses `level`: marching squares between the centres of positions; a saddle is split by the mean of its corners.
 * The map is continued outwards by its border, so that contours run to the edge of the image.
 */
export function contour({ width, height, data }: FloatMap, level: number): Segments {
  const out: number[] = [];
  const at = (column: number, row: number): number =>
    data[Math.min(height - 1, Math.max(0, row)) * width + Math.min(width - 1, Math.max(0, column))]!;
  const clampX = (x: number) => Math.min(1, Math.max(0, (x + 0.5) / width));
  const clampY = (y: number) => Math.min(1, Math.max(0, (y + 0.5) / height));
  for (let row = -1; row < height; row++) {
    for (let column = -1; column < width; column++) {
      const a = at(column, row);
      const b = at(column + 1, row);
      const c = at(column + 1, row + 1);
      const d = at(column, row + 1);
      const kind = Number(a > level) | (Number(b > level) << 1) | (Number(c > level) << 2) | (Number(d > level) << 3);
      if (kind === 0 || kind === 15) continue;
      const crossing = (edge: Edge): [number, number] => {
        if (edge === 'top') return [column + part(a, b, level), row];
        if (edge === 'right') return [column + 1, row + part(b, c, level)];
        if (edge === 'bottom') return [column + part(d, c, level), row + 1];
        return [column, row + part(a, d, level)];
      };
      const split = (kind === 5 || kind === 10) && (a + b + c + d) / 4 > level;
      for (const [from, to] of split ? cases[15 - kind]! : cases[kind]!) {
        const [x0, y0] = crossing(from);
        const [x1, y1] = crossing(to);
        out.push(clampX(x0), clampY(y0), clampX(x1), clampY(y1));
      }
    }
  }
  return out;
}

type Edge = 'top' | 'right' | 'bottom' | 'left';

/** By the corners above the level: 1 top left, 2 top right, 4 bottom right, 8 bottom left. 5 and 10: the centre is below. */
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
