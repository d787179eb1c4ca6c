import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { InspectionEngine, LabelLine, UserLabel } from '../../../protocol/inspection.ts';
import { packMask, unpackMask, type MaskRuns } from '../../../protocol/maskRuns.ts';
import type { Remote } from '../../../protocol/rpc.ts';

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

  /** A normal image has no mask; others keep theirs. */
  async setLabel(label: UserLabel | null): Promise<void> {
    const { mask, defectType } = (await this.#line()) ?? {};
    const keeps = label !== null && label !== 'normal';
    await this.#append({ label, ...(keeps && mask && { mask }), ...(keeps && defectType && { defectType }) });
  }

  async readMask(): Promise<(MaskRuns & { readonly saved: boolean }) | undefined> {
    if (this.#kept) return { ...this.#kept, saved: false };
    const stored = await this.#engine().readMask(await this.#place());
    return stored && { ...packMask(stored.width, stored.height, stored.mask), saved: true };
  }

  keepMask(mask: MaskRuns): void {
    this.#kept = mask;
  }

  /** @returns the label that the image has now: anomalous with a mask, as before without */
  async saveMask(runs: MaskRuns): Promise<UserLabel | null> {
    const { width, height } = runs;
    const place = await this.#place();
    const mask = await this.#engine().writeMask({ ...place, width, height, mask: unpackMask(runs) });
    const before = await this.#line();
    const label = mask === undefined ? (before?.label ?? null) : 'anomalous';
    const { defectType } = before ?? {};
    await this.#append({ label, ...(mask !== undefined && { mask }), ...(defectType && { defectType }) });
    this.#kept = undefined;
    return label;
  }

  async #line(): Promise<LabelLine | undefined> {
    const { folder, image } = await this.#place();
    const labels = await this.#engine().readLabels({ folder });
    return Object.hasOwn(labels, image) ? labels[image] : undefined;
  }

  async #append(line: Omit<LabelLine, 'image' | 'at'>): Promise<void> {
    const { folder, image } = await this.#place();
    await this.#engine().appendLabels({ folder, lines: [{ image, ...line, at: new Date().toISOString() }] });
  }

  /** Looked up anew each time: the folder may have been inspected meanwhile. */
  async #place(): Promise<{ readonly folder: string; readonly image: string }> {
    const folder = await labelFolder(this.#image, this.#workspaceFolder);
    return { folder, image: path.relative(folder, this.#image).split(path.sep).join('/') };
  }
}

/** The nearest folder above the image that has labels, else the workspace folder, else the image's own. */
export async function labelFolder(image: string, workspaceFolder: string | undefined): Promise<string> {
  for (let folder = path.dirname(image); ; folder = path.dirname(folder)) {
    const file = await stat(path.join(folder, '.nferd/labels.jsonl')).catch(() => undefined);
    if (file?.isFile()) return folder;
    if (path.dirname(folder) === folder) return workspaceFolder ?? path.dirname(image);
  }
}
