import { memo } from '../../model/memo.ts';
import type { Points, Polygon } from './lasso.ts';
import { colorGroups, countIn, type Circle, type Coloring, type Size } from './mapModel.ts';

/** What is drawn over the points. */
export interface Marks {
  readonly selected: readonly number[];
  /** Where the keyboard is in the grid; -1: nowhere. */
  readonly focus: number;
  readonly lasso?: Polygon | undefined;
  readonly circle?: Circle | undefined;
}

export interface Inks {
  readonly ink: string;
  readonly accent: string;
}

/** Points of the whole map, by which they are grouped, and as they are seen. */
export interface Placed {
  readonly whole: Points;
  readonly seen: Points;
}

/**
 * Paints the map on a canvas. The points, which are many, are kept in a layer of their own until
 * they change; they are grouped anew only when colours do.
 */
export function mapPainter(canvas: HTMLCanvasElement) {
  const layer = document.createElement('canvas');
  const groupsOf = memo((whole: Points, ...given: ColoringKey) => colorGroups(whole, coloringOf(given)));
  const paintLayer = memo((seen: Points, groups: Groups, width: number, height: number, scale: number) => {
    [layer.width, layer.height] = [canvas.width, canvas.height];
    const context = layer.getContext('2d')!;
    context.scale(scale, scale);
    paintPoints(context, seen, groups, { width, height });
  });
  return ({ width, height }: Size, { whole, seen }: Placed, coloring: Coloring, marks: Marks, inks: Inks): void => {
    const scale = window.devicePixelRatio;
    const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== columns || canvas.height !== rows) [canvas.width, canvas.height] = [columns, rows];
    paintLayer(seen, groupsOf(whole, ...keyOf(coloring)), width, height, scale);
    const context = canvas.getContext('2d')!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, columns, rows);
    context.drawImage(layer, 0, 0);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    paintMarks(context, seen, marks, inks);
  };
}

type Groups = ReturnType<typeof colorGroups>;

/** A coloring as values that can be compared one by one. */
type ColoringKey = readonly [
  by: Coloring['by'],
  score: Coloring['score'],
  threshold: number,
  label: Coloring['label'],
  labelColors: string,
];
const keyOf = ({ by, score, threshold, label, labelColors }: Coloring): ColoringKey => [
  by,
  score,
  threshold,
  label,
  labelColors.join('|'),
];
const coloringOf = ([by, score, threshold, label, labelColors]: ColoringKey): Coloring => ({
  by,
  score,
  threshold,
  label,
  labelColors: labelColors.split('|'),
});

function paintPoints(context: CanvasRenderingContext2D, points: Points, groups: Groups, size: Size): void {
  const { x, y } = points;
  const inSight = countIn(points, size);
  const radius = inSight > 20_000 ? 1 : inSight > 2000 ? 1.75 : 3;
  const isSeen = (row: number): boolean =>
    x[row]! > -radius && x[row]! < size.width + radius && y[row]! > -radius && y[row]! < size.height + radius;
  context.globalAlpha = inSight > 20_000 ? 0.7 : 0.9;
  for (const [color, all] of groups) {
    const rows = all.filter(isSeen);
    context.fillStyle = color;
    if (radius < 2) {
      for (const row of rows) context.fillRect(x[row]! - radius, y[row]! - radius, 2 * radius, 2 * radius);
      continue;
    }
    context.beginPath();
    for (const row of rows) {
      context.moveTo(x[row]! + radius, y[row]!);
      context.arc(x[row]!, y[row]!, radius, 0, 7);
    }
    context.fill();
  }
}

function paintMarks(
  context: CanvasRenderingContext2D,
  { x, y }: Points,
  { selected, focus, lasso, circle }: Marks,
  { ink, accent }: Inks,
): void {
  const ring = (row: number, radius: number): void => {
    if (!Number.isFinite(x[row])) return;
    context.beginPath();
    context.arc(x[row]!, y[row]!, radius, 0, 7);
    context.stroke();
  };
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  for (const row of selected) ring(row, 4);
  context.strokeStyle = accent;
  context.lineWidth = 2;
  ring(focus, 6);
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.beginPath();
  for (const [px, py] of lasso ?? []) context.lineTo(px, py);
  if (circle) context.arc(...circle.at, circle.radius, 0, 7);
  context.stroke();
  context.setLineDash([]);
}
