import { keepOutputs } from '../../graph/keepOutputs.ts';
import { int64, type Tensor } from '../../graph/tensor.ts';
import { mapScale, type MapScale } from '../../nferd/anomalyMap.ts';
import { inputShape, isMasked, type DetectorConfig } from '../../nferd/config.ts';
import { detectorModel, type TeacherModel, type TrainedView } from '../../nferd/detectorModel.ts';
import { stageNames, stagesOf } from '../../nferd/stages.ts';
import { sumModel } from '../../nferd/sumModel.ts';
import type { Triple } from '../../nferd/teacher/spec.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import { orMessage, UserError } from '../ports/errors.ts';
import type { Calibration } from '../detect/detectorStore.ts';
import { imageInput } from '../detect/imageInput.ts';
import { ahead, phase, type Watch } from '../ports/progress.ts';
import { imagesAhead, paysSideBySide } from '../ports/sessionPort.ts';

/**
 * A normal image that calibrates. `self` is its index among the bank's images where it is one of
 * them, else −1.
 */
export interface CalibrationImage {
  readonly path: string;
  readonly self: number;
}

/**
 * Sets each map's scale from normal images the detector has not seen (or, in instant mode, whose
 * own bank entries it may not read), and scores the same images as the detector with those scales
 * does. Each image is read and looked at once: its stages' maps, some 40 KB, are kept for the
 * second step.
 * @returns the views with scales, the calibration, and a line for each image that could not be read
 * @throws UserError where none could be read
 */
export async function calibrate(
  images: readonly CalibrationImage[],
  teacher: TeacherModel,
  config: DetectorConfig,
  views: readonly TrainedView[],
  ports: EnginePorts,
  watch: Watch,
): Promise<Calibrated> {
  const { read, maps, failures } = await stageMaps(images, teacher, config, views, ports, watch);
  if (maps.length === 0) throw new UserError(`No image for calibration could be read (first: ${failures[0]}).`);
  const scaleOf = (name: string): MapScale => {
    const [height, width] = maps[0]![name]!.dims.slice(2) as [number, number];
    const data = maps.map((found) => found[name]!.data as Float32Array);
    return mapScale(data, height, width, config.map.borderWeight);
  };
  const scales = stageNames(config).map(([a, b, c]) => {
    const of = (kind: string): Triple<MapScale> => [
      scaleOf(`${kind}_map/${a}`),
      scaleOf(`${kind}_map/${b}`),
      scaleOf(`${kind}_map/${c}`),
    ];
    return { bank: of('bank'), ...(config.student && { student: of('student') }) };
  });
  const calibration = await scoresOf(maps, sumModel(config, scales), ports);
  return { views: views.map((view, v) => ({ ...view, scales: scales[v]! })), calibration, images: read, failures };
}

export interface Calibrated {
  readonly views: readonly TrainedView[];
  readonly calibration: Calibration;
  /** The images that could be read: whose scores `calibration` holds, in its order. */
  readonly images: readonly string[];
  readonly failures: readonly string[];
}

type StageMaps = Readonly<Record<string, Tensor>>;

/**
 * What the detector without scales says of each image that can be read: `bank_map/STAGE`,
 * `student_map/STAGE`, and `looked` where it has that.
 */
async function stageMaps(
  images: readonly CalibrationImage[],
  teacher: TeacherModel,
  config: DetectorConfig,
  views: readonly TrainedView[],
  ports: EnginePorts,
  watch: Watch,
): Promise<{
  readonly read: readonly string[];
  readonly maps: readonly StageMaps[];
  readonly failures: readonly string[];
}> {
  const unscaled = views.map(({ scales: _, ...view }) => view);
  const stages = stagesOf(config).flatMap(({ name }) => [
    `bank_map/${name}`,
    ...(config.student ? [`student_map/${name}`] : []),
  ]);
  const names = [...stages, ...(isMasked(config) ? ['looked'] : [])];
  const model = keepOutputs(detectorModel(teacher, config, unscaled, { selfMatch: true }), names);
  const session = await ports.openSession(model, { ...ports.compute, sideBySide: paysSideBySide(images.length) });
  const size = inputShape(config);
  const look = async ({ path, self }: CalibrationImage) => {
    const image = await orMessage(ports.images.readImage(path, size));
    if (typeof image === 'string') return image;
    return { path, found: await session.run({ image: imageInput([image]), self: int64([self]) }, names) };
  };
  const report = phase(watch, 'Calibrating', images.length);
  const read: string[] = [];
  const maps: StageMaps[] = [];
  const failures: string[] = [];
  try {
    for await (const looked of ahead(images, imagesAhead(session), look)) {
      if (typeof looked === 'string') failures.push(looked);
      else {
        maps.push(looked.found);
        read.push(looked.path);
      }
      report(maps.length + failures.length);
    }
  } finally {
    await session.release();
  }
  return { read, maps, failures };
}

async function scoresOf(maps: readonly StageMaps[], model: Uint8Array, ports: EnginePorts): Promise<Calibration> {
  const session = await ports.openSession(model, ports.compute);
  const scores: number[] = [];
  const peaks: number[] = [];
  try {
    for (const found of maps) {
      const sum = await session.run(found, ['score', 'peak']);
      scores.push((sum['score']!.data as Float32Array)[0]!);
      peaks.push((sum['peak']!.data as Float32Array)[0]!);
    }
  } finally {
    await session.release();
  }
  if (![...scores, ...peaks].every(Number.isFinite))
    throw new UserError('Calibration gave scores that are not numbers. Train the detector again.');
  return { scores, peaks };
}
