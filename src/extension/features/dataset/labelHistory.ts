import type { LabelLine, UserLabel } from '../../../protocol/inspection.ts';

export interface LabelRequest {
  readonly images: readonly string[];
  /** null takes the label back. */
  readonly label: UserLabel | null;
  readonly defectType?: string;
}

interface Entry {
  readonly before: readonly LabelLine[];
  readonly after: readonly LabelLine[];
}

type Labels = Readonly<Record<string, LabelLine>>;

const none = (image: string, at: string): LabelLine => ({ image, label: null, at });
const lineOf = (labels: Labels, image: string, at: string): LabelLine =>
  Object.hasOwn(labels, image) ? labels[image]! : none(image, at);

/** What a request writes. An image that stays anomalous keeps its defect type and mask unless another type is given. */
export function linesFor({ images, label, defectType }: LabelRequest, labels: Labels, at: string): LabelLine[] {
  return images.map((image) => {
    if (label !== 'anomalous') return { image, label, at };
    const before = lineOf(labels, image, at);
    const type = defectType ?? (before.label === 'anomalous' ? before.defectType : undefined);
    return {
      image,
      label,
      ...(type && { defectType: type }),
      ...(before.label === 'anomalous' && before.mask && { mask: before.mask }),
      at,
    };
  });
}

/** Lines by which labels `now` differ from those `before`. */
export function changedLines(before: Labels, now: Labels, at: string): LabelLine[] {
  const images = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...images].flatMap((image) => {
    const line = lineOf(now, image, at);
    return sameLabel(lineOf(before, image, at), line) ? [] : [line];
  });
}

const sameLabel = (a: LabelLine, b: LabelLine): boolean =>
  a.label === b.label && a.defectType === b.defectType && a.mask === b.mask;

/** Undo and redo of labels: each step is one set of lines, however many images it labels, and is undone by lines that say the opposite. */
export class LabelHistory {
  readonly #done: Entry[] = [];
  #undone: Entry[] = [];

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** @param before labels as they were */
  record(before: Labels, after: readonly LabelLine[]): void {
    if (after.length === 0) return;
    this.#done.push({ before: after.map(({ image, at }) => lineOf(before, image, at)), after });
    this.#undone = [];
  }

  /** The lines to write; none where there is nothing to undo. */
  undo(at: string): LabelLine[] {
    const entry = this.#done.pop();
    if (!entry) return [];
    this.#undone.push(entry);
    return entry.before.map((line) => ({ ...line, at }));
  }

  redo(at: string): LabelLine[] {
    const entry = this.#undone.pop();
    if (!entry) return [];
    this.#done.push(entry);
    return entry.after.map((line) => ({ ...line, at }));
  }
}
