import path from 'node:path';
import type { GivenLabel, KeptMask } from '../../../protocol/anomalyView.ts';
import { type LabelLine, type UserLabel, nextLine, type LabelChange } from '../../../dataset/labels.ts';
import type { InspectionEngine } from '../../../protocol/inspection.ts';
import { packMask, unpackMask, type MaskRuns } from '../../../dataset/maskRuns.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import { labelFolder } from './labelFolder.ts';
import type { MaskDraft, MaskDrafts } from './maskDrafts.ts';

type LabelEngine = Pick<Remote<InspectionEngine>, 'readLabels' | 'appendLabels' | 'readMask' | 'writeMask'>;

/** The user's label and mask of one image, in the label file of the dataset that it belongs to. */
export class ImageLabel {
  readonly #image: string;
  readonly #workspaceFolder: string | undefined;
  readonly #engine: () => LabelEngine;
  readonly #drafts: MaskDrafts;
  /** The stored mask that edits begin with, as its label line names it. */
  #base: string | null = null;
  /**
   * Whether a label was given after the mask was edited last: the mask then says nothing about it.
   */
  #labelledSince = false;
  /** One line follows the other: each builds on the last. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(image: string, workspaceFolder: string | undefined, engine: () => LabelEngine, drafts: MaskDrafts) {
    this.#image = image;
    this.#workspaceFolder = workspaceFolder;
    this.#engine = engine;
    this.#drafts = drafts;
  }

  /** What the user said of the image. */
  async read(): Promise<GivenLabel> {
    return given(await this.#line());
  }

  /** @param defectType null: none; left out, an image that stays anomalous keeps its own */
  async setLabel(label: UserLabel | null, defectType?: string | null): Promise<GivenLabel> {
    this.#labelledSince = true;
    return given(await this.#inTurn(() => this.#append({ label, defectType })));
  }

  /** The defect types that the user named in the dataset so far. */
  async defectTypes(): Promise<string[]> {
    const { folder } = await this.#place();
    const named = Object.values(await this.#engine().readLabels({ folder })).map(({ defectType }) => defectType);
    return [...new Set(named)].filter((name) => name !== undefined).sort((a, b) => a.localeCompare(b));
  }

  async readMask(): Promise<KeptMask> {
    const draft = await this.#draft();
    if (!draft) this.#base = await this.#storedMask();
    const stored = await this.#engine().readMask(await this.#place());
    return {
      ...(stored && { stored: packMask(stored.width, stored.height, stored.mask) }),
      ...(draft && { unsaved: draft.mask }),
    };
  }

  /** What `runs` mark beyond the stored mask; undefined where that is nothing. */
  async marked({ width, height, runs }: MaskRuns): Promise<MaskRuns | undefined> {
    const stored = await this.#engine().readMask(await this.#place());
    const mask = unpackMask({ width, height, runs });
    if (stored?.width === width && stored.height === height)
      stored.mask.forEach((value, at) => value !== 0 && (mask[at] = 0));
    return mask.includes(1) ? packMask(width, height, mask) : undefined;
  }

  /**
   * Whether there are edits that were not saved, of this view or of one before, also in a window
   * that is gone.
   */
  async hasUnsaved(): Promise<boolean> {
    return (await this.#draft()) !== undefined;
  }

  /** @param mask null where the edits were undone */
  keepMask(mask: MaskRuns | null): void {
    this.#labelledSince = false;
    if (mask) this.#drafts.keep(this.#image, { mask, base: this.#base });
    else void this.#drafts.drop(this.#image);
  }

  /**
   * Until it is stored the mask counts as unsaved.
   * @returns the label that the image has now: anomalous with a mask, as before with an empty one
   */
  saveMask(runs: MaskRuns): Promise<GivenLabel> {
    this.keepMask(runs);
    return this.#inTurn(() => this.#store(runs));
  }

  /** Saves what was edited and not saved. @returns whether there was something */
  saveUnsaved(): Promise<boolean> {
    return this.#inTurn(async () => {
      const draft = await this.#draft();
      if (draft) await this.#store(draft.mask);
      return draft !== undefined;
    });
  }

  #inTurn<T>(write: () => Promise<T>): Promise<T> {
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #store(runs: MaskRuns): Promise<GivenLabel> {
    const { width, height } = runs;
    const place = await this.#place();
    const mask = unpackMask(runs);
    const written = await this.#engine().writeMask({ ...place, width, height, mask });
    const saysAnomalous = !this.#labelledSince && mask.includes(1);
    // Without a file: nothing of the dataset's was erased, and what the user drew before is taken
    // back.
    const line = await this.#append({ mask: written ?? null, ...(saysAnomalous && { label: 'anomalous' }) });
    this.#base = line.mask ?? null;
    const own = this.#drafts.own(this.#image);
    // It may have been edited meanwhile.
    if (own && own.mask !== runs) this.#drafts.keep(this.#image, { mask: own.mask, base: this.#base });
    else await this.#drafts.drop(this.#image);
    return given(line);
  }

  async #draft(): Promise<MaskDraft | undefined> {
    const own = this.#drafts.own(this.#image);
    const draft = own ?? (await this.#drafts.left(this.#image));
    if (!draft) return undefined;
    // What was left may be outdated: another mask was stored since.
    if (!own && draft.base !== (await this.#storedMask())) return void (await this.#drafts.drop(this.#image));
    this.#base = draft.base;
    return draft;
  }

  async #storedMask(): Promise<string | null> {
    return (await this.#line())?.mask ?? null;
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

const given = (line: LabelLine | undefined): GivenLabel => ({
  label: line?.label ?? null,
  defectType: line?.defectType ?? null,
});
