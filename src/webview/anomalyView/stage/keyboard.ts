import type { Action } from '../../../protocol/anomalyView.ts';
import type { UserLabel } from '../../../dataset/labels.ts';
import type { Correction } from '../../ui/corrections.ts';

export interface KeyActions {
  readonly move: (dx: number, dy: number) => void;
  readonly hottest: () => void;
  /** Chooses the next region, or the one before. */
  readonly stepRegion: (by: 1 | -1) => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  readonly actualSize: () => void;
  readonly toggleMap: () => void;
  readonly act: (action: Action) => void;
  readonly label: (label: UserLabel) => void;
  readonly defectType: () => void;
  readonly correct: (what: Correction) => void;
  readonly help: () => void;
  readonly editMask: () => void;
  /** Keys of the mask's tools come first. @returns whether it was one */
  readonly maskKey: (event: KeyboardEvent) => boolean;
}

const farther = 8;

/**
 * Keys on the canvas; Page Up and Page Down also elsewhere, but where they scroll or move a slider.
 */
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
  const anywhere: Readonly<Record<string, () => void>> = {
    n: () => run.label('normal'),
    a: () => run.label('anomalous'),
    'Shift+a': () => run.defectType(),
    // The mask editor's; never a label.
    'Shift+n': () => undefined,
    u: () => run.label('unsure'),
    x: () => run.label('excluded'),
    f: () => run.correct('falseAlarm'),
    m: () => run.correct('missed'),
    r: () => run.stepRegion(1),
    'Shift+r': () => run.stepRegion(-1),
    k: () => run.editMask(),
    '?': () => run.help(),
  };
  const text = 'select, dialog';
  document.body.addEventListener(
    'keydown',
    (event) => {
      const target = event.target as Element;
      // Enter and Space press what has the focus.
      if (target.closest(text) || (event.key === 'Enter' && target !== canvas && target !== document.body)) return;
      if (!run.maskKey(event)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  const listen = (target: HTMLElement, table: Readonly<Record<string, (step: number) => void>>, except?: string) =>
    target.addEventListener('keydown', (event) => {
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const found = [`Shift+${key}`, key].slice(event.shiftKey ? 0 : 1).find((each) => Object.hasOwn(table, each));
      if (!found || (except && (event.target as Element).closest(except))) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      table[found]!(event.shiftKey ? farther : 1);
    });
  listen(canvas, onCanvas);
  listen(document.body, everywhere, 'input, select, .panel, dialog');
  listen(document.body, anywhere, text);
}
