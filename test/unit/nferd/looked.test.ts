import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../../../src/graph/graph.ts';
import { float32, type Tensor } from '../../../src/graph/tensor.ts';
import { borderWeights, calibrated, imageScore, mapScale, outputMap, sumMaps } from '../../../src/nferd/anomalyMap.ts';
import { StatisticsSum } from '../../../src/nferd/features.ts';
import { edgeWeights, filled, lookedAt, meanLooked, positionsOf, whereLooked } from '../../../src/nferd/looked.ts';
import { flattenedLoss } from '../../../src/nferd/loss.ts';
import { imageInput } from '../../../src/services/detect/imageInput.ts';
import { run } from '../graph/run.ts';
import { close, evaluate, floats } from './support.ts';

const inputSize = [2, 4] as const;
/** Right of the first column. */
const roi = { width: 4, height: 1, runs: [1, 3] };
/** Two images of 4 × 2 grey pixels; the second one has no last column. */
const image = float32(
  [
    ...[0, 1, 2].flatMap((c) => [9, 1, 2, 3, 9, 3, 4, 5].map((v) => v + 100 * c)),
    ...[0, 1, 2].flatMap((c) => [9, 1, 2, -1, 9, 3, 4, -1].map((v) => (v < 0 ? v : v + 100 * c))),
  ],
  [2, 3, 2, 4],
);

test('looked at: the region of interest where there is an image; in what is left lies its mean colour', async () => {
  const found = await evaluate({ image }, (values) => {
    const looked = lookedAt(values['image']!, { inputSize, roi, padded: true })!;
    return { looked, cells: positionsOf(looked, 2), fill: filled(values['image']!, looked) };
  });
  close(found['looked'], [0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 0], 0, 'looked');
  close(found['cells'], [1, 1, 1, 1], 0, 'one pixel is enough');
  const fill = floats(found['fill']!);
  close(float32(fill.slice(0, 8)), [3, 1, 2, 3, 3, 3, 4, 5], 1e-5, 'first red');
  close(float32(fill.slice(8, 16)), [103, 101, 102, 103, 103, 103, 104, 105], 1e-4, 'first green');
  close(float32(fill.slice(24, 32)), [2.5, 1, 2, 2.5, 2.5, 3, 4, 2.5], 1e-5, 'second red');
});

test('a region narrower than a position is looked at', async () => {
  const found = await evaluate({ image }, (values) => {
    const looked = lookedAt(values['image']!, { inputSize, roi: { width: 4, height: 1, runs: [0, 1, 3] } })!;
    return { looked, cells: positionsOf(looked, 2) };
  });
  close(found['looked'], [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], 0, 'looked');
  close(found['cells'], [1, 0, 1, 0], 0, 'cells');
});

test('the mean, the loss and the statistics are of what is looked at', async () => {
  const looked = float32([1, 0, 1, 0], [1, 1, 2, 2]);
  const t = float32([1, 50, 3, 60, 2, 70, 4, 80], [1, 2, 2, 2]);
  const s = float32([1, 0, 2, 0, 2, 0, 2, 0], [1, 2, 2, 2]);
  const found = await evaluate({ t, s, looked }, (values) => ({
    mean: meanLooked(values['t']!, values['looked']),
    loss: flattenedLoss(values['t']!, values['s']!, values['looked']),
  }));
  close(found['mean'], [2, 3], 1e-5, 'mean');
  close(found['loss'], [5 / 30], 1e-5, 'loss');
  const sum = new StatisticsSum(2);
  sum.add(floats(t), floats(looked));
  const { mean, deviation } = sum.result();
  assert.deepEqual([...mean, ...deviation], [2, 3, 1, 1]);
});

const map = (values: number[]): Tensor => float32(values, [1, 1, 3, 3]);

test('a map that says nothing in places: its border is there, and it is 0 there once calibrated', async () => {
  const [x, looked] = [map([2, 4, 6, 2, 4, 6, 2, 4, 6]), map([1, 1, 0, 1, 1, 0, 1, 1, 0])];
  const found = await evaluate({ x, looked }, (values) => {
    const raw = whereLooked(values['x']!, values['looked']);
    return {
      raw,
      edges: edgeWeights(values['looked']!, 0.5),
      y: calibrated(raw, { typical: 2, extreme: 4 }, 0.5, true),
    };
  });
  close(found['raw'], [2, 4, -1, 2, 4, -1, 2, 4, -1], 0, 'raw');
  close(found['edges'], [0.25, 0.25, 0, 0.5, 0.5, 0, 0.25, 0.25, 0], 1e-6, 'edges');
  close(found['y'], [0, 0.25, 0, 0, 0.5, 0, 0, 0.25, 0], 1e-6, 'calibrated');
  const raw = floats(found['raw']!);
  const weights = borderWeights(3, 3, 0.5, raw).filter((_, at) => raw[at]! >= 0);
  assert.deepEqual([...weights], [0.25, 0.25, 0.5, 0.5, 0.25, 0.25]);
  // Medians 3 and 5, so 4; of what lies above it 0 and half of 2.
  const other = Float32Array.of(4, 6, -1, 4, 6, -1, 4, 6, -1);
  assert.deepEqual(mapScale([raw, other], 3, 3, 0.5), { typical: 4, extreme: 4.5 });
});

