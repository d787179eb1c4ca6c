import type { Thumbnail } from '../../../protocol/inspection.ts';
import { h } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';
import type { Comparison } from '../comparison/comparison.ts';
import type { Results, Shown } from '../shown.ts';
import { Cell } from './cell.ts';
import { layOut, positionOf, scrollTo, stepFrom, visiblePlaces, type GridLayout } from './gridLayout.ts';
import type { How } from './selection.ts';
import { Thumbnails } from './thumbnails.ts';

export interface GridEvents {
  readonly onSelect: (place: number, how: How) => void;
  readonly onOpen: (row: number) => void;
  readonly fetch: (rows: readonly number[], detector?: string) => Promise<readonly Thumbnail[]>;
}

const caption = 40;
/** Rows above and below what is in view that have cells: scrolling then finds them there. */
const spare = 2;

/** Thumbnails of all rows, of which only those in view are in the document. */
export class Grid {
  /** What scrolls and has the focus. */
  readonly element: HTMLElement;
  /** All there is to show. */
  readonly pane: HTMLElement;
  readonly #content = h('div', { className: 'content', attrs: { role: 'presentation' } });
  readonly #empty = h('p', { className: 'empty', data: { testid: 'empty' } });
  readonly #events: GridEvents;
  readonly #cells = new Map<number, Cell>();
  readonly #free: Cell[] = [];
  #mine: Thumbnails | undefined;
  #theirs: { readonly of: Comparison; readonly thumbnails: Thumbnails } | undefined;
  #shown: Shown | undefined;
  #bound: { readonly results: Results; readonly comparison: Comparison | undefined } | undefined;
  #layout: GridLayout = layOut(1, 0, { side: 1, panes: 1, caption });
  #size = { width: 0, height: 0 };
  #frame = 0;
  #key = '';

  constructor(events: GridEvents) {
    this.#events = events;
    this.element = h(
      'div',
      {
        className: 'grid',
        tabIndex: 0,
        data: { testid: 'grid' },
        attrs: { role: 'listbox', 'aria-multiselectable': 'true', 'aria-label': t('Images') },
      },
      this.#content,
    );
    this.pane = h('div', { className: 'pane' }, this.element, this.#empty);
    this.element.addEventListener('scroll', () => this.#later(), { passive: true });
    this.element.addEventListener('pointerdown', (event) => this.#click(event));
    this.element.addEventListener('dblclick', (event) => {
      const cell = this.#cellOf(event.target);
      if (cell) this.#events.onOpen(cell.row);
    });
    new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      this.#size = { width, height };
      this.#place();
    }).observe(this.element);
  }

  /** Goes where a key points; false for keys that go nowhere. */
  key({ key, shiftKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
    const results = this.#shown?.results;
    if (!results) return false;
    const { order } = results;
    const focus = this.#shown!.ui.selection.focus;
    const page = Math.floor(this.#size.height / (this.#layout.cellHeight + 8));
    const at = order.indexOf(focus);
    if (key === ' ' || key === 'Enter') {
      if (at < 0) return false;
      if (key === 'Enter') this.#events.onOpen(focus);
      else this.#events.onSelect(at, ctrlKey || metaKey ? 'toggle' : 'one');
      return true;
    }
    const to = at < 0 && key.startsWith('Arrow') ? 0 : stepFrom(this.#layout, key, Math.max(0, at), order.length, page);
    if (to === undefined || order.length === 0) return false;
    this.#events.onSelect(to, shiftKey ? 'extend' : 'one');
    return true;
  }

  /** Scrolls so that a place is in view. */
  reveal(place: number): void {
    if (place < 0) return;
    const top = scrollTo(this.#layout, place, this.element.scrollTop, this.#size.height);
    if (top !== this.element.scrollTop) this.element.scrollTop = top;
    this.#place();
  }

  scrollToTop(): void {
    this.element.scrollTop = 0;
  }

  update(shown: Shown): void {
    const before = this.#shown;
    this.#shown = shown;
    const { results, comparison, state } = shown;
    this.#empty.hidden = (results?.order.length ?? 0) > 0;
    this.#empty.textContent = emptyText(shown);
    if (!results) return;
    this.#mine ??= new Thumbnails(
      (rows) => this.#events.fetch(rows),
      state.colorMap,
      (row) => this.#loaded(row),
    );
    if (comparison !== this.#theirs?.of) {
      this.#theirs?.thumbnails.dispose();
      const detector = comparison?.inspection.detector.folder;
      this.#theirs = comparison && {
        of: comparison,
        thumbnails: new Thumbnails(
          (rows) => this.#events.fetch(rows, detector),
          state.colorMap,
          (row) => this.#loaded(comparison.rowOf.indexOf(row)),
        ),
      };
    }
    if (before && before.state.colorMap !== state.colorMap) {
      this.#mine.clear(state.colorMap);
      this.#theirs?.thumbnails.clear(state.colorMap);
    }
    const [old, now] = [before?.results?.inspection, results.inspection];
    if (old && (old.detector.version !== now.detector.version || old.rows.paths !== now.rows.paths)) this.#mine.clear();
    else if (old && old.rows !== now.rows) {
      const { state: was } = old.rows;
      this.#mine.forget([...now.rows.state.keys()].filter((row) => was[row] !== now.rows.state[row]));
    }
    const looks = before?.ui.heatmap !== shown.ui.heatmap || before.ui.opacity !== shown.ui.opacity;
    this.#place(looks || (old !== undefined && old.rows !== now.rows));
  }

  #later(): void {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#place();
    });
  }

