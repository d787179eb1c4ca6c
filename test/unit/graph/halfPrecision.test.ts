import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../../../src/graph/graph.ts';
import { inHalfPrecision } from '../../../src/graph/halfPrecision.ts';
import { decodeModel, encodeModel } from '../../../src/graph/model.ts';
import * as ops from '../../../src/graph/ops.ts';
import { float32, int64 } from '../../../src/graph/tensor.ts';
import { openOnProcessor } from '../../../src/runtime/session.ts';

/** `seen` is the sum, which takes its name from the output. */
const inside = (name: string): boolean => name.startsWith('backbone') || name === 'seen';
const weight = (values: readonly number[]) => float32(values, [values.length, 1, 1, 1]);

/**
 * x → outer = x + x; inner = conv(outer, w) + bias; `seen` = inner (an output of the model), `out` = relu(inner) · 3, of which the relu is inside;
 * the bias is used outside as well, and there is a product of int64 numbers.
 */
function model(w: number): Uint8Array {
  const graph = new Graph('half');
  const x = graph.input('x', 'float32', ['N', 1, 1, 1]);
  const bias = graph.constant(float32([0.5], [1, 1, 1, 1]), 'bias');
  const outer = ops.add(x, x);
  const [convolved] = graph.node('Conv', [outer, graph.constant(weight([w]), 'weight')], {}, [
    { dtype: 'float32', shape: outer.shape, name: 'backbone/conv' },
  ]) as [typeof x];
  const [inner] = graph.node('Add', [convolved, bias], {}, [
    { dtype: 'float32', shape: outer.shape, name: 'backbone/sum' },
  ]) as [typeof x];
  const [relu] = graph.node('Relu', [inner], {}, [{ dtype: 'float32', shape: outer.shape, name: 'backbone/relu' }]) as [
    typeof x,
  ];
  const two = graph.constant(int64([2]), 'two');
  const [four] = graph.node('Mul', [two, two], {}, [{ dtype: 'int64', shape: [1], name: 'backbone/four' }]) as [
    typeof x,
  ];
  graph.output('seen', inner);
  graph.output('out', ops.add(ops.mul(relu, 3), bias));
  graph.output('four', four);
  return encodeModel(graph);
}

async function run(bytes: Uint8Array, x: number) {
  const session = await openOnProcessor(bytes, { executionProvider: 'cpu', threads: 1 });
  const found = await session.run({ x: float32([x], [1, 1, 1, 1]) });
  await session.release();
  const value = (name: string): number => (found[name]!.data as Float32Array)[0]!;
  return { seen: value('seen'), out: value('out'), four: found['four']!.data[0], dtype: found['seen']!.dtype };
}

test('what is inside is computed in 16 bits, by hand: a third is 0.333251953125 there', async () => {
  const half = inHalfPrecision(model(1 / 3), inside);
  // Outer is 2; times 0.333251953125 is 0.66650390625, plus a half 1.16650390625, which binary16 has.
  assert.deepEqual(await run(half, 1), {
    seen: 1.1665_0390_625,
    out: 3 * 1.1665_0390_625 + 0.5,
    four: 4n,
    dtype: 'float32',
  });
  const { seen } = await run(model(1 / 3), 1);
  assert.ok(Math.abs(seen - 7 / 6) < 1e-6);
});

test('nodes, casts and weights are those that are needed', () => {
  const { graph } = decodeModel(inHalfPrecision(model(1), inside));
  const ops = graph!.node.map(({ opType, output }) => `${opType} ${output[0]!}`);
  for (const wanted of ['Conv backbone/conv/half', 'Add seen/half', 'Cast seen', 'Relu backbone/relu/half', 'Mul four'])
    assert.ok(ops.includes(wanted), `${wanted} in ${ops.join(', ')}`);
  // Into the convolution, and out to `seen` and to the product: no others.
  assert.equal(ops.filter((op) => op.startsWith('Cast')).length, 3);
  assert.ok(
    ops.some((op) => op.startsWith('Mul') && !op.includes('half')),
    'int64 stays',
  );
  const types = Object.fromEntries(graph!.initializer.map(({ name, dataType }) => [name, dataType]));
  assert.deepEqual([types['weight'], types['weight/half']], [undefined, 10], 'the weight once');
  assert.deepEqual([types['bias'], types['bias/half']], [1, 10], 'the bias for both');
  assert.equal(new Set(graph!.node.map(({ name }) => name)).size, graph!.node.length, 'names of nodes');
});

test('nothing inside: the model as it was', async () => {
  const same = inHalfPrecision(model(1 / 3), () => false);
  assert.deepEqual(await run(same, 1), await run(model(1 / 3), 1));
  assert.deepEqual(decodeModel(same).graph!.node, decodeModel(model(1 / 3)).graph!.node);
});

test('a weight that 16 bits do not hold becomes infinite, and so does what it weighs', async () => {
  assert.equal((await run(inHalfPrecision(model(70_000), inside), 1)).seen, Infinity);
  assert.ok(Number.isFinite((await run(inHalfPrecision(model(65_504), inside), 0.25)).seen));
});

test('what is no model is said', () => {
  assert.throws(() => inHalfPrecision(Uint8Array.of(1, 2, 3), inside), /not an ONNX model/);
});
