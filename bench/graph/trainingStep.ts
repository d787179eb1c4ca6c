import * as ort from 'onnxruntime-node';
import { adam } from '../../src/graph/adam.ts';
import { gradients } from '../../src/graph/gradients.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { encodeModel } from '../../src/graph/model.ts';
import * as ops from '../../src/graph/ops.ts';
import { packedLength, unpack } from '../../src/graph/parameters.ts';

const channels = [256, 128, 64];
const batch = 8;
const threads = Number(process.argv[2] ?? 1);

const shapes = Object.fromEntries(
  channels.flatMap((out, at) => [
    [`first${at}`, [out, channels[Math.max(at - 1, 0)]!, 3, 3]],
    [`second${at}`, [out, out, 3, 3]],
    ...['scale1', 'bias1', 'scale2', 'bias2'].map((name) => [`${name}${at}`, [out]]),
  ]),
) as Record<string, number[]>;

const graph = new Graph('step', { fastOn: 'cpu' });
const image = graph.input('x', 'float32', [batch, 256, 16, 16]);
const length = packedLength(shapes);
const [theta, m, v, ema] = ['theta', 'm', 'v', 'ema'].map((name) => graph.input(name, 'float32', [length]));
const [learningRate, step] = [graph.input('learningRate', 'float32', []), graph.input('step', 'float32', [])];
const p = unpack(theta!, shapes) as Record<string, Value>;

let x: Value = image;
let loss: Value | undefined;
for (const at of channels.keys()) {
  if (at > 0) x = ops.resize(x, [16 << at, 16 << at]);
  for (const [weight, index] of [
    ['first', 1],
    ['second', 2],
  ] as const) {
    const map = ops.conv(x, p[`${weight}${at}`]!, undefined, { pads: 1 });
    x = ops.relu(ops.batchNormTraining(map, p[`scale${index}${at}`]!, p[`bias${index}${at}`]!).y);
  }
  const target = graph.input(`target${at}`, 'float32', x.shape);
  const [a, b] = [x, target].map((map) => ops.l2Normalize(ops.reshape(map, [batch, -1]), 1));
  const stage = ops.reduceMean(ops.sub(1, ops.reduceSum(ops.mul(a!, b!), [1])));
  loss = loss ? ops.add(loss, stage) : stage;
}
const next = adam({ clipNorm: 1 }).update({
  parameters: [theta!],
  gradients: gradients(graph, loss!, [theta!]),
  m: [m!],
  v: [v!],
  ema: [ema!],
  learningRate,
  step,
});
const state = { theta: next.parameters[0]!, m: next.m[0]!, v: next.v[0]!, ema: next.ema[0]! };
for (const [name, value] of Object.entries({ ...state, loss: loss! })) graph.output(`${name}'`, value);

const wave = (dims: number[], scale: number): ort.Tensor => {
  const count = dims.reduce((a, b) => a * b, 1);
  return new ort.Tensor(
    'float32',
    Float32Array.from({ length: count }, (_, i) => scale * Math.sin(1.37 * i)),
    dims,
  );
};
const scalar = (value: number): ort.Tensor => new ort.Tensor('float32', Float32Array.of(value), []);
const session = await ort.InferenceSession.create(encodeModel(graph), {
  intraOpNumThreads: threads,
  logSeverityLevel: 3,
});
const fixed = {
  x: wave([batch, 256, 16, 16], 1),
  ...Object.fromEntries(channels.map((count, at) => [`target${at}`, wave([batch, count, 16 << at, 16 << at], 1)])),
  learningRate: scalar(1e-3),
};
let feeds: Record<string, ort.Tensor> = {
  theta: wave([length], 0.03),
  m: wave([length], 0),
  v: wave([length], 0),
  ema: wave([length], 0.03),
};
for (let count = 1; count <= 6; count++) {
  const [start, used] = [performance.now(), process.cpuUsage()];
  const result = await session.run({ ...feeds, ...fixed, step: scalar(count) });
  const cpu = process.cpuUsage(used);
  console.log(
    `step ${count} | ${(performance.now() - start).toFixed(0)} ms | ` +
      `${((cpu.user + cpu.system) / 1e3).toFixed(0)} ms of processor | loss ${String(result["loss'"]!.data[0])}`,
  );
  feeds = Object.fromEntries(Object.keys(feeds).map((name) => [name, result[`${name}'`]!]));
}
