import { type LabelLine, type UserLabel, nextLine } from '../../../dataset/labels.ts';

export interface LabelRequest {
  readonly images: readonly string[];
  /** null takes the label back. */
  readonly label: UserLabel | null;
  readonly defectType?: string;
}

export type Labels = Readonly<Record<string, LabelLine>>;

/** What one step made of one image. */
interface Changed {
  readonly from: LabelLine;
  readonly to: LabelLine;
}

/** A step of the history that can be written; `done` is called once it is on disk. */
export interface Step {
  readonly lines: readonly LabelLine[];
  /** Images that were labelled elsewhere meanwhile, and stay as they are. */
  readonly skipped: number;
  done(): void;
}

const none = (image: string, at: string): LabelLine => ({ image, label: null, at });
const lineOf = (labels: Labels, image: string, at = ''): LabelLine =>
  Object.hasOwn(labels, image) ? labels[image]! : none(image, at);

/**
 * What a request writes. A mask stays, whatever the label; an image that stays anomalous keeps its
 * defect type unless another is given.
 */
export const linesFor = ({ images, label, defectType }: LabelRequest, labels: Labels, at: string): LabelLine[] =>
  images.map((image) => nextLine(lineOf(labels, image), { image, at, label, defectType }));

/** Lines by which labels `now` differ from those `before`. */
export function changedLines(before: Labels, now: Labels, at: string): LabelLine[] {
  const images = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...images].flatMap((image) => {
    const to = lineOf(now, image, at);
    const from = lineOf(before, image, at);
    return sameLabel(from, to) && from.mask === to.mask ? [] : [to];
  });
}

const sameLabel = (a: LabelLine, b: LabelLine): boolean => a.label === b.label && a.defectType === b.defectType;

/**
 * Undo and redo of labels: each step is one set of lines, however many images it labels, and is
 * undone by lines that say the opposite. What was labelled or masked elsewhere since is left alone.
 */
export class LabelHistory {
  readonly #done: (readonly Changed[])[] = [];
  readonly #undone: (readonly Changed[])[] = [];

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** @param before labels as they were */
  record(before: Labels, after: readonly LabelLine[]): void {
    if (after.length === 0) return;
    this.#done.push(after.map((to) => ({ from: lineOf(before, to.image, to.at), to })));
    this.#undone.length = 0;
  }

  /** @param now labels as they are. @returns undefined where there is nothing to undo */
  undo(now: Labels, at: string): Step | undefined {
    return step(this.#done, this.#undone, ({ from, to }) => ({ from: to, to: from }), now, at);
  }

  redo(now: Labels, at: string): Step | undefined {
    return step(this.#undone, this.#done, (changed) => changed, now, at);
  }
}

function step(
  stack: (readonly Changed[])[],
  other: (readonly Changed[])[],
  turned: (changed: Changed) => Changed,
  now: Labels,
  at: string,
): Step | undefined {
  const entry = stack.at(-1);
  if (!entry) return undefined;
  const still = entry.filter((changed) => sameLabel(lineOf(now, changed.to.image), turned(changed).from));
  const lines = still.map((changed) => {
    const { from, to } = turned(changed);
    const current = lineOf(now, to.image);
    const mask = current.mask === from.mask ? (to.mask ?? null) : undefined;
    return nextLine(current, { image: to.image, at, label: to.label, defectType: to.defectType ?? null, mask });
  });
  return {
    lines,
    skipped: entry.length - still.length,
    done() {
      stack.splice(stack.indexOf(entry), 1);
      if (still.length > 0) other.push(still);
    },
  };
}
