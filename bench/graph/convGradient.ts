/**
 * Forms of a convolution, of its gradients by weight and input, and of a convolution of repeated
 * pixels: medians of 15 runs, wall time.
 *
 * npx tsx bench/graph/convGradient.ts [THREADS]
 */
import * as ort from 'onnxruntime-node';
import { convWeightGradient } from '../../src/graph/convGradient.ts';
import { Graph, type GraphOptions, type Value } from '../../src/graph/graph.ts';
import { encodeModel } from '../../src/graph/model.ts';
import * as ops from '../../src/graph/ops.ts';
import { kernelOf } from '../../src/graph/ops/conv.ts';
import { median } from '../report.ts';

interface Case {
  readonly batch: number;
  readonly input: number;
  readonly output: number;
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
}
type Variant = (x: Value, g: Value, w: Value, c: Case) => Value;

const threads = Number(process.argv[2] ?? 2);

const nhwc = (x: Value): Value => ops.transpose(x, [0, 2, 3, 1]);
const padOf = ({ kernel }: Case): number => (kernel - 1) / 2;
const outSize = ({ size, stride }: Case): number => size / stride;

function taps({ kernel }: Case): [number, number][] {
  return Array.from({ length: kernel * kernel }, (_, at) => [Math.floor(at / kernel), at % kernel]);
}

function stack(parts: Value[], c: Case): Value {
  const flat = parts.map((part) => ops.reshape(part, [1, c.output, c.input]));
  const all = ops.concat(flat as [Value, ...Value[]], 0);
  return ops.reshape(ops.transpose(all, [1, 2, 0]), [c.output, c.input, c.kernel, c.kernel]);
}

function window(c: Case, [row, column]: [number, number], axis: number) {
  const span = (outSize(c) - 1) * c.stride + 1;
  const range = (start: number) => ({ start, end: start + span, step: c.stride });
  return { [axis]: range(row), [axis + 1]: range(column) };
}

function apart(x: Value, g: Value, c: Case, form: 'transposed' | 'last'): Value {
  const p = padOf(c);
  const at = Array.from({ length: c.kernel }, (_, i) => i);
  const gT = ops.transpose(g, [1, 0, 2, 3]);
  const columns = at.map((left) => ops.pad(gT, [0, 0, 0, left], [0, 0, 0, c.kernel - 1 - left]));
  const all = ops.reshape(ops.concat(columns as [Value, ...Value[]], 0), [c.kernel * c.output, -1]);
  const rows = (padded: Value, axis: number, joined: number): Value =>
    ops.concat(
      at.map((start) => ops.slice(padded, { [axis]: { start, end: start + c.size } })) as [Value, ...Value[]],
      joined,
    );
  const met =
    form === 'last'
      ? ops.reshape(rows(ops.pad(nhwc(x), [0, p, p, 0], [0, p, p, 0]), 1, 3), [-1, c.kernel * c.input])
      : ops.transpose(
          ops.reshape(rows(ops.pad(ops.transpose(x, [1, 0, 2, 3]), [0, 0, p, p], [0, 0, p, p]), 2, 0), [
            c.kernel * c.input,
            -1,
          ]),
          [1, 0],
        );
  const product = ops.reshape(ops.matMul(all, met), [c.kernel, c.output, c.kernel, c.input]);
  return ops.transpose(product, [1, 3, 2, 0]);
}

