import type { FloatMap } from '../../maps/floatMap.ts';
import {
  clip,
  polygonArea,
  polygonRows,
  regionRows,
  strokeArea,
  strokeRows,
  type Area,
  type Mask,
  type Point,
} from './mask.ts';

/** Changes are remembered by squares of this side. */
const side = 128;
/** What the history may hold; the oldest changes are let go. */
const historyBytes = 128 * 2 ** 20;

/** What a change replaced: contents of squares, by their number. */
type Change = Map<number, Uint8Array>;

export interface MaskEditor {
  readonly mask: Mask;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Whether there is a change that was not saved. */
  readonly changed: boolean;
  readonly empty: boolean;
  /** One piece of a stroke; what comes until `commit` is undone at once. */
  stroke(from: Point, to: Point, radius: number, value: 0 | 1): void;
  commit(): void;
  polygon(points: readonly Point[]): void;
  /** Adds what the map has above the level. */
  takeRegion(map: FloatMap, level: number): void;
  clear(): void;
  /** @param other [height, width] */
  replace(other: Uint8Array): void;
  undo(): void;
  redo(): void;
  saved(): void;
}

/** Edits `mask` in place. `onChange` is told which pixels may be others now. */
export function maskEditor(mask: Mask, onChange: (area: Area) => void): MaskEditor {
  const { width, height, data } = mask;
  const columns = Math.ceil(width / side);
  const done: Change[] = [];
  let undone: Change[] = [];
  let open: Change = new Map();
  let savedAt: Change | undefined;

  const squareArea = (square: number): Area => {
    const [left, top] = [(square % columns) * side, Math.floor(square / columns) * side];
    return { left, top, right: Math.min(width, left + side), bottom: Math.min(height, top + side) };
  };
  const contents = (square: number): Uint8Array => {
    const { left, top, right, bottom } = squareArea(square);
    const out = new Uint8Array((right - left) * (bottom - top));
    for (let y = top; y < bottom; y++)
      out.set(data.subarray(y * width + left, y * width + right), (y - top) * (right - left));
    return out;
  };
  const restore = (square: number, pixels: Uint8Array): void => {
    const { left, top, right, bottom } = squareArea(square);
    const across = right - left;
    for (let y = top; y < bottom; y++)
      data.set(pixels.subarray((y - top) * across, (y - top + 1) * across), y * width + left);
  };
  /** Keeps the squares of a row as they are before the open change touches them. */
  const keep = (y: number, from: number, to: number): void => {
    const first = Math.floor(y / side) * columns;
    for (let column = Math.floor(from / side); column * side < to; column++) {
      if (!open.has(first + column)) open.set(first + column, contents(first + column));
    }
  };
  const setTo = (value: 0 | 1) => (y: number, from: number, to: number) => {
    keep(y, from, to);
    data.fill(value, y * width + from, y * width + to);
  };

  function commit(): void {
    for (const [square, before] of open) {
      const now = contents(square);
      if (before.every((value, index) => value === now[index])) open.delete(square);
      else onChange(squareArea(square));
    }
    if (open.size > 0) {
      done.push(open);
      undone = [];
      let bytes = 0;
      const kept = done.findLastIndex((change) => (bytes += change.size * side * side) > historyBytes);
      done.splice(0, Math.min(kept + 1, done.length - 1));
    }
    open = new Map();
  }

  /** Swaps the contents of the squares: the same change then leads back. */
  function swap(from: Change[], to: Change[]): void {
    const change = from.pop();
    if (!change) return;
    for (const [square, pixels] of change) {
      change.set(square, contents(square));
      restore(square, pixels);
      onChange(squareArea(square));
    }
    to.push(change);
  }

  return {
    mask,
    get canUndo() {
      return done.length > 0;
    },
    get canRedo() {
      return undone.length > 0;
    },
    get changed() {
      return done.at(-1) !== savedAt;
    },
    get empty() {
      return !data.includes(1);
    },
    stroke(from, to, radius, value) {
      const area = clip(strokeArea(from, to, radius), mask);
      if (!area) return;
      strokeRows(from, to, radius, area, setTo(value));
      onChange(area);
    },
    commit,
    polygon(points) {
      const area = points.length > 2 ? clip(polygonArea(points), mask) : undefined;
      if (area) polygonRows(points, area, setTo(1));
      commit();
    },
    takeRegion(map, level) {
      regionRows(map, level, mask, setTo(1));
      commit();
    },
    clear() {
      for (let y = 0; y < height; y++) {
        const row = data.subarray(y * width, (y + 1) * width);
        if (row.includes(1)) setTo(0)(y, row.indexOf(1), row.lastIndexOf(1) + 1);
      }
      commit();
    },
    replace(other) {
      for (let y = 0; y < height; y++) {
        keep(y, 0, width);
        data.set(other.subarray(y * width, (y + 1) * width), y * width);
      }
      commit();
    },
    undo: () => swap(done, undone),
    redo: () => swap(undone, done),
    saved: () => void (savedAt = done.at(-1)),
  };
}
