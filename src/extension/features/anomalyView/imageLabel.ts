import path from 'node:path';
import type { InspectionEngine, LabelLine, UserLabel } from '../../../protocol/inspection.ts';
import { nextLine, type LabelChange } from '../../../protocol/labelLine.ts';
import { packMask, unpackMask, type MaskRuns } from '../../../protocol/maskRuns.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import { labelFolder } from './labelFolder.ts';

type LabelEngine = Pick<Remote<InspectionEngine>, 'readLabels' | 'appendLabels' | 'readMask' | 'writeMask'>;

/** Masks that were edited and not saved, by image; they outlive the views. */
export type UnsavedMasks = Map<string, MaskRuns>;

/** The user's label and mask of one image, in the label file of the dataset that it belongs to. */
export class ImageLabel {
  readonly #image: string;
  readonly #workspaceFolder: string | undefined;
  readonly #engine: () => LabelEngine;
  readonly #unsaved: UnsavedMasks;
  /** Whether a label was given after the mask was edited last: the mask then says nothing about it. */
  #labelledSince = false;
  /** One line follows the other: each builds on the last. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    image: string,
    workspaceFolder: string | undefined,
    engine: () => LabelEngine,
    unsaved: UnsavedMasks = new Map(),
  ) {
    this.#image = image;
    this.#workspaceFolder = workspaceFolder;
    this.#engine = engine;
    this.#unsaved = unsaved;
  }

  /** What the user said of the image; null where they said nothing. */
  async read(): Promise<UserLabel | null> {
    return (await this.#line())?.label ?? null;
  }

  async setLabel(label: UserLabel | null): Promise<void> {
    this.#labelledSince = true;
    await this.#inTurn(() => this.#append({ label }));
  }

  async readMask(): Promise<(MaskRuns & { readonly saved: boolean }) | undefined> {
    const unsaved = this.#unsaved.get(this.#image);
    if (unsaved) return { ...unsaved, saved: false };
    const stored = await this.#engine().readMask(await this.#place());
    return stored && { ...packMask(stored.width, stored.height, stored.mask), saved: true };
  }

  /** What `runs` mark beyond the stored mask; undefined where that is nothing. */
  async marked({ width, height, runs }: MaskRuns): Promise<MaskRuns | undefined> {
    const stored = await this.#engine().readMask(await this.#place());
    const mask = unpackMask({ width, height, runs });
    if (stored?.width === width && stored.height === height)
      stored.mask.forEach((value, at) => value !== 0 && (mask[at] = 0));
    return mask.includes(1) ? packMask(width, height, mask) : undefined;
  }

  /** @param mask null where the edits were undone */
  keepMask(mask: MaskRuns | null): void {
    this.#labelledSince = false;
    if (mask) this.#unsaved.set(this.#image, mask);
    else this.#unsaved.delete(this.#image);
  }

  /**
   * Until it is stored the mask counts as unsaved.
   * @returns the label that the image has now: anomalous with a mask, as before with an empty one
   */
  saveMask(runs: MaskRuns): Promise<UserLabel | null> {
    this.keepMask(runs);
    return this.#inTurn(() => this.#store(runs));
  }

  /** Saves what was edited and not saved. @returns whether there was something */
  saveUnsaved(): Promise<boolean> {
    return this.#inTurn(async () => {
      const runs = this.#unsaved.get(this.#image);
      if (runs) await this.#store(runs);
      return runs !== undefined;
    });
  }

  #inTurn<T>(write: () => Promise<T>): Promise<T> {
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #store(runs: MaskRuns): Promise<UserLabel | null> {
    const { width, height } = runs;
    const place = await this.#place();
    const mask = unpackMask(runs);
    const written = await this.#engine().writeMask({ ...place, width, height, mask });
    const saysAnomalous = !this.#labelledSince && mask.includes(1);
    // Without a file: nothing of the dataset's was erased, and what the user drew before is taken back.
    const { label } = await this.#append({ mask: written ?? null, ...(saysAnomalous && { label: 'anomalous' }) });
    // It may have been edited meanwhile.
    if (this.#unsaved.get(this.#image) === runs) this.#unsaved.delete(this.#image);
    return label;
  }

  async #line(): Promise<LabelLine | undefined> {
    const { folder, image } = await this.#place();
    const labels = await this.#engine().readLabels({ folder, image });
    return Object.hasOwn(labels, image) ? labels[image] : undefined;
  }

  async #append(change: Omit<LabelChange, 'image' | 'at'>): Promise<LabelLine> {
    const { folder, image } = await this.#place();
    const line = nextLine(await this.#line(), { image, ...change, at: new Date().toISOString() });
    await this.#engine().appendLabels({ folder, lines: [line] });
    return line;
  }

  /** Looked up anew each time: the folder may have been inspected meanwhile. */
  async #place(): Promise<{ readonly folder: string; readonly image: string }> {
    const folder = await labelFolder(this.#image, this.#workspaceFolder);
    return { folder, image: path.relative(folder, this.#image).split(path.sep).join('/') };
  }
}
