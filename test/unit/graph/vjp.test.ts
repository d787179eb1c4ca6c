import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gradients } from '../../../src/graph/gradients.ts';
import { Graph, type GraphOptions, type Value } from '../../../src/graph/graph.ts';
import * as ops from '../../../src/graph/ops.ts';
import { float32, int64, sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { vjp } from '../../../src/graph/vjp.ts';
import { compile } from './run.ts';

interface Oracle {
  readonly inputs: readonly (readonly number[])[];
  readonly options: { readonly scale?: number; readonly offset?: number };
  readonly output: readonly number[];
  readonly loss: number;
  readonly gradients: readonly (readonly number[] | null)[];
}

const fixture = path.resolve(import.meta.dirname, '../../fixtures/graph/gradients.json');
const oracles = JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, Oracle>;

type Case = (...inputs: Value[]) => Value;
const indices = (x: Value, values: number[], dims: number[]): Value => x.graph.constant(int64(values, dims));

/** The same functions as in scripts/oracle/graph.py. */
const cases: Record<string, Case> = {
  Add: (a, b) => ops.add(a!, b!),
  Sub: (a, b) => ops.sub(a!, b!),
  Mul: (a, b) => ops.mul(a!, b!),
  Div: (a, b) => ops.div(a!, b!),
  Neg: (x) => ops.neg(x!),
  Pow: (a, b) => ops.pow(a!, b!),
  'Pow square': (x) => ops.pow(x!, 2),
  Sqrt: (x) => ops.sqrt(x!),
  Exp: (x) => ops.exp(x!),
  Log: (x) => ops.log(x!),
  Abs: (x) => ops.abs(x!),
  Reciprocal: (x) => ops.reciprocal(x!),
  Max: (a, b) => ops.maximum(a!, b!),
  Min: (a, b) => ops.minimum(a!, b!),
  Relu: (x) => ops.relu(x!),
  LeakyRelu: (x) => ops.leakyRelu(x!, 0.2),
  Clip: (x) => ops.clip(x!, -0.4, 0.5),
  Sigmoid: (x) => ops.sigmoid(x!),
  Tanh: (x) => ops.tanh(x!),
  Where: (c, a, b) => ops.where(ops.greater(c!, 0), a!, b!),
  Softmax: (x) => ops.softmax(x!, 1),
  MatMul: (a, b) => ops.matMul(a!, b!),
  'MatMul flat': (a, b) => ops.matMul(a!, b!),
  'MatMul broadcast': (a, b) => ops.matMul(a!, b!),
  Gemm: (a, b, c) => ops.gemm(a!, b!, c, { alpha: 0.5, beta: 2 }),
  'Gemm transA': (a, b, c) => ops.gemm(a!, b!, c, { transA: true }),
  'Gemm transB': (a, b, c) => ops.gemm(a!, b!, c, { transB: true }),
  'Gemm transAB': (a, b) => ops.gemm(a!, b!, undefined, { transA: true, transB: true }),
  Transpose: (x) => ops.transpose(x!, [2, 0, 1]),
  Reshape: (x) => ops.reshape(x!, [-1, 4]),
  'Unsqueeze Squeeze': (x) => ops.squeeze(ops.unsqueeze(x!, [1, 3]), [1]),
  Slice: (x) => ops.slice(x!, { 0: { start: 1, end: 3 }, 1: { start: 1, end: 6, step: 2 }, 2: { step: -1 } }),
  'Slice down': (x) => ops.slice(x!, { 0: { start: -2, end: 0, step: -3 } }),
  Concat: (a, b) => ops.concat([a!, b!], 1),
  Split: (x) => {
    const [left, right] = ops.split(x!, 1, [2, 3]);
    return ops.mul(ops.reduceSum(left!, [1]), ops.reduceSum(right!, [1]));
  },
  Pad: (x) => ops.pad(x!, [2, 1], [0, -1]),
  Expand: (x) => ops.expand(x!, [2, 4, 3]),
  DepthToSpace: (x) => ops.depthToSpace(x!, 2),
  SpaceToDepth: (x) => ops.spaceToDepth(x!, 2),
  Gather: (x) => ops.gather(x!, indices(x!, [0, 2, 2, 1], [2, 2])),
  'Gather inner': (x) => ops.gather(x!, indices(x!, [3, 0, -1], [3]), 1),
  GatherElements: (x) => ops.gatherElements(x!, indices(x!, [1, 1, 3, 0, 2, 2], [2, 3]), 1),
  TopK: (x) => ops.topK(x!, 2, 1).values,
  'TopK smallest': (x) => ops.topK(x!, 2, 1, false).values,
  ReduceSum: (x) => ops.reduceSum(x!, [0, 2]),
  ReduceMean: (x) => ops.reduceMean(x!, [1], true),
  ReduceMax: (x) => ops.reduceMax(x!, [1, 2]),
  ReduceMin: (x) => ops.reduceMin(x!, [-2]),
  ReduceSumSquare: (x) => ops.reduceSumSquare(x!, [1]),
  Conv: (x, w, b) => ops.conv(x!, w!, b, { pads: 1 }),
  'Conv 1x1': (x, w, b) => ops.conv(x!, w!, b),
  'Conv 7x7': (x, w) => ops.conv(x!, w!, undefined, { pads: 3 }),
  'Conv stride 2': (x, w) => ops.conv(x!, w!, undefined, { stride: 2, pads: 1 }),
  'Conv 1x1 stride 2': (x, w) => ops.conv(x!, w!, undefined, { stride: 2 }),
  'Conv wide pads': (x, w) => ops.conv(x!, w!, undefined, { pads: 1 }),
  'Conv dilated': (x, w) => ops.conv(x!, w!, undefined, { pads: [2, 0, 2, 0], dilation: 2 }),
  'Conv grouped': (x, w) => ops.conv(x!, w!, undefined, { pads: 1, group: 2 }),
  'Conv depthwise': (x, w) => ops.conv(x!, w!, undefined, { pads: 1, stride: 2, group: 4 }),
  ConvTranspose: (x, w, b) => ops.convTranspose(x!, w!, b, { stride: 2 }),
  'ConvTranspose padded': (x, w) => ops.convTranspose(x!, w!, undefined, { stride: 2, pads: 1, outputPadding: 1 }),
  MaxPool: (x) => ops.maxPool(x!, 3, { stride: 2, pads: 1 }),
  AveragePool: (x) => ops.averagePool(x!, 2),
  'AveragePool padded': (x) => ops.averagePool(x!, 3, { stride: 2, pads: 1 }),
  GlobalAveragePool: (x) => ops.globalAveragePool(x!),
  'Resize linear': (x) => ops.resize(x!, [6, 8]),
  'Resize uneven': (x) => ops.resize(x!, [3, 7]),
  'Resize nearest': (x) => ops.resize(x!, [6, 8], 'nearest'),
  'Resize nearest, three times': (x) => ops.resize(x!, [6, 9], 'nearest'),
  InstanceNormalization: (x, s, b) => ops.instanceNormalization(x!, s!, b!),
  BatchNormalization: (x, s, b) => ops.batchNormTraining(x!, s!, b!).y,
  'Identity Cast': (x) => ops.cast(ops.identity(ops.mul(x!, x!)), 'float32'),
};

const wave = (dims: readonly number[], phase: number, { scale = 1, offset = 0 }: Oracle['options']): Tensor =>
  float32(
    Float32Array.from({ length: sizeOf(dims) }, (_, i) => offset + scale * Math.sin(1.3 * i ** 1.1 + 0.3 + phase)),
    dims,
  );

const close = (got: number, want: number, tolerance: number): boolean =>
  Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want));

