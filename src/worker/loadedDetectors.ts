import { detectorFile } from '../dataset/onDisk.ts';
import { stat } from 'node:fs/promises';
import { LruMap } from '../common/lruMap.ts';
import { openDetector, viewUse, type LoadedDetector } from '../services/detect/openDetector.ts';
import { loadDetector } from '../services/detect/detectorStore.ts';
import type { EnginePorts } from '../services/ports/enginePorts.ts';

interface Loaded {
  readonly key: string;
  readonly detector: Promise<LoadedDetector>;
}

/**
 * Detectors that are loaded for views, read again when they change on disk; the least recently used
 * are let go.
 */
export class LoadedDetectors {
  readonly #loaded: LruMap<string, Loaded>;

  constructor(kept = 2) {
    this.#loaded = new LruMap(kept, { onLeave: ({ detector }) => void detector.then(release, () => undefined) });
  }

  /** @throws UserError where the folder holds no detector, or a damaged one */
  async get(folder: string, ports: EnginePorts): Promise<LoadedDetector & { readonly key: string }> {
    const file = await stat(`${folder}/${detectorFile}`).catch(() => undefined);
    const { executionProvider, threads } = ports.compute;
    const key = [folder, file?.mtimeMs, file?.size, executionProvider, threads].join('\0');
    // Kept for one thread and for all side by side.
    const place = `${folder}\0${threads}`;
    let entry = this.#loaded.get(place);
    if (entry?.key !== key) {
      const detector = loadDetector(folder, ports).then((found) =>
        openDetector(found, ports, viewUse(found.record.config)),
      );
      entry = { key, detector };
      this.#loaded.set(place, entry);
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
