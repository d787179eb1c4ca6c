import path from 'node:path';
import type { Engine, EngineOptions, TrainRequest } from '../protocol/engine.ts';
import type { Call, Handlers } from '../protocol/rpc.ts';
import { teachersDir } from '../runtime/files/dataDir.ts';
import { encodePng } from '../runtime/images/imageWrite.ts';
import { machine } from '../runtime/machine.ts';
import { enginePorts } from '../runtime/ports.ts';
import { loadDetector, summaryOf } from '../services/detect/detectorStore.ts';
import { examine, markdown } from '../services/doctor/doctor.ts';
import { shownSize } from '../services/detect/heatmap.ts';
import { foldersToDecide } from '../dataset/normalTrainingItems.ts';
import { listDataset } from '../services/dataset/readDataset.ts';
import { slashed } from '../dataset/slashed.ts';
import { trainOnFolder } from '../services/train/trainOnFolder.ts';
import { cudaHandlers } from './cuda.ts';
import { Looks } from './looks.ts';

const clock = (): number => performance.now();
/**
 * The use cases as the extension calls them.
 * @param shipped the folder of the teachers that ship with the product
 * @param warn told of what was left out, one line each
 */
export function createEngine(shipped: string, warn: (line: string) => void): Handlers<Engine> {
  let compute: EngineOptions = { executionProvider: 'auto', threads: 0 };
  const folders = { shipped, user: teachersDir() };
  const ports = () => enginePorts(compute);
  const looks = new Looks(() => compute);
  return {
    configure(options) {
      compute = options;
    },
    describe: async (folder) => summaryOf(await loadDetector(folder, ports())),
    async detect({ image, detector, many }) {
      const start = performance.now();
      const { loaded, result } = await looks.at(image, detector, many);
      const { neighbours: _, anomalyMap: __, ...rest } = result;
      return {
        ...rest,
        detector: summaryOf(loaded.detector),
        executionProvider: loaded.session.executionProvider,
        elapsedMs: performance.now() - start,
      };
    },
    neighbours: (request) => looks.neighbours(request),
    foldersToDecide: async (folder) => foldersToDecide(await listDataset(slashed(path.resolve(folder)), ports().files)),
    async train({ folder, out, roi, ...request }: TrainRequest, { signal, progress }: Call) {
      const { detector, failures } = await trainOnFolder(
        {
          ...request,
          folder: slashed(path.resolve(folder)),
          out: slashed(path.resolve(out)),
          ...(roi !== undefined && { roi: slashed(path.resolve(roi)) }),
          onNote: warn,
        },
        folders,
        ports(),
        { clock, signal, onProgress: progress },
      );
      failures.forEach(warn);
      return summaryOf(detector);
    },
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