const weight: Record<string, Variant> = {
  'tap gemm, g transposed': (x, g, _, c) => {
    const p = padOf(c);
    const padded = ops.pad(nhwc(x), [0, p, p, 0], [0, p, p, 0]);
    const rows = ops.reshape(ops.transpose(g, [1, 0, 2, 3]), [c.output, -1]);
    return stack(
      taps(c).map((tap) => ops.matMul(rows, ops.reshape(ops.slice(padded, window(c, tap, 1)), [-1, c.input]))),
      c,
    );
  },
  'tap gemm, transA': (x, g, _, c) => {
    const p = padOf(c);
    const padded = ops.pad(nhwc(x), [0, p, p, 0], [0, p, p, 0]);
    const rows = ops.reshape(nhwc(g), [-1, c.output]);
    return stack(
      taps(c).map((tap) =>
        ops.gemm(rows, ops.reshape(ops.slice(padded, window(c, tap, 1)), [-1, c.input]), undefined, { transA: true }),
      ),
      c,
    );
  },
  'im2col one gemm': (x, g, _, c) => {
    const p = padOf(c);
    const padded = ops.pad(nhwc(x), [0, p, p, 0], [0, p, p, 0]);
    const rows = ops.reshape(ops.transpose(g, [1, 0, 2, 3]), [c.output, -1]);
    const columns = ops.concat(taps(c).map((tap) => ops.slice(padded, window(c, tap, 1))) as [Value, ...Value[]], 3);
    const all = ops.matMul(rows, ops.reshape(columns, [-1, c.kernel * c.kernel * c.input]));
    return ops.reshape(ops.transpose(ops.reshape(all, [c.output, c.kernel * c.kernel, c.input]), [0, 2, 1]), [
      c.output,
      c.input,
      c.kernel,
      c.kernel,
    ]);
  },
  'row im2col, tap gemm': (x, g, _, c) => {
    const p = padOf(c);
    const padded = ops.pad(nhwc(x), [0, p, p, 0], [0, p, p, 0]);
    const rows = ops.reshape(ops.transpose(g, [1, 0, 2, 3]), [c.output, -1]);
    const span = (outSize(c) - 1) * c.stride + 1;
    const at = Array.from({ length: c.kernel }, (_unused, i) => i);
    const wide = ops.concat(
      at.map((start) => ops.slice(padded, { 2: { start, end: start + span, step: c.stride } })) as [Value, ...Value[]],
      3,
    );
    const parts = at.map((start) => {
      const part = ops.slice(wide, { 1: { start, end: start + span, step: c.stride } });
      const all = ops.matMul(rows, ops.reshape(part, [-1, c.kernel * c.input]));
      return ops.reshape(all, [c.output, 1, c.kernel, c.input]);
    });
    return ops.transpose(ops.concat(parts as [Value, ...Value[]], 1), [0, 3, 1, 2]);
  },
  // g moved along its columns, x along its rows: kernel + kernel copies instead of kernel², one
  // product of all pairs.
  'rows and columns apart': (x, g, _, c) => apart(x, g, c, 'transposed'),
  'rows and columns apart, channels last': (x, g, _, c) => apart(x, g, c, 'last'),
  'rows and columns apart, per image': (x, g, _, c) => {
    const p = padOf(c);
    const at = Array.from({ length: c.kernel }, (_unused, i) => i);
    const padded = ops.pad(x, [0, 0, p, p], [0, 0, p, p]);
    const columns = at.map((left) => ops.pad(g, [0, 0, 0, left], [0, 0, 0, c.kernel - 1 - left]));
    const rows = at.map((start) => ops.slice(padded, { 2: { start, end: start + c.size } }));
    const flat = (parts: Value[], channels: number): Value =>
      ops.reshape(ops.concat(parts as [Value, ...Value[]], 1), [c.batch, c.kernel * channels, -1]);
    const products = ops.matMul(flat(columns, c.output), ops.transpose(flat(rows, c.input), [0, 2, 1]));
    const product = ops.reshape(ops.reduceSum(products, [0]), [c.kernel, c.output, c.kernel, c.input]);
    return ops.transpose(product, [1, 3, 2, 0]);
  },
  'per image, batched': (x, g, _, c) => {
    const p = padOf(c);
    const padded = ops.pad(x, [0, 0, p, p], [0, 0, p, p]);
    const rows = ops.reshape(g, [c.batch, c.output, -1]);
    return stack(
      taps(c).map((tap) => {
        const part = ops.reshape(ops.slice(padded, window(c, tap, 2)), [c.batch, c.input, -1]);
        return ops.reduceSum(ops.matMul(rows, ops.transpose(part, [0, 2, 1])), [0]);
      }),
      c,
    );
  },
  'one conv': (x, g, _, c) => {
    const p = padOf(c);
    const [images, filters] = [ops.transpose(x, [1, 0, 2, 3]), ops.transpose(g, [1, 0, 2, 3])];
    const all = ops.conv(images, filters, undefined, { dilation: c.stride, pads: p });
    return ops.transpose(ops.slice(all, { 2: { end: c.kernel }, 3: { end: c.kernel } }), [1, 0, 2, 3]);
  },
};

const flip = (w: Value): Value => ops.transpose(ops.slice(w, { 2: { step: -1 }, 3: { step: -1 } }), [1, 0, 2, 3]);

const input: Record<string, Variant> = {
  'conv, flipped (stride 1)': (_, g, w, c) => ops.conv(g, flip(w), undefined, { pads: padOf(c) }),
  convTranspose: (_, g, w, c) =>
    ops.convTranspose(g, w, undefined, { stride: c.stride, pads: padOf(c), outputPadding: c.stride - 1 }),
  'zero stuffing, conv': (_, g, w, c) => {
    const n = outSize(c);
    const wide = ops.pad(
      ops.reshape(g, [c.batch, c.output, n, 1, n, 1]),
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, c.stride - 1, 0, c.stride - 1],
    );
    return ops.conv(ops.reshape(wide, [c.batch, c.output, c.size, c.size]), flip(w), undefined, { pads: padOf(c) });
  },
};

