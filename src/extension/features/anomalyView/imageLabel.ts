import path from 'node:path';
import type { InspectionEngine, LabelLine, UserLabel } from '../../../protocol/inspection.ts';
import { nextLine, type LabelChange } from '../../../protocol/labelLine.ts';
import { packMask, unpackMask, type MaskRuns } from '../../../protocol/maskRuns.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import { labelFolder } from './labelFolder.ts';

type LabelEngine = Pick<Remote<InspectionEngine>, 'readLabels' | 'appendLabels' | 'readMask' | 'writeMask'>;

/** The user's label and mask of one image, in the label file of the dataset that it belongs to. */
export class ImageLabel {
  readonly #image: string;
  readonly #workspaceFolder: string | undefined;
  readonly #engine: () => LabelEngine;
  /** Edited and not saved. */
  #kept: MaskRuns | undefined;

  constructor(image: string, workspaceFolder: string | undefined, engine: () => LabelEngine) {
    this.#image = image;
    this.#workspaceFolder = workspaceFolder;
    this.#engine = engine;
  }

  /** What the user said of the image; null where they said nothing. */
  async read(): Promise<UserLabel | null> {
    return (await this.#line())?.label ?? null;
  }

  async setLabel(label: UserLabel | null): Promise<void> {
    await this.#append({ label });
  }

  async readMask(): Promise<(MaskRuns & { readonly saved: boolean }) | undefined> {
    if (this.#kept) return { ...this.#kept, saved: false };
    const stored = await this.#engine().readMask(await this.#place());
    return stored && { ...packMask(stored.width, stored.height, stored.mask), saved: true };
  }

  keepMask(mask: MaskRuns): void {
    this.#kept = mask;
  }

  /** @returns the label that the image has now: anomalous with a mask, as before with an empty one */
  async saveMask(runs: MaskRuns): Promise<UserLabel | null> {
    const { width, height } = runs;
    const place = await this.#place();
    const mask = unpackMask(runs);
    const written = await this.#engine().writeMask({ ...place, width, height, mask });
    const { label } = await this.#append({ mask: written, ...(mask.includes(1) && { label: 'anomalous' }) });
    this.#kept = undefined;
    return label;
  }

  async #line(): Promise<LabelLine | undefined> {
    const { folder, image } = await this.#place();
    const labels = await this.#engine().readLabels({ folder });
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
