import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../src/dataset/rng.ts';
import { adam } from '../../../src/graph/adam.ts';
import type { GraphOptions } from '../../../src/graph/graph.ts';
import { packTensors } from '../../../src/graph/parameters.ts';
import { float32, int64, scalar, sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { candidatesOf, type Bank } from '../../../src/nferd/bank.ts';
import {
  defaultConfig,
  fusions,
  type DetectorConfig,
  type Fusion,
  type StudentConfig,
} from '../../../src/nferd/config.ts';
import type { TrainedView } from '../../../src/nferd/detectorModel.ts';
import { initialWeights, student, studentShapes } from '../../../src/nferd/student.ts';
import type { Triple } from '../../../src/nferd/teacher/spec.ts';
import { retrievalModel, stateNames, trainStepModel } from '../../../src/nferd/trainStep.ts';
import { openSession } from '../../../src/runtime/onnx/session.ts';
import { close, evaluate, floats } from './support.ts';

const size = 64;
const batch = 2;
const channels: Triple<number> = [3, 4, 5];
const sides = [16, 8, 4] as const;
const compute = { executionProvider: 'cpu', threads: 1 };

const studentOf = (fusion: Fusion): StudentConfig => ({
  fusion,
  widths: [6, 8, 8],
  embedding: 8,
  steps: 20,
  batch,
  learningRate: 5e-3,
});

const config: DetectorConfig = {
  ...defaultConfig,
  inputSize: size,
  views: [1],
  bank: { entries: [12, 12, 12], cells: [2, 2, 1], neighbours: 3, candidates: 100 },
};

const random = (seed: number, dims: readonly number[]): Tensor => {
  const rng = createRng(seed);
  return float32(
    Float32Array.from({ length: sizeOf(dims) }, () => rng.normal()),
    dims,
  );
};

const bank = (seed: number, width: number): Bank =>
  candidatesOf(
    { data: floats(random(seed, [12, width])), channels: width },
    {
      image: Uint32Array.from({ length: 12 }, (_, at) => at % 3),
      row: new Uint16Array(12),
      column: new Uint16Array(12),
    },
  );

const statistics = (width: number) => ({
  mean: new Float32Array(width).fill(0.1),
  deviation: new Float32Array(width).fill(1.1),
});

const view: TrainedView = {
  statistics: [statistics(3), statistics(4), statistics(5)],
  banks: [bank(1, 3), bank(2, 4), bank(3, 5)],
};

const mapsOf = (): Record<string, Tensor> =>
  Object.fromEntries(sides.map((side, at) => [`map${at}`, random(10 + at, [batch, channels[at]!, side, side])]));

const weightsOf = (fusion: Fusion, seed: number): Record<string, Tensor> => {
  const rng = createRng(seed);
  return initialWeights(studentShapes(channels, studentOf(fusion)), () => rng.normal());
};

/** Loss of each of `steps` steps on one batch. */
async function losses(fusion: Fusion, steps: number, { fastOn }: GraphOptions = {}): Promise<number[]> {
  const options = { config, student: studentOf(fusion), size: { width: size, height: size }, view, batch, fastOn };
  const maps = mapsOf();
  const retrieval = await openSession(retrievalModel({ ...options, batch: 'N' }), compute);
  const retrieved = await retrieval.run({ ...maps, self: int64([0, 1]) });
  const session = await openSession(trainStepModel(options), compute);
  const theta = packTensors(weightsOf(fusion, 1), studentShapes(channels, options.student));
  const start = adam().init([theta]);
  let state: Record<string, Tensor> = { theta, m: start.m[0]!, v: start.v[0]!, ema: start.ema[0]! };
  const found: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const rest = { ...maps, ...retrieved, learningRate: scalar(5e-3), step: scalar(step) };
    const next = await session.run({ ...state, ...rest });
    state = Object.fromEntries(stateNames.map((name) => [name, next[`${name}'`]!]));
    found.push(floats(next['loss']!)[0]!);
    assert.ok(floats(next['norm']!)[0]! > 0);
  }
  await retrieval.release();
  await session.release();
  return found;
}

for (const fusion of fusions)
  test(`training step: the loss falls; fusion ${fusion}`, async () => {
    const found = await losses(fusion, 20);
    assert.ok(found.every(Number.isFinite));
    // Three stages, each at most about 1 for a student that says nothing yet.
    assert.ok(found.at(-1)! < 0.8 * found[0]!, found.join(' '));
  });

test('training step: the form for the processor follows the plain one', async () => {
  const [plain, fast] = [await losses('full', 20), await losses('full', 20, { fastOn: 'cpu' })];
  plain.forEach((loss, at) => assert.ok(Math.abs(fast[at]! - loss) < 1e-4 * loss, `${at}: ${fast[at]}, plain ${loss}`));
});

test('student: before the first step every fusion is plain reverse distillation from the same seed', async () => {
  const rebuilt = async (fusion: Fusion) => {
    const inputs: Record<string, Tensor> = {
      ...mapsOf(),
      ...Object.fromEntries(
        sides.map((side, at) => [`near${at}`, random(20 + at, [batch, channels[at]!, side, side])]),
      ),
      ...weightsOf(fusion, 7),
    };
    return evaluate(inputs, ({ map0, map1, map2, near0, near1, near2, ...weights }) => {
      const fused = student([map0!, map1!, map2!], [near0!, near1!, near2!], weights, studentOf(fusion));
      return Object.fromEntries(fused.map(({ map }, at) => [`stage${at}`, map]));
    });
  };
  const plain = await rebuilt('none');
  sides.forEach((side, at) => assert.deepEqual(plain[`stage${at}`]!.dims, [batch, channels[at]!, side, side]));
  for (const fusion of fusions) {
    const found = await rebuilt(fusion);
    for (const [stage, map] of Object.entries(plain)) close(found[stage], floats(map), 1e-6, `${fusion} ${stage}`);
  }
});

test('student: the same seed gives the same weights, another seed others', () => {
  assert.deepEqual(weightsOf('full', 3), weightsOf('full', 3));
  assert.notDeepEqual(weightsOf('full', 3), weightsOf('full', 4));
});
