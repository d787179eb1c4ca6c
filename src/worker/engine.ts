import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { inputShape } from '../nferd/config.ts';
import type { Engine, EngineOptions, Neighbour, TrainRequest } from '../protocol/engine.ts';
import { LruMap } from '../common/lruMap.ts';
import type { Call, Handlers } from '../protocol/rpc.ts';
import { teachersDir } from '../runtime/files/dataDir.ts';
import { openImage } from '../runtime/images/imageSource.ts';
import { encodePng } from '../runtime/images/imageWrite.ts';
import { machine } from '../runtime/machine.ts';
import { enginePorts } from '../runtime/ports.ts';
import { detect, neighboursAt, type DetectionResult } from '../services/detect/detect.ts';
import { loadDetector, summaryOf } from '../services/detect/detectorStore.ts';
import { examine, markdown } from '../services/doctor/doctor.ts';
import { shownSize } from '../services/detect/heatmap.ts';
import type { Size } from '../services/ports/disk.ts';
import { slashed } from '../dataset/slashed.ts';
import { trainOnFolder } from '../services/train/trainOnFolder.ts';
import { cudaHandlers } from './cuda.ts';
import { LoadedDetectors } from './loadedDetectors.ts';

const clock = (): number => performance.now();
/** Detections whose neighbours can be asked for without looking at the image again. */
const keptResults = 6;

/**
 * The use cases as the extension calls them.
 * @param shipped the folder of the teachers that ship with the product
 * @param warn told of what was left out, one line each
 */
export function createEngine(shipped: string, warn: (line: string) => void): Handlers<Engine> {
  let compute: EngineOptions = { executionProvider: 'auto', threads: 0 };
  const detectors = new LoadedDetectors();
  const results = new LruMap<string, Promise<DetectionResult>>(keptResults);
  const sizes = new Map<string, Promise<Size>>();
  const folders = { shipped, user: teachersDir() };
  const ports = () => enginePorts(compute);
  /** For one image that someone waits for: with two cores, one is left to the editor, which opens the view meanwhile (`npm run bench:ui`). */
  const viewPorts = () => enginePorts({ ...compute, threads: compute.threads || (availableParallelism() > 2 ? 0 : 1) });

  /** One look at an image, shared by those who ask for the same. */
  async function look(image: string, folder: string, many = false) {
    const loaded = await detectors.get(folder, many ? ports() : viewPorts());
    const file = await stat(image).catch(() => undefined);
    const key = [image, file?.mtimeMs, file?.size, loaded.key].join('\0');
    let result = results.get(key);
    if (!result) {
      result = detect(image, loaded, ports());
      results.set(key, result);
      result.catch(() => results.delete(key));
    }
    return { loaded, result: await result };
  }

  function sizeOf(image: string): Promise<Size> {
    let size = sizes.get(image);
    if (!size) sizes.set(image, (size = openImage(image).then((source) => source.size)));
    return size;
  }

  async function train({ folder, out, ...request }: TrainRequest, { signal, progress }: Call) {
    const { detector, failures } = await trainOnFolder(
      { ...request, folder: slashed(path.resolve(folder)), out: slashed(path.resolve(out)), onNote: warn },
      folders,
      ports(),
      { clock, signal, onProgress: progress },
    );
    failures.forEach(warn);
    return summaryOf(detector);
  }

  return {
    configure(options) {
      compute = options;
    },
    describe: async (folder) => summaryOf(await loadDetector(folder, ports())),
    async detect({ image, detector, many }) {
      const start = performance.now();
      const { loaded, result } = await look(image, detector, many);
      const { neighbours: _, anomalyMap: __, ...rest } = result;
      return {
        ...rest,
        detector: summaryOf(loaded.detector),
        executionProvider: loaded.session.executionProvider,
        elapsedMs: performance.now() - start,
      };
    },
    async neighbours({ image, detector, x, y, count }) {
      const { loaded, result } = await look(image, detector);
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
        await Promise.all(wanted.map(async (source) => [source, await sizeOf(source).catch(() => unknown)] as const)),
      );
      return stages.map(({ stage, neighbours }) => ({
        stage,
        neighbours: neighbours.map((neighbour) => inPixels(neighbour, known.get(neighbour.image) ?? unknown)),
      }));
    },
    train,
    async picture({ image, maxSide }) {
      const file = await ports().images.open(image);
      const [shown] = file.read(shownSize(file.size, maxSide));
      const { width, height, data } = await shown!;
      return encodePng({ width, height, channels: 3, data });
    },
    ...cudaHandlers,
    doctor: async () => markdown((await examine(machine(), folders, ports(), clock)).sections),
  };
}

/** A patch given in shares of its image. */
const inPixels = (patch: Neighbour, { width, height }: Size): Neighbour => ({
  ...patch,
  left: patch.left * width,
  top: patch.top * height,
  width: patch.width * width,
  height: patch.height * height,
});
