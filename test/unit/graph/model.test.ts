import { create, toBinary } from '@bufbuild/protobuf';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../../../src/graph/graph.ts';
import { inlineModel } from '../../../src/graph/inlineModel.ts';
import { decodeModel, decodeTensor, encodeModel, metadataOf } from '../../../src/graph/model.ts';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  type ModelProto,
} from '../../../src/graph/onnx_pb.ts';
import * as ops from '../../../src/graph/ops.ts';
import { float32, type Tensor } from '../../../src/graph/tensor.ts';
import { run } from './run.ts';

const image = (...dims: number[]): Tensor =>
  float32(
    Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.cos(3 * i)),
    dims,
  );

/** A small backbone: two stages, the second unnamed to the outside. */
function backbone(): Uint8Array {
  const graph = new Graph('backbone');
  const x = graph.input('image', 'float32', ['batch', 3, 'height', 'width']);
  const stem = ops.relu(ops.conv(x, graph.constant(image(4, 3, 3, 3), 'w'), undefined, { stride: 2, pads: 1 }));
  graph.output('stage1', stem);
  graph.output('stage2', ops.clip(ops.maxPool(stem, 2), 0, 6));
  return encodeModel(graph, { metadata: { licence: 'Apache-2.0' } });
}

/** The model at another opset. */
const atOpset = (version: number): ModelProto => {
  const model = decodeModel(backbone());
  return { ...model, opsetImport: [{ ...model.opsetImport[0]!, version: BigInt(version) }] };
};

test('encode → decode keeps nodes, weights, types and metadata', () => {
  const model = decodeModel(backbone());
  assert.deepEqual(metadataOf(model), { licence: 'Apache-2.0' });
  assert.deepEqual(
    model.graph!.node.map(({ opType }) => opType),
    ['Conv', 'Relu', 'MaxPool', 'Clip'],
  );
  assert.deepEqual(
    model.graph!.output.map(({ name }) => name),
    ['stage1', 'stage2'],
  );
  const weight = model.graph!.initializer.find(({ name }) => name === 'w')!;
  assert.deepEqual(decodeTensor(weight), image(4, 3, 3, 3));
  assert.deepEqual(decodeModel(toBinary(ModelProtoSchema, model)), model);
});

test('what no output needs is left out; an input may be an output', async () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2]);
  ops.exp(x);
  const twice = ops.add(x, x);
  graph.output('same', x);
  graph.output('twice', twice);
  graph.output('again', twice);
  assert.deepEqual(
    decodeModel(encodeModel(graph)).graph!.node.map(({ opType }) => opType),
    ['Add', 'Identity', 'Identity'],
  );
  const result = await run(graph, { x: float32([1, 2]) });
  assert.deepEqual(
    Object.values(result).map(({ data }) => [...data]),
    [
      [1, 2],
      [2, 4],
      [2, 4],
    ],
  );
  assert.throws(() => encodeModel(new Graph('empty')), /model empty: no outputs/);
});

test('bytes that are no model, or end early, are refused in one line', () => {
  const bytes = backbone();
  const bad = [
    new Uint8Array(0),
    bytes.subarray(0, 9),
    bytes.subarray(0, bytes.length >> 1),
    new TextEncoder().encode('<!DOCTYPE html>'),
  ];
  for (const part of bad)
    assert.throws(
      () => decodeModel(part),
      /^Error: not an ONNX model, or cut short \(\d+ bytes.*\); get the file again$/,
    );
});