test('edge weights of what is looked at all over are the border weights', async () => {
  const whole = map(Array<number>(9).fill(1));
  const { y } = await evaluate({ whole }, (values) => ({ y: edgeWeights(values['whole']!, 2 / 3) }));
  close(y, borderWeights(3, 3, 2 / 3), 1e-6, 'weights');
});

const row = (values: number[]): Tensor => float32(values, [1, 1, 1, values.length]);

test('summed: nothing leaks in; one place beyond the map goes on, then it is as low as its lowest', async () => {
  const looked = row([1, 1, 1, 0, 0, 0]);
  const sums = async (values: number[], sigma: number): Promise<Tensor> => {
    const { y } = await evaluate({ x: row(values), looked }, (given) => ({
      y: sumMaps(
        [{ map: given['x']!, weight: 3, looked: given['looked'] }],
        { width: 6, height: 1 },
        sigma * 256,
        given['looked'],
      ),
    }));
    return y!;
  };
  close(await sums([1, 2, 3, 0, 0, 0], 0), [1, 2, 3, 1, 1, 1], 1e-6, 'not smoothed');
  const constant = await sums([2, 2, 2, 0, 0, 0], 1);
  close(constant, [2, 2, 2, 2, 2, 2], 1e-5, 'a constant stays one up to the border');
  const smooth = floats(await sums([1, 2, 6, 0, 0, 0], 1));
  const lowest = Math.min(...smooth.slice(0, 3));
  assert.ok(smooth[3]! > smooth[1]! && smooth[3]! < 6, `${smooth.join()}`);
  assert.deepEqual([smooth[4], smooth[5]], [lowest, lowest]);
});

test('a coarser map is interpolated between positions that say something', async () => {
  const { y } = await evaluate({ x: row([4, 4, 0]), inside: row([1, 1, 0]) }, (given) => ({
    y: sumMaps([{ map: given['x']!, weight: 1, looked: given['inside'] }], { width: 6, height: 1 }, 0),
  }));
  close(float32(floats(y!).slice(0, 5)), [4, 4, 4, 4, 4], 1e-6, 'up to the last position');
});

test('score and peak are of what is looked at, also where that is less than the share', async () => {
  const [x, looked] = [row([9, 1, 5, 3]), row([0, 1, 1, 0])];
  const found = await evaluate({ x, looked }, (values) => ({
    half: imageScore(values['x']!, 0.5, values['looked']),
    all: imageScore(values['x']!, 1, values['looked']),
    most: imageScore(values['x']!, 0, values['looked']),
  }));
  close(found['half'], [3], 1e-6, 'half');
  close(found['all'], [3], 1e-6, 'all');
  close(found['most'], [5], 1e-6, 'maximum');
  const graph = new Graph('end');
  const [given, inside] = [graph.input('x', 'float32', x.dims), graph.input('looked', 'float32', x.dims)];
  outputMap(given, { width: 8, height: 1 }, 0, inside);
  const { anomaly_map: whole, peak, score } = await run(graph, { x, looked });
  close(whole, [1, 1, 3, 2, 4, 4.5, 1, 1], 1e-6, 'as low as the lowest outside');
  close(peak, [4.5], 1e-6, 'peak');
  close(score, [5], 1e-6, 'score');
});

test('padding is no image; a picture that fills its image is as it was', () => {
  const data = Uint8Array.from({ length: 12 }, (_, i) => i);
  const original = { width: 1, height: 2 };
  const given = { width: 2, height: 2, data, original };
  const padded = imageInput([{ ...given, content: { left: 1, top: 0, width: 1, height: 2 } }]);
  assert.deepEqual([...floats(padded)], [-1, 3, -1, 9, -1, 4, -1, 10, -1, 5, -1, 11]);
  const whole = imageInput([{ ...given, content: { left: 0, top: 0, width: 2, height: 2 } }]);
  assert.deepEqual([...floats(whole)], [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
});

test('of maps that say something in one position alone, their spread is the scale', () => {
  const maps = Array.from({ length: 21 }, (_, at) => Float32Array.of(-1, 1 + at / 20, -1, -1));
  const { typical, extreme } = mapScale(maps, 2, 2, 2 / 3);
  assert.ok(Math.abs(typical - 1.5) < 1e-6 && Math.abs(extreme - 1.95) < 1e-6, `${typical}, ${extreme}`);
});
