/**
 * The similarity map without its document: where points lie in the pane, their colours, and the
 * keyboard's circle.
 */
import { scaleLinear } from 'd3-scale';
import { colorTable } from '../../model/colorMap.ts';
import { extentOf, within, type Points } from './lasso.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How the map is zoomed: a point of the whole map at p is seen at k p + (x, y), in pixels. */
export interface Zoom {
  readonly k: number;
  readonly x: number;
  readonly y: number;
}

export const whole: Zoom = { k: 1, x: 0, y: 0 };

/** Pixels between the outermost points and the pane's border, in the whole map. */
const pad = 12;

/**
 * Points in the pane as a whole; both axes are stretched to it, as distances of an embedding have
 * no scale.
 */
export function placed(points: Points, { width, height }: Size): Points {
  const x = scaleLinear(extentOf(points.x), [pad, width - pad]);
  const y = scaleLinear(extentOf(points.y), [height - pad, pad]);
  return { x: mapped(points.x, x), y: mapped(points.y, y) };
}

/** A loop: of 100,000 points `Float32Array.from` makes more than a frame. */
function mapped(values: ArrayLike<number>, to: (value: number) => number): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = to(values[i]!);
  return out;
}

/** Where placed points are seen. */
export const zoomed = ({ x, y }: Points, zoom: Zoom): Points => ({
  x: mapped(x, (value) => zoom.k * value + zoom.x),
  y: mapped(y, (value) => zoom.k * value + zoom.y),
});

/** Points that are in sight: where there are many they are drawn smaller. */
export function countIn({ x, y }: Points, { width, height }: Size): number {
  let count = 0;
  for (let i = 0; i < x.length; i++) if (x[i]! >= 0 && x[i]! <= width && y[i]! >= 0 && y[i]! <= height) count++;
  return count;
}

/** What rows are coloured by, and the colour of each label by its index. */
export interface Coloring {
  readonly by: 'score' | 'label';
  readonly score: ArrayLike<number>;
  readonly threshold: number;
  readonly label: ArrayLike<number>;
  readonly labelColors: readonly string[];
}

const colorSteps = 32;
const viridis = colorTable('viridis');

/** From 0 to twice the threshold. */
const scoreColors = Array.from({ length: colorSteps }, (_, step) => {
  const at = Math.round((step / (colorSteps - 1)) * 255) * 3;
  return `rgb(${viridis.subarray(at, at + 3).join(',')})`;
});

const stepOf = (score: number, threshold: number): number => {
  const step = Math.floor((score / (2 * (threshold || 1))) * (colorSteps - 1));
  return step > 0 ? Math.min(colorSteps - 1, step) : 0;
};

/**
 * Rows of the same colour together: a canvas fills them at once. Rows without a place are left out.
 */
export function colorGroups({ x }: Points, coloring: Coloring): ReadonlyMap<string, readonly number[]> {
  const { score, threshold, label } = coloring;
  const byLabel = coloring.by === 'label';
  const colors = byLabel ? coloring.labelColors : scoreColors;
  const groups = new Map<string, number[]>();
  for (let row = 0; row < x.length; row++) {
    if (!Number.isFinite(x[row])) continue;
    const color = colors[byLabel ? label[row]! : stepOf(score[row]!, threshold)]!;
    const group = groups.get(color);
    if (group) group.push(row);
    else groups.set(color, [row]);
  }
  return groups;
}

/** What the keyboard selects with, in pixels of the pane. */
export interface Circle {
  readonly at: readonly [x: number, y: number];
  readonly radius: number;
}

const growth = 1.25;
const leastRadius = 4;

/**
 * The circle after a key, which may lie beyond the pane; undefined for keys that do not change it.
 */
export function circleAfter({ at: [x, y], radius }: Circle, key: string, far: boolean): Circle | undefined {
  const by = far ? 40 : 10;
  const changes: Readonly<Record<string, Circle>> = {
    ArrowLeft: { at: [x - by, y], radius },
    ArrowRight: { at: [x + by, y], radius },
    ArrowUp: { at: [x, y - by], radius },
    ArrowDown: { at: [x, y + by], radius },
    '+': { at: [x, y], radius: radius * growth },
    '=': { at: [x, y], radius: radius * growth },
    '-': { at: [x, y], radius: Math.max(leastRadius, radius / growth) },
  };
  return Object.hasOwn(changes, key) ? changes[key] : undefined;
}

/**
 * The circle in the pane, and how far the map must move so that it is seen where the circle was to
 * go.
 */
export function keptIn({ at: [x, y], radius }: Circle, { width, height }: Size) {
  const at = [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))] as const;
  const circle: Circle = { at, radius };
  return { circle, shift: [at[0] - x, at[1] - y] as const };
}

export const rowsIn = (points: Points, { at, radius }: Circle): number[] => within(points, at, radius);