test('an inlined backbone answers as it does alone, shapes inferred', async () => {
  const model = decodeModel(backbone());
  const alone = new Graph();
  const graph = new Graph();
  const [a, b] = [alone, graph].map((at) => at.input('x', 'float32', ['N', 3, 16, 16]));
  const direct = inlineModel(alone, model, { inputs: { image: a! }, outputs: ['stage2'] });
  const two = ops.add(b!, 0.5);
  const first = inlineModel(graph, model, {
    inputs: { image: ops.sub(two, 0.5) },
    outputs: ['stage1', 'stage2'],
    prefix: 'a/',
  });
  const second = inlineModel(graph, model, { inputs: { image: two }, outputs: ['stage2'], prefix: 'b/' });
  assert.deepEqual(
    first.map(({ shape }) => shape),
    [
      ['N', 4, 8, 8],
      ['N', 4, 4, 4],
    ],
  );
  alone.output('y', direct[0]!);
  graph.output('y', first[1]!);
  graph.output('moved', second[0]!);
  const x = image(2, 3, 16, 16);
  const [want, got] = [await run(alone, { x }), await run(graph, { x })];
  got['y']!.data.forEach((value, i) => assert.ok(Math.abs(Number(value) - Number(want['y']!.data[i])) < 1e-5));
  assert.deepEqual(got['moved']!.dims, [2, 4, 4, 4]);
});

test('a subgraph keeps reading the values around it', async () => {
  const branch = (factor: string) =>
    create(GraphProtoSchema, {
      name: factor,
      node: [{ opType: 'Mul', input: ['doubled', factor], output: ['product'] }],
      output: [{ name: 'product' }],
    });
  const host = new Graph();
  const x = host.input('x', 'float32', [2]);
  const flag = host.input('flag', 'bool', []);
  ops.add(x, x);
  host.output('y', ops.identity(x));
  const model = decodeModel(encodeModel(host));
  const graphProto = model.graph!;
  graphProto.initializer = [2, 3].map((value) =>
    create(TensorProtoSchema, { name: `by${value}`, dataType: 1, dims: [], floatData: [value] }),
  );
  graphProto.node = [
    create(NodeProtoSchema, { opType: 'Add', input: ['x', 'x'], output: ['doubled'] }),
    create(NodeProtoSchema, {
      opType: 'If',
      input: ['flag'],
      output: ['y'],
      attribute: [
        create(AttributeProtoSchema, { name: 'then_branch', type: 5, g: branch('by2') }),
        create(AttributeProtoSchema, { name: 'else_branch', type: 5, g: branch('by3') }),
      ],
    }),
  ];
  assert.equal(flag.name, 'flag');
  const graph = new Graph();
  const inputs = { x: graph.input('x', 'float32', [2]), flag: graph.input('flag', 'bool', []) };
  graph.output('y', inlineModel(graph, model, { inputs, outputs: ['y'] })[0]!);
  for (const [on, want] of [
    [1, [4, 8]],
    [0, [6, 12]],
  ] as const) {
    const { y } = await run(graph, { x: float32([1, 2]), flag: { dtype: 'bool', dims: [], data: Uint8Array.of(on) } });
    assert.deepEqual([...y!.data], want);
  }
});

const misfits: Record<string, { model?: ModelProto; options?: object; message: RegExp }> = {
  'newer opset': { model: atOpset(99), message: /opset ai\.onnx 99 is newer than 21; convert it down/ },
  'older opset': { model: atOpset(9), message: /Conv of opset 9 has another form in opset 21; convert/ },
  'input not fed': { options: { inputs: {} }, message: /input 'image' is not fed; feed 'image'/ },
  'unknown output': { options: { outputs: ['stage9'] }, message: /no value 'stage9'; its outputs are stage1, stage2/ },
};
for (const [name, { model = decodeModel(backbone()), options = {}, message }] of Object.entries(misfits))
  test(`inlining refuses: ${name}`, () => {
    const graph = new Graph();
    const given = { inputs: { image: graph.input('x', 'float32', ['N', 3, 8, 8]) }, outputs: ['stage1'], ...options };
    assert.throws(() => inlineModel(graph, model, given), { message });
  });

test('inlining refuses an input of another shape', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['N', 1, 8, 8]);
  const options = { inputs: { image: x }, outputs: ['stage1'] };
  assert.throws(
    () => inlineModel(graph, decodeModel(backbone()), options),
    /'image' is \[batch, 3, height, width\] float32, fed with x \[N, 1, 8, 8\]/,
  );
});
