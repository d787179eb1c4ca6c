import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRng } from '../../src/dataset/rng.ts';
import { adam } from '../../src/graph/adam.ts';
import { packTensors } from '../../src/graph/parameters.ts';
import { float32, scalar, sizeOf, type Tensor } from '../../src/graph/tensor.ts';
import { candidatesOf } from '../../src/nferd/bank.ts';
import { defaultConfig, defaultStudent, viewSize } from '../../src/nferd/config.ts';
import { initialWeights, studentShapes } from '../../src/nferd/student.ts';
import { stateNames, trainStepModel, type StateName, type StepOptions } from '../../src/nferd/trainStep.ts';
import { writeNpy } from '../../src/runtime/files/npy.ts';
import { openSession } from '../../src/runtime/onnx/session.ts';
import type { Steps } from './torchPeer.ts';

/** Of the shipped teacher, EfficientNet-Lite0. */
const channels = [24, 40, 112] as const;
const student = defaultStudent;
const { width: size } = viewSize(defaultConfig, 1);
const rng = createRng(1);
const normals = (dims: readonly number[]): Tensor =>
  float32(
    Float32Array.from({ length: sizeOf(dims) }, () => rng.normal()),
    dims,
  );

const statisticsOf = (count: number) => ({
  mean: Float32Array.from({ length: count }, () => 0.3 * rng.normal()),
  deviation: Float32Array.from({ length: count }, () => 0.5 + rng.uniform()),
});
const bankOf = (count: number) =>
  candidatesOf(
    { data: new Float32Array(4 * count), channels: count },
    { image: new Uint32Array(4), row: new Uint16Array(4), column: new Uint16Array(4) },
  );
const [a, b, c] = channels;

/**
 * The step of the finest view, on random features; the banks' answers are inputs, so the banks'
 * size does not matter.
 */
export const stepOptions: StepOptions = {
  config: { ...defaultConfig, student },
  student,
  size: { width: size, height: size },
  view: {
    statistics: [statisticsOf(a), statisticsOf(b), statisticsOf(c)],
    banks: [bankOf(a), bankOf(b), bankOf(c)],
  },
  batch: student.batch,
  fastOn: 'cpu',
};

const shapes = studentShapes(channels, student);
const perStage = (name: string, side: (stage: number) => number): Record<string, Tensor> =>
  Object.fromEntries(
    channels.map((count, at) => [`${name}${at}`, normals([student.batch, count, side(at), side(at)])]),
  );
const features = {
  ...perStage('map', (stage) => size / (4 << stage)),
  ...perStage('retrieved', (stage) => size / (4 << stage) / defaultConfig.bank.cells[stage]!),
};
// HAFM's last convolution and the blocks' start at zero: without this half of the gradients would
// be, too.
const theta = packTensors(
  Object.fromEntries(
    Object.entries(initialWeights(shapes, () => rng.normal())).map(([name, tensor]) => [
      name,
      name.endsWith('.b') || tensor.data.some((value) => value !== 0)
        ? tensor
        : float32(
            (normals(tensor.dims).data as Float32Array).map((value) => 0.02 * value),
            tensor.dims,
          ),
    ]),
  ),
  shapes,
);

function initialState(): Record<StateName, Tensor> {
  const { m, v, ema } = adam().init([theta]);
  return { theta, m: m[0]!, v: v[0]!, ema: ema[0]! };
}

/** What the first step is fed. */
export const stepFeeds = (): Record<string, Tensor> => ({
  ...initialState(),
  ...features,
  learningRate: scalar(student.learningRate),
  step: scalar(1),
});

/** Writes what torch_step.py reads: the same weights, features, statistics. */
export async function writeSetup(folder: string, threads: number): Promise<void> {
  const setup = {
    threads,
    shapes,
    learningRate: student.learningRate,
    statistics: stepOptions.view.statistics.map(({ mean, deviation }) => ({
      mean: [...mean],
      deviation: [...deviation],
    })),
  };
  writeFileSync(path.join(folder, 'setup.json'), JSON.stringify(setup));
  for (const [name, { dims, data }] of Object.entries({ ...features, theta }))
    await writeNpy(path.join(folder, `${name}.npy`), { shape: dims, data: data as Float32Array });
}

/** Our step, run as trainStudents runs it. */
export async function startOurs(threads: number) {
  const session = await openSession(trainStepModel(stepOptions), { executionProvider: 'cpu', threads });
  let state = initialState();
  let done = 0;
  return {
    async run(steps: number): Promise<Steps> {
      const ms: number[] = [];
      const cpuMs: number[] = [];
      const loss: number[] = [];
      for (let at = 0; at < steps; at++) {
        const [start, used] = [performance.now(), process.cpuUsage()];
        const step = scalar(++done);
        const next = await session.run({ ...state, ...features, learningRate: scalar(student.learningRate), step });
        state = Object.fromEntries(stateNames.map((name) => [name, next[`${name}'`]!])) as typeof state;
        loss.push((next['loss']!.data as Float32Array)[0]!);
        ms.push(performance.now() - start);
        const cpu = process.cpuUsage(used);
        cpuMs.push((cpu.user + cpu.system) / 1e3);
      }
      return { ms, cpuMs, loss };
    },
    async end(): Promise<{ readonly theta: number; readonly ema: number }> {
      await session.release();
      const squares = ({ data }: Tensor): number => (data as Float32Array).reduce((sum, value) => sum + value ** 2, 0);
      return { theta: squares(state.theta), ema: squares(state.ema) };
    },
  };
}
