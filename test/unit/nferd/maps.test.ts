import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../../../src/graph/graph.ts';
import { float32, type Tensor } from '../../../src/graph/tensor.ts';
import { borderWeights, calibrated, gaussian, imageScore, mapScale, sumMaps } from '../../../src/nferd/anomalyMap.ts';
import { averageCells, standardise, StatisticsSum } from '../../../src/nferd/features.ts';
import { errorMap, flattenedLoss } from '../../../src/nferd/loss.ts';
import { close, evaluate, fixture, wave } from './support.ts';

interface Oracle {
  readonly gaussian: readonly { height: number; width: number; sigma: number; expected: number[] }[];
  readonly loss: number;
  readonly errorMap: number[];
  readonly sumMaps: {
    readonly stages: readonly { dims: number[]; phase: number; weight: number }[];
    readonly grid: number;
    readonly sigma: number;
    readonly expected: number[];
  };
  readonly imageScore: readonly { share: number; expected: number[] }[];
}
const oracle = fixture('maps') as Oracle;

test("gaussian: as SciPy's gaussian_filter, mode mirror, also where the kernel is wider than the map", async () => {
  for (const { height, width, sigma, expected } of oracle.gaussian) {
    const x = wave([1, 1, height, width], 7);
    const { y } = await evaluate({ x }, (values) => ({ y: gaussian(values['x']!, sigma) }));
    close(y, expected, 1e-6, `${height}×${width}, sigma ${sigma}`);
  }
});

test('gaussian: keeps a constant, blurs each image of a batch alone, does nothing for sigma 0', async () => {
  const x = float32([...new Array<number>(63).fill(3), ...new Array<number>(63).fill(-2)], [2, 1, 7, 9]);
  const { y } = await evaluate({ x }, (values) => ({ y: gaussian(values['x']!, 1.5) }));
  close(y, x.data as Float32Array, 1e-5, 'constant');
  const value = new Graph().input('x', 'float32', [1, 1, 4, 4]);
  assert.equal(gaussian(value, 0), value);
});

test('sumMaps: weighted sum of bilinear maps, smoothed, as PyTorch and SciPy', async () => {
  const { stages, grid, sigma, expected } = oracle.sumMaps;
  const inputs = Object.fromEntries(stages.map(({ dims, phase }, i) => [`m${i}`, wave(dims, phase)]));
  const { y } = await evaluate(inputs, (values) => ({
    y: sumMaps(
      stages.map(({ weight }, i) => ({ map: values[`m${i}`]!, weight })),
      { width: grid, height: grid },
      sigma,
    ),
  }));
  assert.deepEqual(y!.dims, [1, 1, grid, grid]);
  close(y, expected, 2e-6, 'sum');
});

test('sumMaps: at least one stage must count', () => {
  const map = new Graph().input('x', 'float32', [1, 1, 4, 4]);
  assert.throws(() => sumMaps([{ map, weight: 0 }], { width: 4, height: 4 }, 4), /every stage has weight 0/);
});

test('imageScore: mean of the largest share, at least one value, as NumPy', async () => {
  for (const { share, expected } of oracle.imageScore) {
    const { y } = await evaluate({ x: wave([3, 1, 10, 20], 5) }, (values) => ({ y: imageScore(values['x']!, share) }));
    assert.deepEqual(y!.dims, [3]);
    close(y, expected, 1e-6, `share ${share}`);
  }
});

test('flattenedLoss and errorMap: as NumPy', async () => {
  const inputs = { t: wave([2, 3, 4, 5], 1), s: wave([2, 3, 4, 5], 2, 0.8) };
  const found = await evaluate(inputs, ({ t, s }) => ({ loss: flattenedLoss(t!, s!), error: errorMap(t!, s!) }));
  close(found['loss'], [oracle.loss], 1e-6, 'loss');
  assert.deepEqual(found['error']!.dims, [2, 1, 4, 5]);
  close(found['error'], oracle.errorMap, 1e-6, 'error');
});

