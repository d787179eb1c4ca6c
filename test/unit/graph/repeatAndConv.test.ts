import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradients } from '../../../src/graph/gradients.ts';
import { Graph } from '../../../src/graph/graph.ts';
import * as ops from '../../../src/graph/ops.ts';
import { float32, sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { run } from './run.ts';

const wave = (dims: readonly number[], phase: number): Tensor =>
  float32(
    Float32Array.from({ length: sizeOf(dims) }, (_, i) => Math.sin(0.7 * i + phase)),
    dims,
  );

/** The operators, and their results with the gradients by x, weight and bias. */
async function results(fastOn: 'cpu' | undefined, x: readonly number[], w: readonly number[]) {
  const graph = new Graph('test', { fastOn });
  const inputs = [x, w, [w[0]!]].map((dims, at) => graph.input(`input${at}`, 'float32', dims));
  const { repeated, y } = ops.repeatAndConv(inputs[0]!, inputs[1]!, inputs[2]);
  const cosines = wave(y.shape as readonly number[], 2);
  const loss = ops.reduceSum(ops.mul(y, graph.constant(cosines)), [0, 1, 2, 3]);
  gradients(graph, loss, inputs).forEach((gradient, at) => graph.output(`gradient${at}`, gradient));
  graph.output('repeated', repeated);
  graph.output('y', y);
  const feeds = Object.fromEntries([x, w, [w[0]!]].map((dims, at) => [`input${at}`, wave(dims, at)]));
  return { operators: graph.nodes.map(({ op }) => op), found: await run(graph, feeds) };
}

for (const [name, x, w] of [
  ['square', [2, 3, 4, 4], [5, 3, 3, 3]],
  ['uneven', [1, 2, 3, 5], [4, 2, 3, 3]],
  ['one pixel', [2, 4, 1, 1], [3, 4, 3, 3]],
] as const)
  test(`a convolution of repeated pixels, for the processor as anywhere: ${name}`, async () => {
    const [plain, fast] = [await results(undefined, x, w), await results('cpu', x, w)];
    assert.ok(fast.operators.includes('ConvTranspose'));
    assert.ok(!plain.operators.includes('ConvTranspose'));
    assert.deepEqual(plain.found['y']!.dims, [x[0], w[0], 2 * x[2], 2 * x[3]]);
    for (const [output, { dims, data }] of Object.entries(plain.found)) {
      assert.deepEqual(fast.found[output]!.dims, dims);
      data.forEach((value, at) =>
        assert.ok(Math.abs(Number(fast.found[output]!.data[at]) - Number(value)) < 1e-4, `${output} ${at}`),
      );
    }
  });

test('a convolution of repeated pixels, by hand', async () => {
  const graph = new Graph('test', { fastOn: 'cpu' });
  const x = graph.constant(float32(Float32Array.of(1, 10), [1, 1, 1, 2]));
  const weight = graph.constant(float32(Float32Array.of(0, 0, 0, 1, 2, 3, 0, 0, 0), [1, 1, 3, 3]));
  graph.output('y', ops.repeatAndConv(x, weight).y);
  // 1 1 10 10: 1·2 + 1·3, 1 + 2 + 30, 1 + 20 + 30, 10 + 20
  assert.deepEqual([...(await run(graph, {}))['y']!.data], [5, 33, 51, 30, 5, 33, 51, 30]);
});

test('a convolution of repeated pixels needs 3×3 weights and a known size', () => {
  const graph = new Graph('test');
  const weight = graph.input('w', 'float32', [1, 1, 3, 3]);
  assert.throws(() => ops.repeatAndConv(graph.input('x', 'float32', [1, 1, 'H', 4]), weight), /numbers for height/);
  assert.throws(
    () => ops.repeatAndConv(graph.input('z', 'float32', [1, 1, 4, 4]), graph.input('v', 'float32', [1, 1, 1, 1])),
    /3×3 weights/,
  );
});
