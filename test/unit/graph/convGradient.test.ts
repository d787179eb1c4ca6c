import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradients } from '../../../src/graph/gradients.ts';
import { Graph } from '../../../src/graph/graph.ts';
import * as ops from '../../../src/graph/ops.ts';
import { asPair } from '../../../src/graph/ops/conv.ts';
import { float32, sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { run } from './run.ts';

interface Case {
  /** N, C, H, W */
  readonly x: readonly [number, number, number, number];
  /** M, C/group, kh, kw */
  readonly w: readonly [number, number, number, number];
  /** Top, left, bottom, right. */
  readonly pads?: readonly [number, number, number, number];
  readonly stride?: number | readonly [number, number];
  readonly dilation?: number;
  readonly group?: number;
  /** The same form on the processor as elsewhere: sums of products. */
  readonly plain?: true;
}

/**
 * Each form of the weight's gradient, on maps of more and fewer than 32 × 32 pixels, with more and
 * fewer than 64 pairs of channels.
 */
const cases: Record<string, Case> = {
  'few channels': { x: [2, 3, 6, 5], w: [2, 3, 3, 3], pads: [1, 1, 1, 1], plain: true },
  'few channels, uneven': { x: [2, 3, 7, 5], w: [2, 3, 2, 4], pads: [2, 0, 1, 3], plain: true },
  'few channels, large': { x: [1, 2, 34, 36], w: [1, 2, 7, 7], pads: [3, 3, 3, 3], plain: true },
  'many channels': { x: [2, 9, 5, 6], w: [8, 9, 3, 3], pads: [1, 1, 1, 1] },
  'many channels, uneven': { x: [2, 9, 6, 5], w: [8, 9, 3, 2], pads: [0, 2, 1, 0] },
  'many channels, stride 2': { x: [2, 9, 6, 8], w: [8, 9, 3, 3], pads: [1, 1, 1, 1], stride: 2 },
  'many channels, dilated': { x: [1, 9, 9, 8], w: [8, 9, 3, 3], pads: [2, 2, 2, 2], dilation: 2, plain: true },
  large: { x: [2, 9, 33, 35], w: [8, 9, 3, 3], pads: [1, 1, 1, 1] },
  'large, uneven': { x: [1, 9, 36, 34], w: [8, 9, 2, 3], pads: [1, 0, 0, 2] },
  'large, no pads': { x: [1, 9, 35, 36], w: [8, 9, 3, 1] },
  'large, stride 2': { x: [1, 9, 67, 68], w: [8, 9, 3, 3], pads: [1, 1, 1, 1], stride: 2 },
  'large, 1×1': { x: [2, 9, 33, 33], w: [8, 9, 1, 1], plain: true },
  'strides apart': { x: [2, 9, 6, 8], w: [8, 9, 3, 3], pads: [1, 1, 1, 1], stride: [1, 2] },
  'behind the last tap': { x: [2, 9, 8, 11], w: [8, 9, 3, 3], pads: [0, 1, 0, 0], stride: 2 },
  'groups, uneven': { x: [2, 4, 5, 7], w: [6, 2, 3, 2], pads: [1, 0, 0, 1], group: 2, plain: true },
};

const wave = (dims: readonly number[], phase: number): Tensor =>
  float32(
    Float32Array.from({ length: sizeOf(dims) }, (_, i) => Math.sin(0.7 * i + 0.01 * (i % 13) ** 2 + phase)),
    dims,
  );

/** ∂/∂w Σ g · Conv(x, w), by its definition. */
function expected(
  { x: [n, c, h, wide], w, pads = [0, 0, 0, 0], stride = 1, dilation = 1, group = 1 }: Case,
  x: Tensor,
  g: Tensor,
) {
  const [out, perGroup, kh, kw] = w;
  const [, , height, width] = g.dims as readonly number[];
  const [down, across] = asPair(stride);
  const sums = new Float64Array(sizeOf(w));
  for (let image = 0; image < n; image++)
    for (let m = 0; m < out; m++)
      for (let i = 0; i < height!; i++)
        for (let j = 0; j < width!; j++) {
          const weight = Number(g.data[((image * out + m) * height! + i) * width! + j]);
          const first = Math.floor(m / (out / group)) * perGroup;
          for (let channel = 0; channel < perGroup; channel++)
            for (let row = 0; row < kh; row++)
              for (let column = 0; column < kw; column++) {
                const [y, z] = [i * down + row * dilation - pads[0], j * across + column * dilation - pads[1]];
                if (y < 0 || z < 0 || y >= h || z >= wide) continue;
                const value = Number(x.data[((image * c + first + channel) * h + y) * wide + z]);
                sums[((m * perGroup + channel) * kh + row) * kw + column]! += weight * value;
              }
        }
  return sums;
}

const each = Object.entries(cases).flatMap(([name, one]) =>
  ([undefined, 'cpu'] as const).map((fastOn) => ({ name: fastOn ? `${name}, fast on ${fastOn}` : name, one, fastOn })),
);

for (const { name, one, fastOn } of each)
  test(`gradient of a convolution by its weight: ${name}`, async () => {
    const { pads = [0, 0, 0, 0], stride = 1, dilation = 1, group = 1 } = one;
    const graph = new Graph('test', { fastOn });
    const [x, w] = [graph.input('x', 'float32', one.x), graph.input('w', 'float32', one.w)];
    const y = ops.conv(x, w, undefined, { pads, stride, dilation, group });
    const dims = y.shape as readonly number[];
    const [given, cotangent] = [wave(one.x, 0.2), wave(dims, 1.1)];
    const loss = ops.reduceSum(ops.mul(y, graph.constant(cotangent)), [0, 1, 2, 3]);
    graph.output('gradient', gradients(graph, loss, [w])[0]!);
    const onRows = fastOn === 'cpu' && !one.plain;
    assert.equal(graph.nodes.filter(({ op }) => op === 'Conv').length, onRows ? 2 : 1);
    assert.equal(
      graph.nodes.some(({ op }) => op === 'MatMul'),
      !onRows,
    );
    const { gradient } = await run(graph, { x: given, w: wave(one.w, 2) });
    assert.deepEqual(gradient!.dims, one.w);
    const sums = expected(one, given, cotangent);
    const largest = Math.max(...sums.map(Math.abs));
    sums.forEach((sum, at) =>
      assert.ok(
        Math.abs(Number(gradient!.data[at]) - sum) < 1e-4 * largest,
        `${at}: ${gradient!.data[at]}, expected ${sum}`,
      ),
    );
  });

for (const [fastOn, where] of [
  [undefined, ''],
  ['cpu', ', fast on cpu'],
] as const)
  test(`gradient of a convolution by its weight: nothing where the taps meet pads alone${where}`, async () => {
    const graph = new Graph('test', { fastOn });
    const [x, w] = [graph.input('x', 'float32', [1, 9, 1, 5]), graph.input('w', 'float32', [8, 9, 3, 3])];
    const loss = ops.reduceSum(ops.conv(x, w, undefined, { pads: [3, 1, 0, 1], stride: 2 }));
    graph.output('gradient', gradients(graph, loss, [w])[0]!);
    const { gradient } = await run(graph, { x: wave([1, 9, 1, 5], 0.2), w: wave([8, 9, 3, 3], 2) });
    assert.deepEqual(gradient, float32(new Float32Array(8 * 9 * 9), [8, 9, 3, 3]));
  });