test('flattenedLoss: hand-made', async () => {
  const t = float32([3, 4, 0, 5], [1, 4, 1, 1]);
  const cases: [name: string, s: number[], loss: number][] = [
    ['equal', [3, 4, 0, 5], 0],
    ['nothing rebuilt', [0, 0, 0, 0], 1],
    ['opposite', [-3, -4, 0, -5], 4],
    ['at its best scale: 1 − cos²', [0, 0, 0, 5], 0.5],
  ];
  for (const [name, s, loss] of cases) {
    const inputs: Record<string, Tensor> = { t, s: float32(s, [1, 4, 1, 1]) };
    const found = await evaluate(inputs, (values) => ({ loss: flattenedLoss(values['t']!, values['s']!) }));
    close(found['loss'], [loss], 1e-6, name);
  }
});

test('calibrated: 0 is typical, 1 the extreme; a flat scale does not divide by zero', async () => {
  const x = float32([2, 5, 3.5, 8], [1, 1, 2, 2]);
  const found = await evaluate({ x }, (values) => ({
    y: calibrated(values['x']!, { typical: 2, extreme: 5 }, 1),
    corners: calibrated(values['x']!, { typical: 2, extreme: 5 }, 0.5),
    flat: calibrated(values['x']!, { typical: 2, extreme: 2 }, 1),
  }));
  close(found['y'], [0, 1, 0.5, 2], 1e-6, 'scaled');
  close(found['corners'], [0, 0.25, 0.125, 0.5], 1e-6, 'in the corners the weight counts twice');
  assert.ok([...(found['flat']!.data as Float32Array)].every(Number.isFinite));
});

test('borderWeights: the outermost ring, its corners twice', () => {
  assert.deepEqual([...borderWeights(3, 4, 0.5)], [0.25, 0.5, 0.5, 0.25, 0.5, 1, 1, 0.5, 0.25, 0.5, 0.5, 0.25]);
});

test('mapScale: median of medians, and of weighed peaks', () => {
  const map = (centre: number, corner: number): Float32Array => Float32Array.of(corner, 1, 1, 1, centre, 1, 1, 1, 1);
  const maps = [map(3, 9), map(5, 1), map(4, 1)];
  assert.deepEqual(mapScale(maps, 3, 3, 1), { typical: 1, extreme: 5 });
  assert.deepEqual(mapScale(maps, 3, 3, 0.5), { typical: 1, extreme: 4 });
});

test(
  'standardise: over all images each channel has mean 0 and deviation 1; a constant channel stays ' + 'finite',
  async () => {
    const x = wave([3, 2, 4, 4], 9, 5);
    const data = Float32Array.from(x.data as Float32Array, (value, i) => (Math.floor(i / 16) % 2 ? 7 : value + 40));
    const sum = new StatisticsSum(2);
    for (let image = 0; image < 3; image++) sum.add(data.subarray(image * 32, image * 32 + 32));
    const { y } = await evaluate({ x: float32(data, x.dims) }, (values) => ({
      y: standardise(values['x']!, sum.result()),
    }));
    const channel = (c: number): number[] =>
      [...(y!.data as Float32Array)].filter((_, i) => Math.floor(i / 16) % 2 === c);
    const mean = (values: readonly number[]): number =>
      values.reduce((total, value) => total + value, 0) / values.length;
    assert.ok(Math.abs(mean(channel(0))) < 1e-4);
    assert.ok(Math.abs(mean(channel(0).map((value) => value ** 2)) - 1) < 1e-4);
    assert.ok(channel(1).every((value) => Math.abs(value) < 1e-2));
  },
);

test('averageCells: mean over squares', async () => {
  const x = float32([1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 4, 4, 0, 8], [1, 1, 4, 4]);
  const { y } = await evaluate({ x }, (values) => ({ y: averageCells(values['x']!, 2) }));
  assert.deepEqual(y!.dims, [1, 1, 2, 2]);
  close(y, [3.5, 5.5, 2, 2], 1e-6, 'cells');
});
