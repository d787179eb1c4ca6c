import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradients } from '../../../src/graph/gradients.ts';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import * as ops from '../../../src/graph/ops.ts';
import { float32, int64, scalar, type Tensor } from '../../../src/graph/tensor.ts';
import { run } from './run.ts';

const line = (...values: number[]): Tensor => float32(values);

/** Shapes as inferred, with N open, against what the runtime returns. */
const shapes: Record<string, { build: (x: Value) => Value; want: string }> = {
  'conv stride 2': {
    build: (x) => ops.conv(x, weight(x, [5, 4, 3, 3]), undefined, { stride: 2, pads: 1 }),
    want: 'N,5,4,4',
  },
  'transposed conv': {
    build: (x) => ops.convTranspose(x, weight(x, [4, 5, 2, 2]), undefined, { stride: 2 }),
    want: 'N,5,16,16',
  },
  'depthwise conv': {
    build: (x) => ops.conv(x, weight(x, [4, 1, 3, 3]), undefined, { pads: 1, group: 4 }),
    want: 'N,4,8,8',
  },
  'max pool': { build: (x) => ops.maxPool(x, 3, { stride: 2, pads: 1 }), want: 'N,4,4,4' },
  'average pool': { build: (x) => ops.averagePool(x, 2), want: 'N,4,4,4' },
  resize: { build: (x) => ops.resize(x, [5, 7]), want: 'N,4,5,7' },
  'pixels as rows': { build: (x) => ops.reshape(ops.transpose(x, [0, 2, 3, 1]), [-1, 4]), want: 'N*64,4' },
  'rows as pixels': { build: (x) => ops.reshape(ops.reshape(x, [-1, 4]), ['N', 8, 8, 4]), want: 'N,8,8,4' },
  slice: { build: (x) => ops.slice(x, { 1: { start: -3, end: -1 }, 3: { step: -2 } }), want: 'N,2,8,4' },
  concat: { build: (x) => ops.concat([x, ops.neg(x)], 1), want: 'N,8,8,8' },
  split: { build: (x) => ops.split(x, 1, [1, 3])[1]!, want: 'N,3,8,8' },
  pad: { build: (x) => ops.pad(x, [0, 0, 1, 2], [0, 0, 0, -1]), want: 'N,4,9,9' },
  'top k': { build: (x) => ops.topK(x, 2, 1).indices, want: 'N,2,8,8' },
  'arg max': { build: (x) => ops.argMax(x, 1), want: 'N,8,8' },
  'one hot': { build: (x) => ops.oneHot(ops.argMax(x, 1), 4), want: 'N,8,8,4' },
  reduce: { build: (x) => ops.reduceMean(x, [2, -1]), want: 'N,4' },
  'depth to space': { build: (x) => ops.depthToSpace(x, 2), want: 'N,1,16,16' },
  'space to depth': { build: (x) => ops.spaceToDepth(x, 2), want: 'N,16,4,4' },
  'gather elements': { build: (x) => ops.gatherElements(x, ops.argMax(x, 1, true), 1), want: 'N,1,8,8' },
  compare: { build: (x) => ops.greater(x, 0), want: 'N,4,8,8' },
  cast: { build: (x) => ops.cast(ops.mul(x, 10), 'int32'), want: 'N,4,8,8' },
  'zeros like': { build: (x) => ops.zerosLike(x), want: 'N,4,8,8' },
};

function weight(x: Value, dims: number[]): Value {
  const count = dims.reduce((a, b) => a * b, 1);
  return x.graph.constant(
    float32(
      Float32Array.from({ length: count }, (_, i) => Math.sin(i)),
      dims,
    ),
  );
}

test('shapes are inferred as the runtime has them', async () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['N', 4, 8, 8]);
  for (const [name, { build }] of Object.entries(shapes)) graph.output(name, build(x));
  const feed = float32(
    Float32Array.from({ length: 512 }, (_, i) => Math.cos(7 * i)),
    [2, 4, 8, 8],
  );
  const result = await run(graph, { x: feed });
  for (const [name, { want }] of Object.entries(shapes)) {
    assert.equal(graph.outputs.get(name)!.shape.join(), want, name);
    assert.equal(result[name]!.dims.join(), want.replace('N*64', '128').replace('N', '2'), name);
    assert.equal(result[name]!.dtype, graph.outputs.get(name)!.dtype, name);
  }
});

