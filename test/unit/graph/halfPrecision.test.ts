import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../../../src/graph/graph.ts';
import { inHalfPrecision } from '../../../src/graph/halfPrecision.ts';
import { decodeModel, encodeModel } from '../../../src/graph/model.ts';
import * as ops from '../../../src/graph/ops.ts';
import { float32, int64 } from '../../../src/graph/tensor.ts';
import { openOnProcessor } from '../../../src/runtime/onnx/ownSession.ts';

/**
 * outer = x − (−1); inner = conv(outer, w) + bias, an output as `seen`; `out` = relu(inner) − bias;
 * `four` = 2 · 2 in int64. Subtractions stay in 32 bits.
 */
function model(w: number): Uint8Array {
  const graph = new Graph('half');
  const x = graph.input('x', 'float32', ['N', 1, 1, 1]);
  const bias = graph.constant(float32([0.5], [1, 1, 1, 1]), 'bias');
  const inner = ops.add(ops.conv(ops.sub(x, -1), graph.constant(float32([w], [1, 1, 1, 1]), 'weight')), bias);
  const two = graph.constant(int64([2]), 'two');
  graph.output('seen', inner);
  graph.output('out', ops.sub(ops.relu(inner), bias));
  graph.output('four', ops.mul(two, two));
  return encodeModel(graph);
}

async function run(bytes: Uint8Array, x: number) {
  const session = await openOnProcessor(bytes, { executionProvider: 'cpu', threads: 1 });
  const found = await session.run({ x: float32([x], [1, 1, 1, 1]) });
  await session.release();
  const value = (name: string): number => (found[name]!.data as Float32Array)[0]!;
  return { seen: value('seen'), out: value('out'), four: found['four']!.data[0], dtype: found['seen']!.dtype };
}

test('computed in 16 bits, by hand: a third is 0.333251953125 there', async () => {
  const half = inHalfPrecision(model(1 / 3));
  // Outer is 2; times 0.333251953125 is 0.66650390625, plus a half 1.16650390625, which binary16
  // has.
  assert.deepEqual(await run(half, 1), {
    seen: 1.1665_0390_625,
    out: 0.6665_0390_625,
    four: 4n,
    dtype: 'float32',
  });
  const { seen } = await run(model(1 / 3), 1);
  assert.ok(Math.abs(seen - 7 / 6) < 1e-6);
});

test('nodes, casts and weights are those that are needed', () => {
  const { graph } = decodeModel(inHalfPrecision(model(1)));
  const kinds = graph!.node.map(({ opType, output }) => `${opType} ${output[0]!.endsWith('/half') ? 16 : 32}`);
  assert.deepEqual(kinds.toSorted(), [
    ...['Add 16', 'Cast 16', 'Cast 32', 'Cast 32', 'Conv 16', 'Mul 32', 'Relu 16', 'Sub 32', 'Sub 32'],
  ]);
  const types = Object.fromEntries(graph!.initializer.map(({ name, dataType }) => [name, dataType]));
  assert.deepEqual([types['weight'], types['weight/half']], [undefined, 10], 'the weight once');
  assert.deepEqual([types['bias'], types['bias/half']], [1, 10], 'the bias for both');
  assert.equal(new Set(graph!.node.map(({ name }) => name)).size, graph!.node.length, 'names of nodes');
});

test('nothing that 16 bits serve: the model as it was', () => {
  const graph = new Graph('whole');
  graph.output('y', ops.sub(graph.input('x', 'float32', ['N']), 1));
  const bytes = encodeModel(graph);
  assert.deepEqual(decodeModel(inHalfPrecision(bytes)), decodeModel(bytes));
});

test('a weight that 16 bits do not hold becomes infinite, and so does what it weighs', async () => {
  assert.equal((await run(inHalfPrecision(model(70_000)), 1)).seen, Infinity);
  assert.ok(Number.isFinite((await run(inHalfPrecision(model(65_504)), 0.25)).seen));
});

test('what is no model is said', () => {
  assert.throws(() => inHalfPrecision(Uint8Array.of(1, 2, 3)), /not an ONNX model/);
});
