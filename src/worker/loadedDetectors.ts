import { stat } from 'node:fs/promises';
import { openDetector, viewUse, type LoadedDetector } from '../services/detect/openDetector.ts';
import { loadDetector } from '../services/detect/detectorStore.ts';
import type { EnginePorts } from '../services/ports/enginePorts.ts';

/** Detectors that are loaded for views, read again when they change on disk; the least recently used are let go. */
export class LoadedDetectors {
  readonly #kept: number;
  readonly #loaded = new Map<string, { readonly key: string; readonly detector: Promise<LoadedDetector> }>();

  constructor(kept = 2) {
    this.#kept = kept;
  }

  /** @throws UserError where the folder holds no detector, or a damaged one */
  async get(folder: string, ports: EnginePorts): Promise<LoadedDetector & { readonly key: string }> {
    const file = await stat(`${folder}/detector.json`).catch(() => undefined);
    const { executionProvider, threads } = ports.compute;
    const key = [folder, file?.mtimeMs, file?.size, executionProvider, threads].join('\0');
    // Kept for one thread and for all side by side.
    const place = `${folder}\0${threads}`;
    let entry = this.#loaded.get(place);
    if (entry?.key !== key) {
      entry?.detector.then(release, () => undefined);
      const opening = loadDetector(folder, ports).then((detector) =>
        openDetector(detector, ports, viewUse(detector.record.config)),
      );
      entry = { key, detector: opening };
    }
    // Last in the map is the most recent.
    this.#loaded.delete(place);
    this.#loaded.set(place, entry);
    for (const old of [...this.#loaded.keys()].slice(0, -this.#kept)) {
      this.#loaded.get(old)!.detector.then(release, () => undefined);
      this.#loaded.delete(old);
    }
    try {
      return { ...(await entry.detector), key };
    } catch (error) {
      if (this.#loaded.get(place) === entry) this.#loaded.delete(place);
      throw error;
    }
  }
}

const release = ({ session }: LoadedDetector): Promise<void> => session.release();
