import { createRng } from '../../dataset/rng.ts';
import { adam, cosineDecay } from '../../graph/adam.ts';
import { packTensors, unpackTensors } from '../../graph/parameters.ts';
import { float32, int64, scalar, type Tensor } from '../../graph/tensor.ts';
import { viewSize, type DetectorConfig, type StudentConfig } from '../../nferd/config.ts';
import type { TrainedView } from '../../nferd/detectorModel.ts';
import { initialWeights, studentShapes } from '../../nferd/student.ts';
import {
  channelsOf,
  mapShape,
  retrievalModel,
  stateNames,
  trainStepModel,
  type StateName,
} from '../../nferd/trainStep.ts';
import { allOf, type BanksUnderWay } from './buildBanks.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import { UserError } from '../ports/errors.ts';
import type { Features } from './features.ts';
import { phase, type Watch } from '../ports/progress.ts';

type State = Record<StateName, Tensor>;

/** Where training stands: views done and the state of the one under way. */
export interface StudentProgress {
  readonly view: number;
  readonly step: number;
  readonly state: State;
  /** Last loss of each view so far, the one under way included. */
  readonly losses: readonly number[];
  /** Final weight vectors of the views before. */
  readonly finished: readonly Tensor[];
}

export interface StudentTraining {
  readonly config: DetectorConfig;
  readonly student: StudentConfig;
  readonly seed: number;
  readonly resume?: StudentProgress;
  /** Called now and then, and when stopped, with what a later run can resume. */
  readonly onCheckpoint?: (progress: StudentProgress) => Promise<void>;
}

const checkpointEvery = 100;

/**
 * Trains one student per view on cached features, each as soon as its banks are there, and returns
 * the views with weights: the running average (EMA) of the last steps. The number of steps is set
 * in advance; no image but the given ones is looked at.
 * @returns the views and each view's last loss
 */
export async function trainStudents(
  features: Features,
  banks: Pick<BanksUnderWay, 'view'>,
  training: StudentTraining,
  ports: EnginePorts,
  watch: Watch,
): Promise<{ readonly views: readonly TrainedView[]; readonly losses: readonly number[] }> {
  const { config, student, seed, resume } = training;
  const finished: Tensor[] = [...(resume?.finished ?? [])];
  const losses: number[] = [...(resume?.losses ?? [])];
  const start = resume ? stepsDone(resume, student) : 0;
  let report: ReturnType<typeof phase> | undefined;
  for (let v = finished.length; v < config.views.length; v++) {
    const view = await banks.view(v);
    report ??= phase(watch, 'Training', config.views.length * student.steps, start);
    const size = viewSize(config, config.views[v]!);
    const retrieved = await retrieve(features, v, view, training, ports);
    const batch = Math.min(student.batch, features.images.length);
    const fastOn = features.executionProvider === 'cpu' ? 'cpu' : undefined;
    const model = trainStepModel({ config, student, size, view, batch, fastOn });
    const session = await ports.openSession(model, ports.compute);
    let state = resume?.view === v ? resume.state : initialState(view, student, seed + v);
    let step = resume?.view === v ? resume.step : 0;
    const save = async (): Promise<void> => training.onCheckpoint?.({ view: v, step, state, losses, finished });
    try {
      while (step < student.steps) {
        const images = batchOf(step, batch, features.images.length, seed);
        const next = await session.run({
          ...state,
          ...stacked('map', features.maps[v]!, images, (at) => mapShape(size, at)),
          ...stacked('retrieved', retrieved, images, (at) => mapShape(size, at, config.bank.cells[at]!)),
          ...(features.looked && stacked('looked', features.looked[v]!, images, (at) => mapShape(size, at))),
          learningRate: scalar(cosineDecay(step + 1, { peak: student.learningRate, steps: student.steps, warmup: 20 })),
          step: scalar(step + 1),
        });
        const loss = (next['loss']!.data as Float32Array)[0]!;
        if (!Number.isFinite(loss))
          throw new UserError(
            `Training diverged at step ${step + 1} (loss ${loss}). Train again with a lower learning rate.`,
          );
        state = renewed(next);
        losses[v] = loss;
        step++;
        if (step % checkpointEvery === 0 || step === student.steps) await save();
        report(v * student.steps + step, loss);
      }
    } catch (error) {
      await save();
      throw error;
    } finally {
      await session.release();
    }
    finished.push(state.ema);
  }
  const trained = (await allOf(banks, config)).map((view, v) => ({
    ...view,
    weights: unpackTensors(finished[v]!, studentShapes(channelsOf(view), student)),
  }));
  return { views: trained, losses };
}

