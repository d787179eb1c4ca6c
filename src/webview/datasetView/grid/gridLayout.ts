/** Equal cells in rows, in pixels; every place is arithmetic, however many there are. */
export interface GridLayout {
  readonly columns: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Of all rows together. */
  readonly height: number;
}

export const gap = 8;

export interface CellShape {
  /** The least width of a picture. */
  readonly side: number;
  /** Square pictures beside each other in a cell. */
  readonly panes: number;
  /** Height of what stands below them. */
  readonly caption: number;
}

/** As many columns as fit, sharing what is left over. */
export function layOut(width: number, count: number, { side, panes, caption }: CellShape): GridLayout {
  const columns = Math.max(1, Math.floor((width - gap) / (side * panes + gap)));
  const cellWidth = Math.max(16, Math.floor((width - gap) / columns) - gap);
  const cellHeight = Math.round(cellWidth / panes) + caption;
  return { columns, cellWidth, cellHeight, height: Math.ceil(count / columns) * (cellHeight + gap) + gap };
}

export const positionOf = ({ columns, cellWidth, cellHeight }: GridLayout, place: number) => ({
  left: gap + (place % columns) * (cellWidth + gap),
  top: gap + Math.floor(place / columns) * (cellHeight + gap),
});

/**
 * Places [first, end) whose cells a window of `height` at `top` touches, with `spare` rows above
 * and below.
 */
export function visiblePlaces(
  { columns, cellHeight }: GridLayout,
  count: number,
  top: number,
  height: number,
  spare = 0,
): readonly [first: number, end: number] {
  const pitch = cellHeight + gap;
  const firstRow = Math.max(0, Math.floor((top - gap) / pitch) - spare);
  const lastRow = Math.floor((top + height) / pitch) + spare;
  return [Math.min(count, firstRow * columns), Math.max(0, Math.min(count, (lastRow + 1) * columns))];
}

/** Where to scroll so that the cell is wholly in view; `top` itself where it is. */
export function scrollTo(layout: GridLayout, place: number, top: number, height: number): number {
  const { top: at } = positionOf(layout, place);
  if (at - gap < top) return at - gap;
  return Math.max(top, at + layout.cellHeight + gap - height);
}

const steps: Readonly<Record<string, (layout: GridLayout, place: number, count: number, page: number) => number>> = {
  ArrowLeft: (_, place) => place - 1,
  ArrowRight: (_, place) => place + 1,
  ArrowUp: ({ columns }, place) => (place < columns ? place : place - columns),
  ArrowDown: ({ columns }, place, count) => (place + columns < count ? place + columns : place),
  PageUp: ({ columns }, place, _, page) => Math.max(place % columns, place - page * columns),
  PageDown: ({ columns }, place, count, page) => Math.min(count - 1, place + page * columns),
  Home: () => 0,
  End: (_, __, count) => count - 1,
};

/** Where a key goes from `place`; undefined for keys that go nowhere. @param page rows in view */
export function stepFrom(
  layout: GridLayout,
  key: string,
  place: number,
  count: number,
  page: number,
): number | undefined {
  if (!Object.hasOwn(steps, key) || count === 0) return undefined;
  return Math.max(0, Math.min(count - 1, steps[key]!(layout, place, count, Math.max(1, page))));
}
