import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { adam, cosineDecay } from '../../../src/graph/adam.ts';
import { gradients } from '../../../src/graph/gradients.ts';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import * as ops from '../../../src/graph/ops.ts';
import { packedLength, packTensors, unpack, unpackTensors } from '../../../src/graph/parameters.ts';
import { float32, scalar, sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { compile } from './run.ts';

interface Oracle {
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  readonly ema: Readonly<Record<string, number>>;
  readonly count: number;
}
const fixture = path.resolve(import.meta.dirname, '../../fixtures/graph/training.json');
const oracle = JSON.parse(readFileSync(fixture, 'utf8')) as Oracle;

const shapes = {
  stem: [8, 3, 3, 3],
  scale: [8],
  bias: [8],
  up: [8, 8, 2, 2],
  fuse: [8, 12, 1, 1],
  channel: [8, 4],
  expand: [4, 8],
  spatial: [1, 2, 7, 7],
  out: [6, 8, 3, 3],
  outBias: [6],
} as const;

const wave = (dims: readonly number[], phase: number, scale = 1, offset = 0): Tensor =>
  float32(
    Float32Array.from({ length: sizeOf(dims) }, (_, i) => offset + scale * Math.sin(1.3 * i ** 1.1 + 0.3 + phase)),
    dims,
  );

/**
 * The student of scripts/oracle/graphTraining.py: convolutions, batch norm, bank read, attention.
 */
function student(p: Record<keyof typeof shapes, Value>, image: Value, keys: Value, values: Value): Value {
  const stem = ops.conv(image, p.stem, undefined, { stride: 2, pads: 1 });
  const x = ops.convTranspose(ops.relu(ops.batchNormTraining(stem, p.scale, p.bias).y), p.up, undefined, { stride: 2 });
  const rows = ops.l2Normalize(ops.reshape(ops.transpose(x, [0, 2, 3, 1]), [-1, 8]), 1);
  const near = ops.topK(ops.matMul(rows, ops.transpose(keys, [1, 0])), 3, 1);
  const weights = ops.unsqueeze(ops.softmax(ops.div(near.values, 0.1), 1), [2]);
  const read = ops.reduceSum(ops.mul(weights, ops.gather(values, near.indices)), [1]);
  const picked = ops.transpose(ops.reshape(read, ['N', 8, 8, 4]), [0, 3, 1, 2]);
  const u = ops.conv(ops.concat([x, picked], 1), p.fuse);
  const mlp = (v: Value): Value => ops.matMul(ops.relu(ops.matMul(v, p.channel)), p.expand);
  const channel = ops.sigmoid(ops.add(mlp(ops.reduceMean(u, [2, 3])), mlp(ops.reduceMax(u, [2, 3]))));
  const summary = ops.concat([ops.reduceMean(u, [1], true), ops.reduceMax(u, [1], true)], 1);
  const spatial = ops.sigmoid(ops.conv(summary, p.spatial, undefined, { pads: 3 }));
  const fused = ops.add(ops.add(x, ops.mul(ops.unsqueeze(channel, [2, 3]), u)), ops.mul(spatial, u));
  return ops.conv(ops.resize(fused, [12, 12]), p.out, p.outBias, { pads: 1 });
}

function unitRows(rows: number, columns: number, data: Float32Array): Float32Array {
  return data.map((value, at) => {
    const start = Math.floor(at / columns) * columns;
    return value / Math.hypot(...data.subarray(start, start + columns));
  });
}

/** The bank of the oracle: 16 entries, 8 numbers as key (unit length) and 4 as value. */
function bank(): { keys: Tensor; values: Tensor } {
  const whole = unitRows(16, 12, wave([16, 12], 50).data as Float32Array);
  const part = (from: number, to: number): Float32Array => whole.filter((_, at) => at % 12 >= from && at % 12 < to);
  return { keys: float32(unitRows(16, 8, part(0, 8)), [16, 8]), values: float32(part(8, 12), [16, 4]) };
}

const near = (got: number, want: number, relative: number, what: string): void =>
  assert.ok(Math.abs(got - want) <= relative * Math.abs(want), `${what}: ${got}, PyTorch ${want}`);

test('twenty steps follow PyTorch: loss, gradient norm, averaged weights', async () => {
  const graph = new Graph('step');
  const image = graph.input('image', 'float32', ['N', 3, 8, 8]);
  const target = graph.input('target', 'float32', ['N', 6, 12, 12]);
  const [learningRate, step] = [graph.input('learningRate', 'float32', []), graph.input('step', 'float32', [])];
  const count = packedLength(shapes);
  assert.equal(count, oracle.count);
  const [theta, m, v, ema] = ['theta', 'm', 'v', 'ema'].map((name) => graph.input(name, 'float32', [count]));
  const { keys, values } = bank();
  const y = student(unpack(theta!, shapes), image, graph.constant(keys), graph.constant(values));
  const [a, b] = [y, target].map((map) => ops.l2Normalize(ops.reshape(map, ['N', -1]), 1));
  const loss = ops.reduceMean(ops.sub(1, ops.reduceSum(ops.mul(a!, b!), [1])));
  const optimiser = adam({ clipNorm: 0.1, emaDecay: 0.9 });
  const next = optimiser.update({
    parameters: [theta!],
    gradients: gradients(graph, loss, [theta!]),
    m: [m!],
    v: [v!],
    ema: [ema!],
    learningRate,
    step,
  });
  const outputs = {
    theta: next.parameters[0]!,
    m: next.m[0]!,
    v: next.v[0]!,
    ema: next.ema[0]!,
    loss,
    norm: next.norm,
  };
  for (const [name, value] of Object.entries(outputs)) graph.output(`${name}'`, value);
  const run = await compile(graph);

  const initial = packTensors(
    Object.fromEntries(
      Object.entries(shapes).map(([name, dims], at) => [name, wave(dims, at, 0.3, name === 'scale' ? 1 : 0)]),
    ),
    shapes,
  );
  const start = optimiser.init([initial]);
  let state: Record<string, Tensor> = { theta: initial, m: start.m[0]!, v: start.v[0]!, ema: start.ema[0]! };
  for (const [at, want] of oracle.losses.entries()) {
    const result = await run({
      ...state,
      image: wave([2, 3, 8, 8], 101 + at),
      target: wave([2, 6, 12, 12], 200 + ((at + 1) % 3)),
      learningRate: scalar(cosineDecay(at + 1, { peak: 0.02, steps: oracle.losses.length })),
      step: scalar(at + 1),
    });
    near(Number(result["loss'"]!.data[0]), want, 1e-3, `loss of step ${at + 1}`);
    near(Number(result["norm'"]!.data[0]), oracle.norms[at]!, 1e-2, `norm of step ${at + 1}`);
    state = Object.fromEntries(Object.keys(state).map((name) => [name, result[`${name}'`]!]));
  }
  for (const [name, { data }] of Object.entries(unpackTensors(state['ema']!, shapes))) {
    const sum = (data as Float32Array).reduce((total, value) => total + value, 0);
    assert.ok(
      Math.abs(sum - oracle.ema[name]!) < 5e-3 * Math.max(1, Math.abs(oracle.ema[name]!)),
      `ema of ${name}: ${sum}`,
    );
  }
});

test('cosine decay starts at the peak, warms up, and ends at the floor', () => {
  assert.equal(cosineDecay(1, { peak: 2, steps: 10 }), 2);
  assert.equal(cosineDecay(6, { peak: 2, steps: 10 }), 1);
  assert.equal(cosineDecay(1, { peak: 2, steps: 10, warmup: 4 }), 0.5);
  assert.equal(cosineDecay(5, { peak: 2, steps: 10, warmup: 4 }), 2);
  assert.equal(cosineDecay(99, { peak: 2, steps: 10, floor: 0.5 }), 0.5);
});

test('packing refuses weights that are missing or misshapen', () => {
  assert.throws(() => packTensors({}, { w: [2, 3] }), /'w' must be float32 \[2, 3\], got \[nothing\]/);
  assert.throws(() => unpackTensors(float32([1, 2]), { w: [3] }), /2 numbers, 3 expected/);
});

for (const count of [1, 7, 8, 50, 400])
  test(
    `${count} weights of one vector: each whole and in its place, no node with more parts than a ` +
      'shader of WebGPU binds',
    async () => {
      const many = Object.fromEntries(Array.from({ length: count }, (_, i) => [`w${i}`, [1 + (i % 3), 2]]));
      const graph = new Graph('weights');
      const vector = graph.input('vector', 'float32', [packedLength(many)]);
      for (const [name, value] of Object.entries(unpack(vector, many))) graph.output(name, value);
      assert.ok(graph.nodes.every(({ outputs }) => outputs.length <= 7));
      const packed = float32(Float32Array.from({ length: packedLength(many) }, (_, i) => i));
      const found = await (await compile(graph))({ vector: packed });
      for (const [name, { dims, data }] of Object.entries(unpackTensors(packed, many)))
        assert.deepEqual([found[name]!.dims, found[name]!.data], [dims, data.slice()]);
    },
  );
