import { recogniseDataset } from '../../dataset/recogniseDataset.ts';
import type { LabelLine } from '../../dataset/labels.ts';
import { rememberedNormals } from '../dataset/normalMemory.ts';
import type { LabelPorts } from '../ports/labelPorts.ts';
import { appendLabels, readLabels } from './labelStore.ts';
import { maskOf, readMaskAt, writeMask, type ImageMask } from './maskStore.ts';

/** A folder is listed again after this long. */
const freshMs = 10_000;

interface Listed {
  readonly folder: string;
  readonly at: number;
  readonly paths: Promise<readonly string[]>;
}

/**
 * Labels and masks of the images in folders, one image at a time, as a view asks for them. Keeps
 * the listing of the folder that was asked for last for some seconds.
 */
export class FolderLabels {
  readonly #ports: LabelPorts;
  readonly #clock: () => number;
  readonly #warn: (line: string) => void;
  #listed: Listed | undefined;
  #recognised: { readonly of: readonly string[]; readonly masks: ReadonlyMap<string, string> } | undefined;

  /**
   * @param clock milliseconds
   * @param warn told of what was left out, one line each
   */
  constructor(ports: LabelPorts, clock: () => number, warn: (line: string) => void) {
    this.#ports = ports;
    this.#clock = clock;
    this.#warn = warn;
  }

  /**
   * The user's lines by image; those of `image` alone where it is given, which needs no listing.
   */
  async read(folder: string, image?: string): Promise<Readonly<Record<string, LabelLine>>> {
    if (image !== undefined) {
      const line = await this.#lineOf(folder, image);
      return line ? { [image]: line } : {};
    }
    const { labels, notes } = await readLabels(folder, this.#ports, await this.#pathsOf(folder));
    notes.forEach(this.#warn);
    return labels;
  }

  append(folder: string, lines: readonly LabelLine[]): Promise<void> {
    return appendLabels(folder, lines, this.#ports);
  }

  /**
   * Writes a mask. An empty one is written only where it has a mask of the dataset's to erase.
   * @returns the path for the image's line; undefined where it needs none
   */
  async writeMask(folder: string, image: string, mask: ImageMask): Promise<string | undefined> {
    const empty = !mask.mask.some((value) => value !== 0);
    const { label = null } = (await this.#lineOf(folder, image)) ?? {};
    if (empty && maskOf({ label }, await this.#itemOf(folder, image)) === undefined) return undefined;
    return writeMask(folder, image, mask, this.#ports);
  }

  /**
   * The user's mask, or the dataset's where the user drew none; undefined where there is neither.
   */
  async readMask(folder: string, image: string): Promise<ImageMask | undefined> {
    const { files } = this.#ports;
    const line = await this.#lineOf(folder, image);
    const path = maskOf(line, line?.mask === undefined ? await this.#itemOf(folder, image) : undefined);
    if (path === undefined || (path === line?.mask && !(await files.exists(`${folder}/${path}`)))) return undefined;
    const { note, ...mask } = await readMaskAt(folder, image, path, this.#ports);
    if (note) this.#warn(note);
    return mask;
  }

  async #lineOf(folder: string, image: string): Promise<LabelLine | undefined> {
    const { labels } = await readLabels(folder, this.#ports, [image]);
    return Object.hasOwn(labels, image) ? labels[image] : undefined;
  }

  /** What the dataset itself says of an image's mask. */
  async #itemOf(folder: string, image: string): Promise<{ readonly maskPath: string } | undefined> {
    const paths = await this.#pathsOf(folder);
    if (this.#recognised?.of !== paths) {
      const said = await rememberedNormals(folder, this.#ports.files);
      const { items } = recogniseDataset(paths, folder, said);
      const masks = items.flatMap(({ path, maskPath }) => (maskPath === undefined ? [] : [[path, maskPath] as const]));
      this.#recognised = { of: paths, masks: new Map(masks) };
    }
    const maskPath = this.#recognised.masks.get(image);
    return maskPath === undefined ? undefined : { maskPath };
  }

  /** All files of a folder. */
  #pathsOf(folder: string): Promise<readonly string[]> {
    const now = this.#clock();
    if (this.#listed?.folder === folder && now - this.#listed.at < freshMs) return this.#listed.paths;
    const paths = this.#ports.files.list(folder).then((listing) => listing.paths);
    paths.catch(() => (this.#listed = undefined));
    this.#listed = { folder, at: now, paths };
    return paths;
  }
}