  /** Gives every place in view a cell and takes those of the others. */
  #place(redraw = false): void {
    const shown = this.#shown;
    const results = shown?.results;
    if (!results || this.#size.width === 0) return;
    const { order } = results;
    const { comparison, ui } = shown;
    const panes = comparison ? 2 : 1;
    const layout = layOut(this.#size.width, order.length, { side: ui.side, panes, caption });
    const key = `${layout.columns} ${layout.cellWidth} ${layout.cellHeight} ${panes}`;
    const moved = key !== this.#key;
    this.#key = key;
    if (layout.height !== this.#layout.height || moved) this.#content.style.height = `${layout.height}px`;
    this.#layout = layout;
    const top = this.element.scrollTop;
    const [first, end] = visiblePlaces(layout, order.length, top, this.#size.height, spare);
    for (const [place, cell] of this.#cells) {
      if (place >= first && place < end) continue;
      this.#cells.delete(place);
      this.#free.push(cell);
    }
    const fresh = this.#bound?.results !== results || this.#bound.comparison !== comparison;
    this.#bound = { results, comparison };
    for (let place = first; place < end; place++) {
      const known = this.#cells.get(place);
      const cell = known ?? this.#free.pop() ?? this.#newCell();
      const row = order[place]!;
      if (!known) this.#cells.set(place, cell);
      if (!known || moved) this.#move(cell, place, layout);
      const another = cell.row !== row || !known;
      if (another || fresh) cell.bind(row, results, comparison && comparison.score[row], comparison?.threshold ?? 0);
      cell.mark(ui.selection.rows.has(row), ui.selection.focus === row);
      if (another || moved || redraw) this.#draw(cell);
    }
    for (const cell of this.#free) cell.element.hidden = true;
    this.element.setAttribute(
      'aria-activedescendant',
      this.#cells.has(order.indexOf(ui.selection.focus)) ? `cell-${ui.selection.focus}` : '',
    );
    this.#want(first, end, layout, top);
  }

  #newCell(): Cell {
    const cell = new Cell();
    this.#content.append(cell.element);
    return cell;
  }

  #move(cell: Cell, place: number, layout: GridLayout): void {
    const { left, top } = positionOf(layout, place);
    const { style } = cell.element;
    cell.place = place;
    cell.element.hidden = false;
    style.transform = `translate(${left}px, ${top}px)`;
    style.width = `${layout.cellWidth}px`;
    style.height = `${layout.cellHeight}px`;
  }

  #draw(cell: Cell): void {
    const mine = this.#mine?.get(cell.row);
    const theirs = this.#theirs;
    const other = theirs && theirs.thumbnails.get(theirs.of.rowOf[cell.row]!);
    cell.draw(this.#layout.cellWidth, theirs ? [mine, other] : [mine], this.#shown!.ui);
  }

  /**
   * What is in view first, then the spare rows.
   * @param top where it is scrolled to: asking now would lay everything out at once
   */
  #want(first: number, end: number, layout: GridLayout, top: number): void {
    const { order } = this.#shown!.results!;
    const [from, to] = visiblePlaces(layout, order.length, top, this.#size.height);
    const rows = [...order.subarray(from, to), ...order.subarray(to, end), ...order.subarray(first, from)];
    this.#mine?.want(rows);
    const theirs = this.#theirs;
    theirs?.thumbnails.want(rows.map((row) => theirs.of.rowOf[row]!).filter((row) => row >= 0));
  }

  #loaded(row: number): void {
    for (const cell of this.#cells.values()) if (cell.row === row) this.#draw(cell);
  }

  #cellOf(target: EventTarget | null): Cell | undefined {
    const element = (target as Element | null)?.closest<HTMLElement>('.cell');
    return element ? [...this.#cells.values()].find((cell) => cell.element === element) : undefined;
  }

  #click(event: PointerEvent): void {
    const cell = this.#cellOf(event.target);
    if (!cell || event.button !== 0) return;
    const how = event.shiftKey ? 'extend' : event.ctrlKey || event.metaKey ? 'toggle' : 'one';
    this.#events.onSelect(cell.place, how);
  }
}

function emptyText({ results, state }: Shown): string {
  if (results && results.inspection.rows.paths.length > 0) return t('No image passes the filters.');
  if (results && !state.progress) return t('There is no image in this folder.');
  return state.failure ? '' : t('Looking for images…');
}
