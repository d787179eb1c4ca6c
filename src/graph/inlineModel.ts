import { create } from '@bufbuild/protobuf';
import { broadcast, formatShape, type Dim, type Shape } from './dims.ts';
import { describe, type Attributes, type Graph, type Value, type ValueType } from './graph.ts';
import { decodeTensor, dtypeOf, typeOf } from './model.ts';
import { AttributeProtoSchema, type GraphProto, type ModelProto, type NodeProto } from './onnx_pb.ts';
import { asPads, asPair, kernelOf, windowShape, type Pads, type Pair } from './ops/conv.ts';

export interface InlineOptions {
  /** The model's input names and what feeds them; an input with an initializer may be left out. */
  readonly inputs: Readonly<Record<string, Value>>;
  /**
   * Names of the wanted values: outputs of the model or of any node inside it. Shapes are inferred,
   * or stated here.
   */
  readonly outputs: readonly (string | ({ readonly name: string } & Partial<ValueType>))[];
  /** Goes before every name of the model. */
  readonly prefix?: string;
}

/**
 * Oldest opset at which an operator means what it means in ours, for those whose form changed since
 * 13.
 */
const formSince: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ['Mean', 'Max', 'Min', 'Prod', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'].map((kind) => [`Reduce${kind}`, 18]),
  ),
  BatchNormalization: 15,
  Split: 18,
  GroupNormalization: 21,
};
const oldestOpset = 13;

/**
 * Copies an ONNX model into `graph` under `prefix` and returns the wanted values, in order.
 * Operators, attributes and subgraphs pass through as they are; unused nodes are dropped when the
 * graph is encoded. Throws where the model's opset doesn't fit the graph's, an input is missing, or
 * a wanted value is unknown or of unknown shape.
 */
export function inlineModel(graph: Graph, model: ModelProto, options: InlineOptions): readonly Value[] {
  const { inputs, outputs, prefix = 'backbone/' } = options;
  const source = model.graph!;
  adoptOpsets(graph, model, prefix);
  const values = new Map<string, Value>(Object.entries(inputs));
  for (const initializer of source.initializer)
    if (!values.has(initializer.name))
      values.set(initializer.name, graph.constant(decodeTensor(initializer), prefix + initializer.name));
  const missing = source.input.find(({ name }) => !values.has(name));
  if (missing)
    throw new Error(
      `${prefix}: the model's input '${missing.name}' is not fed; ` +
        `feed ${source.input.map(({ name }) => `'${name}'`).join(', ')}`,
    );
  const stated = statedTypes(source, inputs, outputs);
  for (const node of source.node) {
    const operands = node.input.map((name) => (name === '' ? undefined : known(values, name, node)));
    const inferred = inferType(node, operands);
    const types = node.output.map((name, at) => {
      const type = stated.get(name) ?? (at === 0 ? inferred : undefined) ?? unknownType;
      return { ...type, ...(name && { name: prefix + name }) };
    });
    const made = graph.node(node.opType, operands, attributesOf(node, prefix, values), types, node.domain);
    made.forEach((value, at) => values.set(node.output[at]!, value));
  }
  return outputs.map((output) => {
    const name = typeof output === 'string' ? output : output.name;
    const value = values.get(name);
    if (!value)
      throw new Error(
        `${prefix}: the model has no value '${name}'; ` +
          `its outputs are ${source.output.map((info) => info.name).join(', ')}`,
      );
    if (value.shape === unknownType.shape)
      throw new Error(`${prefix}: the shape of '${name}' can't be inferred; state it`);
    return value;
  });
}

const unknownType: ValueType = { dtype: 'float32', shape: ['?'] };

function known(values: ReadonlyMap<string, Value>, name: string, node: NodeProto): Value {
  const value = values.get(name);
  if (!value)
    throw new Error(`${node.opType} '${node.name}': its input '${name}' comes from nowhere; the model is broken`);
  return value;
}

function adoptOpsets(graph: Graph, model: ModelProto, prefix: string): void {
  for (const { domain, version } of model.opsetImport) {
    const key = domain === 'ai.onnx' ? '' : domain;
    const ours = graph.opsets.get(key) ?? Number(version);
    graph.opsets.set(key, ours);
    const ops = model.graph!.node.filter((node) => node.domain === domain).map(({ opType }) => opType);
    if (Number(version) > ours)
      throw new Error(
        `${prefix}: the model's opset ${domain || 'ai.onnx'} ${version} is newer than ${ours}; convert it down`,
      );
    if (key !== '') continue;
    const changed = ops.find((op) => Number(version) < (formSince[op] ?? oldestOpset));
    if (changed)
      throw new Error(
        `${prefix}: ${changed} of opset ${version} has another form in opset ${ours}; convert the model to ${ours}`,
      );
  }
}

/**
 * Types the caller states, then those the model declares, with the dimension names of its inputs
 * bound to what feeds them.
 */