/**
 * Gradients by rule, against PyTorch's and against central differences of the loss. `names`:
 * leading dimension symbolic.
 */
async function check(
  name: string,
  build: Case,
  oracle: Oracle,
  symbolic: boolean,
  options: GraphOptions = {},
): Promise<void> {
  const graph = new Graph(name, options);
  const open = (dims: readonly number[], at: number): boolean =>
    symbolic && dims.length > 1 && dims[0] === oracle.inputs[0]![0] && (at === 0 || !name.startsWith('Conv'));
  const inputs = oracle.inputs.map((dims, at) =>
    graph.input(`x${at}`, 'float32', open(dims, at) ? ['N', ...dims.slice(1)] : dims),
  );
  const y = build(...inputs);
  const weights = graph.input('weights', 'float32', y.shape);
  const cosines = Float32Array.from({ length: sizeOf(oracle.output) }, (_, i) => Math.cos(i));
  const feeds = {
    ...Object.fromEntries(oracle.inputs.map((dims, at) => [`x${at}`, wave(dims, at, oracle.options)])),
    weights: float32(cosines, oracle.output),
  } as Record<string, Tensor>;
  const loss = ops.reduceSum(ops.mul(y, weights));
  const wanted = inputs.filter((_, at) => oracle.gradients[at]);
  gradients(graph, loss, wanted).forEach((g, at) => graph.output(`d${wanted[at]!.name}`, g));
  graph.output('loss', loss);
  const run = await compile(graph);
  const result = await run(feeds);
  const lossOf = async (changed: typeof feeds): Promise<number> => Number((await run(changed))['loss']!.data[0]);
  assert.ok(
    close(Number(result['loss']!.data[0]), oracle.loss, 1e-4),
    `loss ${String(result['loss']!.data[0])} ${oracle.loss}`,
  );
  for (const [at, want] of oracle.gradients.entries()) {
    if (!want) continue;
    const got = result[`dx${at}`]!;
    assert.deepEqual(got.dims, oracle.inputs[at]);
    want.forEach((value, i) => {
      assert.ok(close(Number(got.data[i]), value, 2e-4), `d${at}[${i}]: ${String(got.data[i])}, PyTorch ${value}`);
    });
    if (symbolic) continue;
    for (const i of [0, Math.floor(want.length / 2), want.length - 1]) {
      const step = 2 ** -9;
      const moved = (by: number): Promise<number> => {
        const data = Float32Array.from(feeds[`x${at}`]!.data as Float32Array);
        data[i]! += by;
        return lossOf({ ...feeds, [`x${at}`]: float32(data, oracle.inputs[at]) });
      };
      const slope = ((await moved(step)) - (await moved(-step))) / (2 * step);
      assert.ok(close(Number(got.data[i]), slope, 2e-2), `d${at}[${i}]: ${String(got.data[i])}, differences ${slope}`);
    }
  }
}

test('every oracle case has a graph and every rule a case', () => {
  assert.deepEqual(Object.keys(cases).sort(), Object.keys(oracles).sort());
  const covered = Object.keys(cases).flatMap((name) => name.split(' '));
  const missing = Object.keys(vjp).filter((op) => !covered.includes(op));
  assert.deepEqual(missing, ['Flatten']);
});

for (const [name, oracle] of Object.entries(oracles)) {
  test(`gradient of ${name}`, () => check(name, cases[name]!, oracle, false));
  if (name.startsWith('Conv'))
    test(`gradient of ${name}, fast on the processor`, () =>
      check(name, cases[name]!, oracle, false, { fastOn: 'cpu' }));
  const symbolicLead =
    !/Gather$|broadcast|Gemm transA|Transpose|Slice|Split|Reshape/.test(name) && oracle.inputs[0]!.length > 1;
  if (symbolicLead) test(`gradient of ${name} with N open`, () => check(name, cases[name]!, oracle, true));
  if (symbolicLead && name.startsWith('Conv'))
    test(`gradient of ${name} with N open, fast on the processor`, () =>
      check(name, cases[name]!, oracle, true, { fastOn: 'cpu' }));
}
