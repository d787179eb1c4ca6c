import type { Tensor } from '../../graph/tensor.ts';
import { inputShape, isMasked, type DetectorConfig } from '../../nferd/config.ts';
import { featureModel, lookedName, type TeacherModel } from '../../nferd/detectorModel.ts';
import { stageNames } from '../../nferd/stages.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import { orMessage } from '../ports/errors.ts';
import { imageInput } from '../detect/imageInput.ts';
import { ahead, phase, type Watch } from '../ports/progress.ts';
import { imagesAhead, paysSideBySide } from '../ports/sessionPort.ts';

/** The teacher's maps of normal images: [view][stage][image] → [C, h, w]. */
export interface Features {
  /** The images that could be read, in order. */
  readonly images: readonly string[];
  readonly maps: readonly (readonly (readonly Float32Array[])[])[];
  /**
   * Which positions count, 1 or 0: [view][stage][image] → [h, w]. Absent where all of every image
   * does.
   */
  readonly looked?: readonly (readonly (readonly Float32Array[])[])[];
  /** What could not be read, one line each. */
  readonly failures: readonly string[];
  /** What the teacher ran on, as in the setting. */
  readonly executionProvider: string;
}

/** Runs the teacher over `images`; one that can't be read is named in `failures` and left out. */
export async function extractFeatures(
  images: readonly string[],
  teacher: TeacherModel,
  config: DetectorConfig,
  ports: EnginePorts,
  watch: Watch,
): Promise<Features> {
  const names = stageNames(config);
  const none = (): Float32Array[][][] => names.map((view) => view.map(() => []));
  const maps = none();
  const looked = isMasked(config) ? none() : undefined;
  const failures: string[] = [];
  const kept: string[] = [];
  const session = await ports.openSession(featureModel(teacher, config), {
    ...ports.compute,
    sideBySide: paysSideBySide(images.length),
  });
  const report = phase(watch, 'Reading normal images', images.length);
  const size = inputShape(config);
  const look = async (path: string): Promise<{ path: string; found: Record<string, Tensor> } | string> => {
    const image = await orMessage(ports.images.readImage(path, size));
    if (typeof image === 'string') return image;
    return { path, found: await session.run({ image: imageInput([image]) }) };
  };
  try {
    let done = 0;
    for await (const item of ahead(images, imagesAhead(session), look)) {
      if (typeof item === 'string') failures.push(item);
      else {
        names.forEach((view, v) =>
          view.forEach((name, s) => {
            maps[v]![s]!.push(item.found[name]!.data as Float32Array);
            looked?.[v]![s]!.push(item.found[lookedName(name)]!.data as Float32Array);
          }),
        );
        kept.push(item.path);
      }
      report(++done);
    }
  } finally {
    await session.release();
  }
  const { executionProvider } = session;
  return { images: kept, maps, ...(looked && { looked }), failures, executionProvider };
}
