import type { FloatMap } from '../../../maps/floatMap.ts';
import type { Point } from '../stage/pointerTool.ts';
import { clip, polygonArea, polygonRows, regionRows, strokeArea, strokeRows, type Area, type Mask } from './mask.ts';
import { maskHistory } from './maskHistory.ts';

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
  const history = maskHistory(mask, onChange);
  const setTo = (value: 0 | 1) => (y: number, from: number, to: number) => {
    history.keep(y, from, to);
    data.fill(value, y * width + from, y * width + to);
  };

  return {
    mask,
    get canUndo() {
      return history.canUndo;
    },
    get canRedo() {
      return history.canRedo;
    },
    get changed() {
      return history.changed;
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
    commit: history.commit,
    polygon(points) {
      const area = points.length > 2 ? clip(polygonArea(points), mask) : undefined;
      if (area) polygonRows(points, area, setTo(1));
      history.commit();
    },
    takeRegion(map, level) {
      regionRows(map, level, mask, setTo(1));
      history.commit();
    },
    clear() {
      for (let y = 0; y < height; y++) {
        const row = data.subarray(y * width, (y + 1) * width);
        if (row.includes(1)) setTo(0)(y, row.indexOf(1), row.lastIndexOf(1) + 1);
      }
      history.commit();
    },
    replace(other) {
      for (let y = 0; y < height; y++) {
        history.keep(y, 0, width);
        data.set(other.subarray(y * width, (y + 1) * width), y * width);
      }
      history.commit();
    },
    undo: history.undo,
    redo: history.redo,
    saved: history.saved,
  };
}
