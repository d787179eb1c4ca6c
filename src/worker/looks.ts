import { inputShape } from '../nferd/config.ts';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { LruMap } from '../common/lruMap.ts';
import type { EngineOptions, Neighbour, NeighboursRequest, StageNeighbours } from '../protocol/engine.ts';
import { openImage } from '../runtime/images/imageSource.ts';
import { enginePorts } from '../runtime/ports.ts';
import { detect, neighboursAt, type DetectionResult } from '../services/detect/detect.ts';
import type { Size } from '../services/ports/disk.ts';
import { LoadedDetectors } from './loadedDetectors.ts';

/** Detections whose neighbours can be asked for without looking at the image again. */
const keptResults = 6;

/**
 * Detections of single images; the last ones are kept for those who ask for the same, or for
 * neighbours.
 */
export class Looks {
  readonly #compute: () => EngineOptions;
  readonly #detectors = new LoadedDetectors();
  readonly #results = new LruMap<string, Promise<DetectionResult>>(keptResults);
  readonly #sizes = new Map<string, Promise<Size>>();

  constructor(compute: () => EngineOptions) {
    this.#compute = compute;
  }

  /** One look at an image, shared by those who ask for the same. */
  async at(image: string, folder: string, many = false) {
    const ports = () => enginePorts(this.#compute());
    const loaded = await this.#detectors.get(folder, many ? ports() : this.#viewPorts());
    const file = await stat(image).catch(() => undefined);
    const key = [image, file?.mtimeMs, file?.size, loaded.key].join('\0');
    let result = this.#results.get(key);
    if (!result) {
      result = detect(image, loaded, ports());
      this.#results.set(key, result);
      result.catch(() => this.#results.delete(key));
    }
    return { loaded, result: await result };
  }

  async neighbours({ image, detector, x, y, count }: NeighboursRequest): Promise<StageNeighbours[]> {
    const { loaded, result } = await this.at(image, detector);
    const { images } = loaded.detector.record;
    const unknown = inputShape(loaded.detector.record.config);
    // Places as shares of their image, whose size is asked for only where it is among those shown.
    const stages = result.neighbours.map((stage) => ({
      stage: stage.stage.name,
      neighbours: neighboursAt(loaded, stage, x, y, () => ({ width: 1, height: 1 })).slice(0, count),
    }));
    const shown = stages.flatMap(({ neighbours }) => neighbours.map((neighbour) => neighbour.image));
    const wanted = [...new Set(shown)].filter((source) => images.includes(source));
    // A normal image that is gone still counts; only its patch can't be shown.
    const known = new Map(
      await Promise.all(
        wanted.map(async (source) => [source, await this.#sizeOf(source).catch(() => unknown)] as const),
      ),
    );
    return stages.map(({ stage, neighbours }) => ({
      stage,
      neighbours: neighbours.map((neighbour) => inPixels(neighbour, known.get(neighbour.image) ?? unknown)),
    }));
  }

  /**
   * For one image that someone waits for: with two cores, one is left to the editor, which opens
   * the view meanwhile (`npm run bench:ui`).
   */
  #viewPorts() {
    const compute = this.#compute();
    return enginePorts({ ...compute, threads: compute.threads || (availableParallelism() > 2 ? 0 : 1) });
  }

  #sizeOf(image: string): Promise<Size> {
    let size = this.#sizes.get(image);
    if (!size) this.#sizes.set(image, (size = openImage(image).then((source) => source.size)));
    return size;
  }
}

/** A patch given in shares of its image. */
const inPixels = (patch: Neighbour, { width, height }: Size): Neighbour => ({
  ...patch,
  left: patch.left * width,
  top: patch.top * height,
  width: patch.width * width,
  height: patch.height * height,
});