/** Steps of all views together. */
export const stepsDone = ({ view, step }: StudentProgress, { steps }: StudentConfig): number => view * steps + step;

function initialState(view: TrainedView, student: StudentConfig, seed: number): State {
  const shapes = studentShapes(channelsOf(view), student);
  const rng = createRng(seed);
  const theta = packTensors(
    initialWeights(shapes, () => rng.normal()),
    shapes,
  );
  const { m, v, ema } = adam().init([theta]);
  return { theta, m: m[0]!, v: v[0]!, ema: ema[0]! };
}

const renewed = (outputs: Record<string, Tensor>): State =>
  Object.fromEntries(stateNames.map((name) => [name, outputs[`${name}'`]!])) as State;

/**
 * The images of a step: each epoch is a new seeded shuffle, so a resumed run sees what an
 * uninterrupted one does.
 */
function batchOf(step: number, batch: number, count: number, seed: number): number[] {
  const order = (epoch: number): number[] =>
    createRng(seed * 7919 + epoch).shuffled(Array.from({ length: count }, (_, i) => i));
  const images: number[] = [];
  for (let at = step * batch; images.length < batch; at++) images.push(order(Math.floor(at / count))[at % count]!);
  return images;
}

/**
 * Each image's bank reads without its own entries: [stage][image] → [C, h, w] on the bank's cells.
 */
async function retrieve(
  features: Features,
  v: number,
  view: TrainedView,
  { config, student }: StudentTraining,
  ports: EnginePorts,
): Promise<Float32Array[][]> {
  const size = viewSize(config, config.views[v]!);
  const out: Float32Array[][] = [[], [], []];
  if (student.fusion === 'none') {
    // Plain reverse distillation reads no bank; the step's inputs are then zeros.
    view.banks.forEach((bank, s) => {
      const [rows, columns] = mapShape(size, s, config.bank.cells[s]!);
      const nothing = new Float32Array(bank.features.channels * rows * columns);
      features.images.forEach(() => out[s]!.push(nothing));
    });
    return out;
  }
  const session = await ports.openSession(retrievalModel({ config, student, size, view, batch: 'N' }), ports.compute);
  try {
    for (const image of features.images.keys()) {
      const maps = stacked('map', features.maps[v]!, [image], (at) => mapShape(size, at));
      const found = await session.run({ ...maps, self: int64([image]) });
      out.forEach((list, s) => list.push(found[`retrieved${s}`]!.data as Float32Array));
    }
  } finally {
    await session.release();
  }
  return out;
}

/** `name0` … `name2`: the images' maps [channels, height, width] as one batch. */
function stacked(
  name: string,
  maps: readonly (readonly Float32Array[])[],
  images: readonly number[],
  shapeOf: (stage: number) => readonly [height: number, width: number],
): Record<string, Tensor> {
  return Object.fromEntries(
    maps.map((stage, s) => {
      const [height, width] = shapeOf(s);
      const { length } = stage[0]!;
      const channels = length / (height * width);
      const data = new Float32Array(images.length * length);
      images.forEach((image, at) => data.set(stage[image]!, at * length));
      return [`${name}${s}`, float32(data, [images.length, channels, height, width])];
    }),
  );
}
