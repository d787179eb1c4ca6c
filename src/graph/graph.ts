import { formatShape, type Shape } from './dims.ts';
import type { AttributeProto } from './onnx_pb.ts';
import { scalar, type DataType, type Tensor } from './tensor.ts';

/**
 * The opset and IR version of the models we write; onnxruntime 1.30 runs newer ones too, older
 * runtimes don't.
 */
const opset = 21;
export const irVersion = 10;

/**
 * A node attribute. A bare number is an int and a bare list ints; floats say so. `proto` passes a
 * foreign one through, with the values its subgraphs read.
 */
export type Attribute =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly tensor: Tensor }
  | { readonly proto: AttributeProto; readonly captures?: readonly Value[] };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface ValueType {
  readonly dtype: DataType;
  readonly shape: Shape;
}

/** What flows along an edge: a graph input, a constant (`tensor`), or an output of `node`. */
export interface Value extends ValueType {
  readonly graph: Graph;
  readonly name: string;
  readonly node?: Node;
  readonly tensor?: Tensor;
}

/** One use of an operator. An input left out is undefined. */
export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
}

/** `Conv [8, 3, 64, 64] float32`, for messages. */
export const describe = (value: Value): string => `${value.name} ${formatShape(value.shape)} ${value.dtype}`;

export interface GraphOptions {
  /**
   * Operators and gradients that can be had in several forms take the one that onnxruntime's
   * kernels there are fast at (bench/graph); without it the plain one. The numbers are the same up
   * to rounding.
   */
  readonly fastOn?: 'cpu' | undefined;
}

/**
 * An ONNX graph under construction. Grows only; what no output needs is left out when it is
 * encoded. The typed operators are in ops.ts; they find the graph through their operands.
 */
export class Graph {
  readonly name: string;
  readonly fastOn: GraphOptions['fastOn'];
  readonly inputs: Value[] = [];
  readonly outputs = new Map<string, Value>();
  readonly nodes: Node[] = [];
  /** Operator set versions by domain; '' is ONNX's own. */
  readonly opsets = new Map<string, number>([['', opset]]);
  readonly #names = new Set<string>();
  readonly #scalars = new Map<string, Value>();

  constructor(name = 'nferd', { fastOn }: GraphOptions = {}) {
    this.name = name;
    this.fastOn = fastOn;
  }

  /** A value fed at run time. `shape` may name dimensions: `['N', 3, 256, 256]`. */
  input(name: string, dtype: DataType, shape: Shape): Value {
    const value: Value = { graph: this, name: this.#claim(name), dtype, shape };
    this.inputs.push(value);
    return value;
  }

  /** A value stored in the model (an initializer). */
  constant(tensor: Tensor, name?: string): Value {
    const claimed = name === undefined ? this.#fresh('constant') : this.#claim(name);
    return { graph: this, name: claimed, dtype: tensor.dtype, shape: tensor.dims, tensor };
  }

  /** A scalar constant; the same number and dtype give the same value. */
  scalar(value: number, dtype: DataType = 'float32'): Value {
    const key = `${dtype} ${value}`;
    const known = this.#scalars.get(key) ?? this.constant(scalar(value, dtype));
    this.#scalars.set(key, known);
    return known;
  }

  /**
   * Adds a node of any operator; the caller states its outputs' types. Prefer ops.ts, which infers
   * them.
   */
  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes,
    types: readonly (ValueType & { readonly name?: string })[],
    domain = '',
  ): readonly Value[] {
    const stranger = inputs.find((input) => input && input.graph !== this);
    if (stranger) throw new Error(`${op}: ${describe(stranger)} belongs to another graph`);
    const outputs: Value[] = [];
    const node: Node = { op, domain, inputs, attributes, outputs };
    for (const { dtype, shape, name } of types)
      outputs.push({ graph: this, name: name ? this.#claim(name) : this.#fresh(op), dtype, shape, node });
    this.nodes.push(node);
    return outputs;
  }

  /** Makes `value` an output of the model under `name`. */
  output(name: string, value: Value): void {
    if (value.graph !== this) throw new Error(`output ${name}: ${describe(value)} belongs to another graph`);
    this.outputs.set(this.#claim(name), value);
  }

  #claim(name: string): string {
    if (name === '' || this.#names.has(name)) throw new Error(`graph: the name '${name}' is empty or taken`);
    this.#names.add(name);
    return name;
  }

  #fresh(stem: string): string {
    for (let count = this.#names.size; ; count++)
      if (!this.#names.has(`${stem}_${count}`)) return this.#claim(`${stem}_${count}`);
  }
}
