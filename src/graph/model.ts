import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Shape } from './dims.ts';
import { irVersion, type Attribute, type Graph, type Node, type Value } from './graph.ts';
import {
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx_pb.ts';
import { dataTypes, sizeOf, type DataType, type Tensor, type TensorData } from './tensor.ts';

/** `AttributeProto.AttributeType` */
const attributeType = { float: 1, int: 2, string: 3, tensor: 4, ints: 7 } as const;

export interface ModelOptions {
  /** Written to the model's `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of an ONNX model of `graph`. Nodes and constants that no output needs are left out;
 * inputs all stay.
 */
export function encodeModel(graph: Graph, { metadata = {} }: ModelOptions = {}): Uint8Array {
  if (graph.outputs.size === 0) throw new Error(`model ${graph.name}: no outputs; call graph.output(name, value)`);
  const { nodes, constants, outputs } = reachable(graph);
  const names = outputNames(outputs);
  const nameOf = (value: Value | undefined): string => (value ? (names.get(value) ?? value.name) : '');
  const aliases = [...graph.outputs].filter(([name, value]) => nameOf(value) !== name);
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    producerName: 'nferd',
    opsetImport: [...graph.opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      input: graph.inputs.map((value) => valueInfo(value.name, value)),
      output: outputs.map(([name, value]) => valueInfo(name, value)),
      initializer: constants.map((value) => encodeTensor(value.tensor!, value.name)),
      node: [
        ...nodes.map((node) => encodeNode(node, nameOf)),
        ...aliases.map(([name, value]) =>
          create(NodeProtoSchema, { name, opType: 'Identity', input: [nameOf(value)], output: [name] }),
        ),
      ],
    },
  });
  return toBinary(ModelProtoSchema, model);
}

/**
 * Reads an ONNX model. Throws one line where the bytes are no model or end early. External data is
 * not read.
 */
export function decodeModel(bytes: Uint8Array): ModelProto {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`not an ONNX model, or cut short (${bytes.length} bytes: ${why}); get the file again`, {
      cause: error,
    });
  }
  if (!model.irVersion || !model.graph || model.opsetImport.length === 0)
    throw new Error(
      `not an ONNX model, or cut short (${bytes.length} bytes without graph or opset); get the file again`,
    );
  return model;
}

/** Metadata of a decoded model as a plain object. */
export const metadataOf = (model: ModelProto): Record<string, string> =>
  Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));

function reachable(graph: Graph): { nodes: Node[]; constants: Value[]; outputs: [string, Value][] } {
  const outputs = [...graph.outputs];
  const wanted = new Set<Node>();
  const constants = new Set<Value>();
  const visit = (value: Value | undefined): void => {
    if (value?.tensor) constants.add(value);
    if (value?.node) wanted.add(value.node);
  };
  outputs.forEach(([, value]) => visit(value));
  for (const node of graph.nodes.toReversed())
    if (wanted.has(node)) [...node.inputs, ...capturesOf(node)].forEach(visit);
  return { nodes: graph.nodes.filter((node) => wanted.has(node)), constants: [...constants], outputs };
}

function capturesOf({ attributes }: Node): readonly Value[] {
  return Object.values(attributes).flatMap((attribute) =>
    typeof attribute === 'object' && 'proto' in attribute ? (attribute.captures ?? []) : [],
  );
}

/** A computed value takes its (first) output's name, which saves an Identity. */
function outputNames(outputs: readonly [string, Value][]): Map<Value, string> {
  const names = new Map<Value, string>();
  for (const [name, value] of outputs) if (value.node && !names.has(value)) names.set(value, name);
  return names;
}

function encodeNode(node: Node, nameOf: (value: Value | undefined) => string) {
  const input = node.inputs.map(nameOf);
  while (input.at(-1) === '') input.pop();
  const attribute = Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value));
  const output = node.outputs.map(nameOf);
  return create(NodeProtoSchema, { name: output[0]!, opType: node.op, domain: node.domain, input, output, attribute });
}

function encodeAttribute(name: string, value: Attribute): AttributeProto {
  const make = (type: keyof typeof attributeType, rest: object): AttributeProto =>
    create(AttributeProtoSchema, { name, type: attributeType[type], ...rest });
  if (typeof value === 'number') return make('int', { i: BigInt(value) });
  if (typeof value === 'string') return make('string', { s: Uint8Array.from(value, (char) => char.charCodeAt(0)) });
  if ('float' in value) return make('float', { f: value.float });
  if ('tensor' in value) return make('tensor', { t: encodeTensor(value.tensor, '') });
  if ('proto' in value) return value.proto;
  return make('ints', { ints: value.map(BigInt) });
}

function valueInfo(name: string, { dtype, shape }: Value): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  const tensorType = { elemType: dataTypes[dtype].code, shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensorType } } });
}

function encodeTensor({ dtype, dims, data }: Tensor, name: string): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: dataTypes[dtype].code,
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
}

/** The element type of an ONNX number, undefined where it is none of ours. */
export const dtypeOf = (code: number): DataType | undefined =>
  (Object.keys(dataTypes) as DataType[]).find((dtype) => dataTypes[dtype].code === code);

/**
 * The values of a stored tensor, whichever of ONNX's fields holds them. Throws for types we don't
 * read and for external data.
 */
export function decodeTensor(proto: TensorProto): Tensor {
  const dtype = dtypeOf(proto.dataType);
  if (!dtype) throw new Error(`tensor ${proto.name}: ONNX data type ${proto.dataType} is not supported`);
  if (proto.dataLocation === 1)
    throw new Error(`tensor ${proto.name}: its data is in another file; save it inside the model`);
  const dims = proto.dims.map(Number);
  const { array } = dataTypes[dtype];
  const raw = proto.rawData;
  const fields = { float32: proto.floatData, int64: proto.int64Data };
  const stored: readonly (number | bigint)[] =
    dtype === 'float32' || dtype === 'int64' ? fields[dtype] : proto.int32Data;
  if (raw.length % array.BYTES_PER_ELEMENT !== 0)
    throw new Error(`tensor ${proto.name}: ${raw.length} bytes of ${dtype}`);
  const data: TensorData =
    raw.length > 0
      ? new array(new Uint8Array(raw).buffer)
      : (array as unknown as { from(values: readonly (number | bigint)[]): TensorData }).from(stored);
  if (data.length !== sizeOf(dims))
    throw new Error(`tensor ${proto.name}: ${data.length} elements do not fill [${dims.join(', ')}]`);
  return { dtype, dims, data };
}

/**
 * A declared type; undefined where the model leaves it open. Unnamed dimensions are named after the
 * value and axis.
 */
export function typeOf(info: ValueInfoProto): { dtype: DataType; shape: Shape } | undefined {
  const tensor = info.type?.value.case === 'tensorType' ? info.type.value.value : undefined;
  const dtype = dtypeOf(tensor?.elemType ?? 0);
  if (!tensor?.shape || !dtype) return undefined;
  const shape = tensor.shape.dim.map(({ value }, axis) =>
    value.case === 'dimValue' ? Number(value.value) : value.case === 'dimParam' ? value.value : `${info.name}.${axis}`,
  );
  return { dtype, shape };
}

/** Names that a node reads, those inside its subgraphs included. */
export const readBy = ({ input, attribute }: NodeProto): string[] => [
  ...input.filter((name) => name !== ''),
  ...attribute.flatMap(({ g }) => (g ? [...g.node.flatMap(readBy), ...g.output.map(({ name }) => name)] : [])),
];