function statedTypes(
  source: GraphProto,
  inputs: InlineOptions['inputs'],
  outputs: InlineOptions['outputs'],
): Map<string, ValueType> {
  const bound = new Map<string, Dim>();
  for (const info of source.input) {
    const fed = inputs[info.name];
    const declared = typeOf(info);
    if (!fed || !declared) continue;
    const fits = (dim: Dim, axis: number): boolean =>
      typeof dim === 'string' || typeof fed.shape[axis] === 'string' || fed.shape[axis] === dim;
    if (declared.dtype !== fed.dtype || declared.shape.length !== fed.shape.length || !declared.shape.every(fits))
      throw new Error(
        `inline: the model's input '${info.name}' is ${formatShape(declared.shape)} ${declared.dtype}, ` +
          `fed with ${describe(fed)}`,
      );
    declared.shape.forEach((dim, axis) => typeof dim === 'string' && bound.set(dim, fed.shape[axis]!));
  }
  const types = new Map<string, ValueType>();
  for (const info of [...source.valueInfo, ...source.output]) {
    const type = typeOf(info);
    const shape = type?.shape.map((dim) => bound.get(String(dim)) ?? dim);
    const open = shape?.some((dim) => typeof dim === 'string' && ![...bound.values()].includes(dim));
    if (type && shape && !open) types.set(info.name, { dtype: type.dtype, shape });
  }
  for (const output of outputs)
    if (typeof output !== 'string' && output.shape)
      types.set(output.name, { dtype: output.dtype ?? 'float32', shape: output.shape });
  return types;
}

/** Attributes as they are; subgraphs get the new names. */
function attributesOf(node: NodeProto, prefix: string, values: ReadonlyMap<string, Value>): Attributes {
  const captures: Value[] = [];
  const rename = (name: string): string => {
    const outer = values.get(name);
    if (outer) captures.push(outer);
    return outer?.name ?? (name && prefix + name);
  };
  const renamed = (graph: GraphProto): GraphProto => ({
    ...graph,
    input: graph.input.map((info) => ({ ...info, name: prefix + info.name })),
    output: graph.output.map((info) => ({ ...info, name: rename(info.name) })),
    valueInfo: [],
    initializer: graph.initializer.map((tensor) => ({ ...tensor, name: prefix + tensor.name })),
    node: graph.node.map((inner) => ({
      ...inner,
      input: inner.input.map(rename),
      output: inner.output.map((name) => name && prefix + name),
      attribute: inner.attribute.map((attribute) =>
        attribute.g ? { ...attribute, g: renamed(attribute.g) } : attribute,
      ),
    })),
  });
  return Object.fromEntries(
    node.attribute.map((attribute) => {
      const proto = attribute.g ? create(AttributeProtoSchema, { ...attribute, g: renamed(attribute.g) }) : attribute;
      return [attribute.name, { proto, captures }];
    }),
  );
}

type Infer = (node: NodeProto, inputs: readonly Value[]) => Shape | undefined;
const same: Infer = (_, [x]) => x!.shape;
const spread: Infer = ({ opType }, [a, b]) => broadcast(opType, a!.shape, b!.shape);
const numbers = (node: NodeProto, name: string): readonly number[] | undefined => {
  const found = node.attribute.find((attribute) => attribute.name === name);
  return found?.ints.map(Number);
};

function slide(node: NodeProto, x: Value, kernel: Pair): Shape | undefined {
  const text = node.attribute.find(({ name }) => name === 'auto_pad')?.s;
  const ceil = node.attribute.find(({ name }) => name === 'ceil_mode')?.i;
  if (ceil || (text?.length && String.fromCharCode(...text) !== 'NOTSET')) return undefined;
  const pair = (name: string): Pair => asPair((numbers(node, name) as Pair | undefined) ?? 1);
  const pads = asPads((numbers(node, 'pads') as Pads | undefined) ?? 0);
  const window = { kernel, strides: pair('strides'), dilations: pair('dilations'), pads };
  return windowShape(node.opType, x.shape.slice(2), window);
}
const pool: Infer = (node, [x]) => {
  const space = slide(node, x!, numbers(node, 'kernel_shape') as Pair);
  return space && [...x!.shape.slice(0, 2), ...space];
};

/** Enough to follow a convolutional backbone; other operators' outputs need a stated shape. */
const inference: Readonly<Record<string, Infer>> = {
  ...Object.fromEntries(
    [
      'Relu',
      'Clip',
      'Sigmoid',
      'Tanh',
      'HardSwish',
      'HardSigmoid',
      'LeakyRelu',
      'Elu',
      'Gelu',
      'Erf',
      'Sqrt',
      'Exp',
      'Neg',
    ]
      .concat([
        'Cast',
        'Identity',
        'Dropout',
        'Softmax',
        'BatchNormalization',
        'InstanceNormalization',
        'LayerNormalization',
      ])
      .map((op) => [op, same]),
  ),
  ...Object.fromEntries(['Add', 'Sub', 'Mul', 'Div', 'Pow'].map((op) => [op, spread])),
  Conv: (node, [x, weight]) => {
    const space = slide(node, x!, kernelOf('Conv', weight!));
    return space && [x!.shape[0]!, weight!.shape[0]!, ...space];
  },
  MaxPool: pool,
  AveragePool: pool,
  GlobalAveragePool: (_, [x]) => [...x!.shape.slice(0, 2), 1, 1],
  Concat: (node, inputs) => {
    const axis = Number(node.attribute.find(({ name }) => name === 'axis')?.i);
    const dims = inputs.map(({ shape }) => shape.at(axis)!);
    const at = axis < 0 ? axis + inputs[0]!.shape.length : axis;
    return dims.every((dim) => typeof dim === 'number')
      ? inputs[0]!.shape.with(
          at,
          dims.reduce((a, b) => a + b, 0),
        )
      : undefined;
  },
};

function inferType(node: NodeProto, inputs: readonly (Value | undefined)[]): ValueType | undefined {
  const given = inputs.filter((value) => value !== undefined);
  if (given.some(({ shape }) => shape === unknownType.shape)) return undefined;
  const shape = node.domain === '' ? inference[node.opType]?.(node, given) : undefined;
  const dtype =
    node.opType === 'Cast' ? dtypeOf(Number(node.attribute.find(({ name }) => name === 'to')?.i)) : given[0]!.dtype;
  return shape && dtype && { dtype, shape };
}
