import type { Action } from '../../protocol/anomalyView.ts';

export interface KeyActions {
  readonly move: (dx: number, dy: number) => void;
  readonly hottest: () => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  readonly actualSize: () => void;
  readonly toggleMap: () => void;
  readonly act: (action: Action) => void;
}

const farther = 8;

/** Keys on the canvas; Page Up and Page Down also elsewhere, but where they scroll or move a slider. */
export function keyboard(canvas: HTMLElement, run: KeyActions): void {
  const onCanvas: Readonly<Record<string, (step: number) => void>> = {
    ArrowLeft: (step) => run.move(-step, 0),
    ArrowRight: (step) => run.move(step, 0),
    ArrowUp: (step) => run.move(0, -step),
    ArrowDown: (step) => run.move(0, step),
    Home: () => run.hottest(),
    Enter: () => run.hottest(),
    '+': () => run.zoom(1.4),
    '=': () => run.zoom(1.4),
    '-': () => run.zoom(1 / 1.4),
    0: () => run.fit(),
    1: () => run.actualSize(),
    ' ': () => run.toggleMap(),
  };
  const everywhere: Readonly<Record<string, () => void>> = {
    PageUp: () => run.act('previous'),
    PageDown: () => run.act('next'),
  };
  const listen = (target: HTMLElement, table: Readonly<Record<string, (step: number) => void>>, except?: string) =>
    target.addEventListener('keydown', (event) => {
      const found = Object.hasOwn(table, event.key) ? table[event.key] : undefined;
      if (!found || (except && (event.target as Element).closest(except))) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      found(event.shiftKey ? farther : 1);
    });
  listen(canvas, onCanvas);
  listen(document.body, everywhere, 'input, select, .panel');
}
