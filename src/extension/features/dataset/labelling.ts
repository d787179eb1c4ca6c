import type { LabelLine } from '../../../dataset/labels.ts';
import type { InspectionEngine } from '../../../protocol/inspection.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import { changedLines, LabelHistory, linesFor, type LabelRequest, type Labels, type Step } from './labelHistory.ts';

/** What labelling needs of the view it serves. */
export interface LabelledView {
  readonly engine: () => Pick<Remote<InspectionEngine>, 'readLabels' | 'appendLabels'>;
  /** Labels as the view has them; undefined before there are results. */
  readonly shown: () => Labels | undefined;
  /** These lines are on disk. */
  readonly onLines: (lines: readonly LabelLine[]) => void;
  readonly onHistory: (can: { readonly canUndo: boolean; readonly canRedo: boolean }) => void;
}

/**
 * Labels of one folder: written one step after another, since each must know what the one before
 * has left, and taken back.
 */
export class Labelling {
  readonly #folder: string;
  readonly #view: LabelledView;
  readonly #history = new LabelHistory();
  #last: Promise<unknown> = Promise.resolve();
  /** Where it has not begun yet. */
  #following: Promise<void> | undefined;

  constructor(folder: string, view: LabelledView) {
    this.#folder = folder;
    this.#view = view;
  }

  label(request: LabelRequest): Promise<void> {
    return this.#queued(async () => {
      const before = this.#view.shown() ?? (await this.#read());
      const lines = linesFor(request, before, now());
      await this.#write(lines);
      this.#record(before, lines);
    });
  }

  /** @returns how many images were labelled elsewhere meanwhile, and stay as they are */
  undo(): Promise<number> {
    return this.#step((labels) => this.#history.undo(labels, now()));
  }

  redo(): Promise<number> {
    return this.#step((labels) => this.#history.redo(labels, now()));
  }

  /** Whatever `change` does to the label file is one step of the history. */
  during<T>(change: () => Promise<T>): Promise<T> {
    return this.#queued(async () => {
      const before = await this.#read();
      try {
        return await change();
      } finally {
        const after = await this.#read();
        this.#record(before, changedLines(before, after, now()));
      }
    });
  }

  /** Another window, or a hand, has written labels. */
  follow(): Promise<void> {
    return (this.#following ??= this.#queued(async () => {
      this.#following = undefined;
      await this.#read().catch(() => undefined);
    }));
  }

  /** The view follows what the disk says. */
  async #read(): Promise<Labels> {
    const labels = await this.#view.engine().readLabels({ folder: this.#folder });
    const shown = this.#view.shown();
    const changed = shown ? changedLines(shown, labels, now()) : [];
    if (changed.length > 0) this.#view.onLines(changed);
    return labels;
  }

  #step(take: (labels: Labels) => Step | undefined): Promise<number> {
    return this.#queued(async () => {
      const step = take(await this.#read());
      if (!step) return 0;
      await this.#write(step.lines);
      step.done();
      this.#tell();
      return step.skipped;
    });
  }

  /** On disk first; then everyone hears of it. */
  async #write(lines: readonly LabelLine[]): Promise<void> {
    if (lines.length === 0) return;
    await this.#view.engine().appendLabels({ folder: this.#folder, lines });
    this.#view.onLines(lines);
  }

  #record(before: Labels, lines: readonly LabelLine[]): void {
    this.#history.record(before, lines);
    this.#tell();
  }

  #tell(): void {
    const { canUndo, canRedo } = this.#history;
    this.#view.onHistory({ canUndo, canRedo });
  }

  #queued<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#last.then(step);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

const now = (): string => new Date().toISOString();
