import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { arraysToJson, jsonToArrays } from '../../../protocol/arrayJson.ts';
import type { MaskRuns } from '../../../dataset/maskRuns.ts';

/** A mask that was edited and not saved. */
export interface MaskDraft {
  readonly mask: MaskRuns;
  /**
   * The stored mask that it was made from, as its label line names it; null where there was none.
   */
  readonly base: string | null;
}

/**
 * Masks that were edited and not saved, by image. They outlive the views and, in files that all
 * windows share, a window that is closed or killed.
 */
export class MaskDrafts {
  readonly #folder: string;
  readonly #log: (message: string) => void;
  /** Those of this window. */
  readonly #own = new Map<string, MaskDraft>();
  readonly #writing = new Map<string, Promise<void>>();

  /** @param folder made when it is needed */
  constructor(folder: string, log: (message: string) => void = () => undefined) {
    this.#folder = folder;
    this.#log = log;
  }

  /** What this window keeps of an image. */
  own(image: string): MaskDraft | undefined {
    return this.#own.get(image);
  }

  /** What a window left of an image that is gone, or that has it open. */
  async left(image: string): Promise<MaskDraft | undefined> {
    await this.written(image);
    return read(this.#file(image), image);
  }

  keep(image: string, draft: MaskDraft): void {
    this.#own.set(image, draft);
    void this.#sync(image);
  }

  /** It was saved or undone. */
  async drop(image: string): Promise<void> {
    this.#own.delete(image);
    await this.#sync(image);
  }

  /** When the file says what was kept or dropped last. */
  async written(image: string): Promise<void> {
    await this.#writing.get(image);
  }

  /** Makes the file say what the memory says; of changes that come meanwhile the last is enough. */
  #sync(image: string): Promise<void> {
    const writing = this.#writing.get(image) ?? this.#write(image);
    this.#writing.set(image, writing);
    return writing;
  }

  async #write(image: string): Promise<void> {
    const file = this.#file(image);
    let draft: MaskDraft | undefined;
    try {
      do {
        draft = this.#own.get(image);
        await (draft ? write(file, image, draft) : rm(file, { force: true }));
      } while (this.#own.get(image) !== draft);
    } catch (error) {
      const why = (error as Error).message;
      this.#log(`${file}: could not be written (${why}). A mask that is not saved is lost with its window.`);
    } finally {
      this.#writing.delete(image);
    }
  }

  #file(image: string): string {
    return path.join(this.#folder, `${createHash('sha256').update(image).digest('hex').slice(0, 32)}.json`);
  }
}

/** Under a temporary name first: a killed window leaves the draft before or this one. */
async function write(file: string, image: string, draft: MaskDraft): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(
    temporary,
    arraysToJson({ image, ...draft }, (bytes) => Buffer.from(bytes).toString('base64')),
  );
  await rename(temporary, file);
}

/** Undefined where there is none or it makes no sense. */
async function read(file: string, image: string): Promise<MaskDraft | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    const found = jsonToArrays(text, (base64) => new Uint8Array(Buffer.from(base64, 'base64'))) as MaskDraft & {
      image: string;
    };
    const { width, height, runs } = found.mask;
    const fills = runs instanceof Uint32Array && runs.reduce((sum, run) => sum + run, 0) === width * height;
    return found.image === image && fills ? { mask: { width, height, runs }, base: found.base } : undefined;
  } catch {
    return undefined;
  }
}