/** Each refusal names the operator and both shapes. */
const refusals: Record<string, { build: (x: Value) => unknown; message: RegExp }> = {
  add: {
    build: (x) => ops.add(x, weight(x, [5])),
    message: /Add: \[N, 4, 8, 8\] and \[5\] do not broadcast; dimension 3/,
  },
  dtype: { build: (x) => ops.add(x, x.graph.constant(int64([1]))), message: /Add: dtypes differ: .*int64; cast one/ },
  matMul: { build: (x) => ops.matMul(x, weight(x, [7, 2])), message: /MatMul: .*inner dimensions are 8 and 7/ },
  conv: {
    build: (x) => ops.conv(x, weight(x, [2, 3, 1, 1])),
    message: /Conv: x \[N, 4, 8, 8\] float32 has 4 channels/,
  },
  window: { build: (x) => ops.conv(x, weight(x, [2, 4, 9, 9])), message: /Conv: a window of 9×9 exceeds the map/ },
  reshape: {
    build: (x) => ops.reshape(x, ['N', 100]),
    message: /Reshape: x \[N, 4, 8, 8\] float32 does not fill \[N, 100\]/,
  },
  concat: { build: (x) => ops.concat([x, weight(x, [1, 4, 8, 8])], 1), message: /Concat: .* differ beside axis 1/ },
  axis: { build: (x) => ops.reduceSum(x, [4]), message: /ReduceSum: axis 4 is outside shape \[N, 4, 8, 8\]/ },
  topK: { build: (x) => ops.topK(x, 9), message: /TopK: k 9 exceeds axis 3/ },
  name: { build: (x) => x.graph.input('x', 'float32', []), message: /the name 'x' is empty or taken/ },
  graphs: {
    build: (x) => ops.add(x, new Graph().input('y', 'float32', [])),
    message: /Add: y .* belongs to another graph/,
  },
  tensor: { build: () => float32([1, 2, 3], [2]), message: /3 elements do not fill \[2\]; 2 expected/ },
};

for (const [name, { build, message }] of Object.entries(refusals))
  test(`refused with a reason: ${name}`, () => {
    const x = new Graph().input('x', 'float32', ['N', 4, 8, 8]);
    assert.throws(() => build(x), { message });
  });

test('equal scalars are stored once', () => {
  const graph = new Graph();
  assert.equal(graph.scalar(0.5), graph.scalar(0.5));
  assert.notEqual(graph.scalar(1), graph.scalar(1, 'int64'));
});

test('gradients add up over paths and stop where told', async () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2]);
  const square = ops.mul(x, x);
  const loss = ops.reduceSum(ops.mul(square, x));
  graph.output('all', gradients(graph, loss, [x])[0]!);
  graph.output('stopped', gradients(graph, loss, [x], { stop: [square] })[0]!);
  const { all, stopped } = await run(graph, { x: line(2, 3) });
  assert.deepEqual([...all!.data], [12, 27]);
  assert.deepEqual([...stopped!.data], [4, 9]);
});

test('gradients refuse what they cannot give', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2]);
  const other = graph.input('other', 'float32', [2]);
  const loss = ops.reduceSum(x);
  assert.throws(() => gradients(graph, x, [x]), /the loss must be a single number, not x \[2\]/);
  assert.throws(() => gradients(graph, loss, [other]), /does not depend on other/);
  const [erf] = graph.node('Erf', [x], {}, [{ dtype: 'float32', shape: [2] }]);
  assert.throws(() => gradients(graph, ops.reduceSum(erf!), [x]), /Erf .* has no rule/);
  assert.throws(
    () => gradients(graph, ops.reduceSum(ops.cast(ops.argMax(x, 0), 'float32')), [x]),
    /does not depend on x/,
  );
  const map = graph.input('map', 'float32', [1, 1, 2, 2]);
  const sizes = graph.constant(int64([1, 1, 6, 6]));
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const [tripled] = graph.node('Resize', [map, undefined, undefined, sizes], attributes, [
    { dtype: 'float32', shape: [1, 1, 6, 6] },
  ]);
  assert.throws(() => gradients(graph, ops.reduceSum(tripled!), [map]), /Resize: only half_pixel/);
});

test('scalars of every dtype', () => {
  assert.deepEqual(scalar(2, 'int64'), { dtype: 'int64', dims: [], data: BigInt64Array.of(2n) });
  assert.deepEqual(scalar(1, 'bool'), { dtype: 'bool', dims: [], data: Uint8Array.of(1) });
  assert.throws(() => scalar(1, 'float16'), /not supported/);
});
