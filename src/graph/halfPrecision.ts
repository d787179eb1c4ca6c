import { create, toBinary } from '@bufbuild/protobuf';
import { Float16Array } from '@petamoriken/float16';
import { decodeModel, decodeTensor, readBy } from './model.ts';
import {
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from './onnx_pb.ts';
import { dataTypes } from './tensor.ts';

/**
 * Operators whose floating inputs and outputs have one type, and that 16-bit floats serve as well:
 * a convolutional backbone's.
 */
const converted = new Set([
  ...['Conv', 'Relu', 'Clip', 'Add', 'Mul', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'LeakyRelu', 'Identity'],
  ...['MaxPool', 'AveragePool', 'GlobalAveragePool'],
]);

const [float32, float16] = [dataTypes.float32.code, dataTypes.float16.code];

/**
 * The same model with its nodes in 16-bit floats (IEEE 754 binary16), as far as their operators and
 * types allow; between these and the others values are cast. Inputs and outputs of the model stay
 * as they are.
 * @throws Error where the bytes are no ONNX model
 */
export function inHalfPrecision(bytes: Uint8Array): Uint8Array {
  const model = decodeModel(bytes);
  model.graph = convert(model.graph!);
  return toBinary(ModelProtoSchema, model);
}

function convert(graph: GraphProto): GraphProto {
  const weights = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const chosen = chooseNodes(graph, weights);
  const made = new Set([...chosen].flatMap(({ output }) => output));
  const elsewhere = new Set([
    ...graph.output.map(({ name }) => name),
    ...graph.node.filter((node) => !chosen.has(node)).flatMap(readBy),
  ]);
  const nodes: NodeProto[] = [];
  const halves = new Map<string, TensorProto>();
  const cast = new Set<string>();
  /** The name under which a value is there in 16 bits. */
  const halved = (name: string): string => {
    if (name === '') return name;
    const half = `${name}/half`;
    const weight = weights.get(name);
    if (weight) halves.set(half, halfTensor(weight, half));
    else if (!made.has(name) && !cast.has(name)) {
      cast.add(name);
      nodes.push(castNode(name, half, float16));
    }
    return half;
  };
  for (const node of graph.node) {
    if (!chosen.has(node)) {
      nodes.push(node);
      continue;
    }
    const input = node.input.map(halved);
    nodes.push(create(NodeProtoSchema, { ...node, input, output: node.output.map((name) => `${name}/half`) }));
    for (const name of node.output) if (elsewhere.has(name)) nodes.push(castNode(`${name}/half`, name, float32));
  }
  const initializer = [...graph.initializer.filter(({ name }) => elsewhere.has(name)), ...halves.values()];
  // What was said of values inside may not be true of them any more.
  return { ...graph, node: nodes, initializer, valueInfo: [] };
}

/** The nodes whose operator is one of `converted` and whose inputs are certainly 32-bit floats. */
function chooseNodes(graph: GraphProto, weights: ReadonlyMap<string, TensorProto>): Set<NodeProto> {
  const chosen = new Set<NodeProto>();
  const floats = new Set([...weights].filter(([, { dataType }]) => dataType === float32).map(([name]) => name));
  for (const { name, type } of graph.input)
    if (type?.value.case === 'tensorType' && type.value.value.elemType === float32) floats.add(name);
  for (const node of graph.node) {
    const { opType, domain, input, output } = node;
    // Where the weights are floats, so is what is convolved.
    const telling = opType === 'Conv' ? input.slice(1) : input;
    const known = domain === '' && converted.has(opType) && telling.every((name) => name === '' || floats.has(name));
    if (!known || output.length !== 1) continue;
    floats.add(output[0]!);
    chosen.add(node);
  }
  return chosen;
}

function halfTensor(tensor: TensorProto, name: string): TensorProto {
  const { data } = decodeTensor(tensor);
  const half = new Float16Array(data as Float32Array);
  const rawData = new Uint8Array(half.buffer, half.byteOffset, half.byteLength);
  return create(TensorProtoSchema, { name, dims: tensor.dims, dataType: float16, rawData });
}

const castNode = (from: string, to: string, code: number): NodeProto =>
  create(NodeProtoSchema, {
    name: `${to}/cast`,
    opType: 'Cast',
    input: [from],
    output: [to],
    attribute: [create(AttributeProtoSchema, { name: 'to', type: 2, i: BigInt(code) })],
  });
