import { takesText } from '../ui/editorControls.ts';
import { labelCommand, viewCommand, type LabelCommand } from './labels/keys.ts';

type ViewCommand = NonNullable<ReturnType<typeof viewCommand>>;

export interface KeyActions {
  /** Everywhere but in texts. */
  readonly view: Readonly<Record<ViewCommand, () => void>>;
  /** Whether the keyboard is in the grid. */
  readonly inGrid: (target: EventTarget | null) => boolean;
  /** Goes where a key points. @returns false for keys that go nowhere */
  readonly grid: (event: KeyboardEvent) => boolean;
  readonly selectNothing: () => void;
  readonly toggleHeatmap: () => void;
  readonly label: (command: LabelCommand) => void;
}

/** Keys of the whole page, where nothing in it took them. */
export function keyboard(run: KeyActions): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || takesText(event.target)) return;
    const view = viewCommand(event);
    if (view) {
      event.preventDefault();
      // VS Code listens at the window, and would undo what was typed last in a filter as well.
      event.stopPropagation();
      return run.view[view]();
    }
    const inGrid = run.inGrid(event.target);
    if (inGrid && run.grid(event)) return event.preventDefault();
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (inGrid && plain && event.key === 'Escape') return run.selectNothing();
    if (plain && event.key.toLowerCase() === 'h') return run.toggleHeatmap();
    if (event.key === 'Backspace' && !inGrid) return;
    const command = labelCommand(event);
    if (!command) return;
    event.preventDefault();
    run.label(command);
  });
}
