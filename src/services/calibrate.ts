import { int64, type Tensor } from '../graph/tensor.ts';
import type { MapScale } from '../nferd/anomalyMap.ts';
import { quantile } from '../nferd/calibration.ts';
import type { DetectorConfig } from '../nferd/config.ts';
import { detectorModel, type TeacherModel, type TrainedView } from '../nferd/detectorModel.ts';
import { stageNames } from '../nferd/stages.ts';
import type { Triple } from '../nferd/teacher/spec.ts';
import type { EnginePorts } from './enginePorts.ts';
import { UserError } from './errors.ts';
import { imageInput } from './imageInput.ts';
import { ahead, phase, type Watch } from './progress.ts';

/** A normal image that calibrates. `self` is its index among the bank's images where it is one of them, else −1. */
export interface CalibrationImage {
  readonly path: string;
  readonly self: number;
}

/** What held-out normal images score, in the images' order. */
export interface Calibration {
  readonly scores: readonly number[];
  /** Largest value of each image's anomaly map. */
  readonly peaks: readonly number[];
}

/**
 * Sets each map's scale from normal images the detector has not seen (or, in instant mode, whose own bank entries it may not
 * read), then scores the same images with the finished detector.
 */
export async function calibrate(
  images: readonly CalibrationImage[],
  teacher: TeacherModel,
  config: DetectorConfig,
  views: readonly TrainedView[],
  ports: EnginePorts,
  watch: Watch,
): Promise<{ readonly views: readonly TrainedView[]; readonly calibration: Calibration }> {
  const report = phase(watch, 'Calibrating', 2 * images.length);
  const run = async (stage: readonly TrainedView[], each: (found: Record<string, Tensor>) => void, done: number) => {
    const model = detectorModel(teacher, config, stage, { selfMatch: true });
    const session = await ports.openSession(model, ports.compute);
    const size = { width: config.inputSize, height: config.inputSize };
    const read = async ({ path, self }: CalibrationImage) => ({
      image: imageInput([await ports.images.readImage(path, size)]),
      self: int64([self]),
    });
    try {
      for await (const feeds of ahead(images, 3, read)) {
        each(await session.run(feeds, session.outputNames.filter(isMap)));
        report(++done);
      }
    } finally {
      await session.release();
    }
  };
  const seen = new Map<string, { values: number[]; peaks: number[] }>();
  await run(
    views.map(({ scales: _, ...view }) => view),
    (found) => {
      for (const [name, { data }] of Object.entries(found)) {
        if (!name.includes('_map/')) continue;
        const known = seen.get(name) ?? { values: [], peaks: [] };
        seen.set(name, known);
        const map = data as Float32Array;
        known.values.push(quantile(map, 0.5));
        known.peaks.push(maximum(map));
      }
    },
    0,
  );
  const scaleOf = (name: string): MapScale => {
    const { values, peaks } = seen.get(name)!;
    return { typical: quantile(values, 0.5), extreme: quantile(peaks, 0.5) };
  };
  const scaled = views.map((view, v): TrainedView => {
    const of = (kind: string): Triple<MapScale> => {
      const [a, b, c] = stageNames(config)[v]!;
      return [scaleOf(`${kind}_map/${a}`), scaleOf(`${kind}_map/${b}`), scaleOf(`${kind}_map/${c}`)];
    };
    return { ...view, scales: { bank: of('bank'), ...(config.student && { student: of('student') }) } };
  });
  const scores: number[] = [];
  const peaks: number[] = [];
  await run(
    scaled,
    (found) => {
      scores.push((found['score']!.data as Float32Array)[0]!);
      peaks.push(maximum(found['anomaly_map']!.data as Float32Array));
    },
    images.length,
  );
  if (!scores.every(Number.isFinite))
    throw new UserError('Calibration gave scores that are not numbers. Train the detector again.');
  return { views: scaled, calibration: { scores, peaks } };
}

const isMap = (name: string): boolean => name === 'score' || name === 'anomaly_map' || name.includes('_map/');

function maximum(values: Float32Array): number {
  let largest = -Infinity;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}
