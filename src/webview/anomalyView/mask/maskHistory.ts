import type { Area, Mask } from './mask.ts';

/** Changes are remembered by squares of this side. */
const side = 128;
/** What the history may hold; the oldest changes are let go. */
const historyBytes = 128 * 2 ** 20;

/** What a change replaced: contents of squares, by their number. */
type Change = Map<number, Uint8Array>;

export interface MaskHistory {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Whether there is a change that was not saved. */
  readonly changed: boolean;
  /** Keeps pixels of a row as they are, before they are changed. */
  keep(y: number, from: number, to: number): void;
  /** Ends a change: what was kept since the last one is undone at once. */
  commit(): void;
  undo(): void;
  redo(): void;
  saved(): void;
}

/** What was done to a mask, and to be undone. `onChange` is told which pixels may be others now. */
export function maskHistory(mask: Mask, onChange: (area: Area) => void): MaskHistory {
  const { columns, areaOf, contents, restore } = squaresOf(mask);
  const done: Change[] = [];
  let undone: Change[] = [];
  let open: Change = new Map();
  let savedAt: Change | undefined;

  /** Swaps the contents of the squares: the same change then leads back. */
  function swap(from: Change[], to: Change[]): void {
    const change = from.pop();
    if (!change) return;
    for (const [square, pixels] of change) {
      change.set(square, contents(square));
      restore(square, pixels);
      onChange(areaOf(square));
    }
    to.push(change);
  }

  return {
    get canUndo() {
      return done.length > 0;
    },
    get canRedo() {
      return undone.length > 0;
    },
    get changed() {
      return done.at(-1) !== savedAt;
    },
    keep(y, from, to) {
      const first = Math.floor(y / side) * columns;
      for (let column = Math.floor(from / side); column * side < to; column++) {
        if (!open.has(first + column)) open.set(first + column, contents(first + column));
      }
    },
    commit() {
      for (const [square, before] of open) {
        const now = contents(square);
        if (before.every((value, index) => value === now[index])) open.delete(square);
        else onChange(areaOf(square));
      }
      if (open.size > 0) {
        done.push(open);
        undone = [];
        let bytes = 0;
        const kept = done.findLastIndex((change) => (bytes += change.size * side * side) > historyBytes);
        done.splice(0, Math.min(kept + 1, done.length - 1));
      }
      open = new Map();
    },
    undo: () => swap(done, undone),
    redo: () => swap(undone, done),
    saved: () => void (savedAt = done.at(-1)),
  };
}

/** A mask cut into squares, numbered row by row. */
function squaresOf({ width, height, data }: Mask) {
  const columns = Math.ceil(width / side);
  const areaOf = (square: number): Area => {
    const [left, top] = [(square % columns) * side, Math.floor(square / columns) * side];
    return { left, top, right: Math.min(width, left + side), bottom: Math.min(height, top + side) };
  };
  return {
    columns,
    areaOf,
    contents(square: number): Uint8Array {
      const { left, top, right, bottom } = areaOf(square);
      const across = right - left;
      const out = new Uint8Array(across * (bottom - top));
      for (let y = top; y < bottom; y++)
        out.set(data.subarray(y * width + left, y * width + right), (y - top) * across);
      return out;
    },
    restore(square: number, pixels: Uint8Array): void {
      const { left, top, right, bottom } = areaOf(square);
      const across = right - left;
      for (let y = top; y < bottom; y++)
        data.set(pixels.subarray((y - top) * across, (y - top + 1) * across), y * width + left);
    },
  };
}
