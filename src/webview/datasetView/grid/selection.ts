/**
 * Rows that are selected in the grid. `focus` is where the keyboard is, `anchor` where an extension
 * starts; -1: nowhere.
 */
export interface Selection {
  readonly rows: ReadonlySet<number>;
  readonly anchor: number;
  readonly focus: number;
}

export const nothing: Selection = { rows: new Set(), anchor: -1, focus: -1 };

/**
 * `one` replaces what is selected, `toggle` adds or takes away, `extend` selects from the anchor
 * on.
 */
export type How = 'one' | 'toggle' | 'extend';

/** A click on, or an arrow key to, `order[place]`. */
export function select(order: Uint32Array, selection: Selection, place: number, how: How): Selection {
  const row = order[place];
  if (row === undefined) return selection;
  if (how === 'one') return { rows: new Set([row]), anchor: row, focus: row };
  if (how === 'toggle') {
    const rows = new Set(selection.rows);
    if (!rows.delete(row)) rows.add(row);
    return { rows, anchor: row, focus: row };
  }
  const from = Math.max(0, order.indexOf(selection.anchor));
  const range = order.subarray(Math.min(from, place), Math.max(from, place) + 1);
  return { rows: new Set(range), anchor: order[from]!, focus: row };
}

/** Everything in `order`. */
export const selectAll = (order: Uint32Array, { anchor, focus }: Selection): Selection => ({
  rows: new Set(order),
  anchor,
  focus: focus < 0 ? (order[0] ?? -1) : focus,
});

/** Exactly these rows, as a lasso gives them. */
export const selectRows = (rows: Iterable<number>): Selection => {
  const set = new Set(rows);
  const [first = -1] = set;
  return { rows: set, anchor: first, focus: first };
};

/**
 * The rows that a command is meant for: the selected ones, in the grid's order where they are
 * shown.
 */
export const targets = ({ rows, focus }: Selection): number[] =>
  rows.size > 0 ? [...rows] : focus >= 0 ? [focus] : [];

/**
 * The place to go on at after one row was dealt with: the next, or where the row was if it left the
 * order (a filter no longer holds it).
 * @param before the place of the row before
 */
export function placeAfter(order: Uint32Array, row: number, before: number): number {
  const now = order.indexOf(row);
  return Math.max(0, Math.min(order.length - 1, now < 0 ? before : now + 1));
}