const forward: Record<string, Variant> = {
  forward: (x, _, w, c) => ops.conv(x, w, undefined, { pads: padOf(c), stride: c.stride }),
  'forward in halves': (x, _, w, c) =>
    ops.concat(
      ops
        .split(w, 0, [c.output / 2, c.output / 2])
        .map((half) => ops.conv(x, half, undefined, { pads: padOf(c), stride: c.stride })) as [Value, ...Value[]],
      1,
    ),
};

/** Of x repeated in squares of 2 × 2. */
const repeated: Record<string, Variant> = { shipped: (x, _, w) => ops.repeatAndConv(x, w).y };

const shipped: Record<string, Variant> = {
  shipped: (x, g, w, c) => {
    const [p, one] = [padOf(c), [1, 1] as const];
    const window = { kernel: kernelOf('Conv', w), strides: [c.stride, c.stride] as const, dilations: one, group: 1 };
    return convWeightGradient(x, g, w, { ...window, pads: [p, p, p, p] });
  },
};

const plain = { forward, weight: { ...weight, ...shipped }, input, repeated };
const fast = { weight: shipped, repeated };

async function time(
  variant: Variant,
  c: Case,
  options: GraphOptions,
): Promise<{ ms: number; gflops: number; sum: number }> {
  const graph = new Graph('form', options);
  const n = outSize(c);
  const x = graph.input('x', 'float32', [c.batch, c.input, c.size, c.size]);
  const g = graph.input('g', 'float32', [c.batch, c.output, n, n]);
  const w = graph.input('w', 'float32', [c.output, c.input, c.kernel, c.kernel]);
  graph.output('y', variant(x, g, w, c));
  const session = await ort.InferenceSession.create(encodeModel(graph), {
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
    // As our sessions have it.
    extra: { session: { intra_op: { spin_duration_us: '50' } } },
  });
  const tensor = (dims: number[]): ort.Tensor => {
    const count = dims.reduce((a, b) => a * b, 1);
    return new ort.Tensor(
      'float32',
      Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.37)),
      dims,
    );
  };
  const feeds = {
    x: tensor([c.batch, c.input, c.size, c.size]),
    g: tensor([c.batch, c.output, n, n]),
    w: tensor([c.output, c.input, c.kernel, c.kernel]),
  };
  const times: number[] = [];
  let sum = 0;
  for (let run = 0; run < 15; run++) {
    const start = performance.now();
    const { y } = await session.run(feeds);
    times.push(performance.now() - start);
    sum = (y!.data as Float32Array).reduce((total, value, i) => total + value * Math.cos(i), 0);
  }
  const ms = median(times);
  const flop = 2 * c.batch * c.output * c.input * c.kernel ** 2 * n * n;
  return { ms, gflops: flop / ms / 1e6, sum };
}

const cases: Case[] = [
  // Of the default student.
  { batch: 8, input: 32, output: 32, size: 64, kernel: 3, stride: 1 },
  { batch: 8, input: 64, output: 64, size: 32, kernel: 3, stride: 1 },
  { batch: 8, input: 128, output: 128, size: 16, kernel: 3, stride: 1 },
  { batch: 8, input: 128, output: 128, size: 8, kernel: 3, stride: 1 },
  { batch: 8, input: 2, output: 1, size: 64, kernel: 7, stride: 1 },
  { batch: 8, input: 2, output: 1, size: 32, kernel: 7, stride: 1 },
  { batch: 8, input: 48, output: 24, size: 64, kernel: 1, stride: 1 },
  // Larger.
  { batch: 8, input: 64, output: 64, size: 64, kernel: 3, stride: 1 },
  { batch: 8, input: 128, output: 128, size: 32, kernel: 3, stride: 1 },
  { batch: 8, input: 256, output: 256, size: 16, kernel: 3, stride: 1 },
  { batch: 8, input: 128, output: 64, size: 32, kernel: 1, stride: 1 },
  { batch: 8, input: 64, output: 128, size: 64, kernel: 3, stride: 2 },
];

for (const c of cases)
  for (const [on, kinds] of [[undefined, plain] as const, ['cpu', fast] as const])
    for (const [kind, variants] of Object.entries(kinds))
      for (const [name, variant] of Object.entries(variants)) {
        const fits = !(name.includes('stride 1)') || name.includes('apart')) || c.stride === 1;
        if (!fits || (name === 'zero stuffing, conv' && c.stride === 1)) continue;
        if (kind === 'repeated' && (c.kernel !== 3 || c.stride !== 1)) continue;
        if (name.includes('halves') && c.output % 2) continue;
        const { ms, gflops, sum } = await time(variant, c, { fastOn: on });
        const form = on ? `${name}, fast on ${on}` : name;
        console.log(
          `${c.input}->${c.output} ${c.kernel}x${c.kernel}/${c.stride} @${c.size} | ${kind} | ${form} | ` +
            `${ms.toFixed(1)} ms | ${(kind === 'repeated' ? 4 * gflops : gflops).toFixed(0)} GFLOP/s | ` +
            sum.toPrecision(6),
        );
      }
