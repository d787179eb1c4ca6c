import { describe, type Attributes, type Graph, type Value, type ValueType } from '../graph.ts';
import { type DataType } from '../tensor.ts';
import { int64 } from '../tensor.ts';

/** An operand: a value, or a number that becomes a scalar constant of the other operand's dtype. */
export type Operand = Value | number;

/** Adds a node with one output to its first operand's graph. */
export function emit(
  op: string,
  inputs: readonly [Value, ...(Value | undefined)[]],
  attributes: Attributes,
  type: ValueType,
): Value {
  return inputs[0].graph.node(op, inputs, attributes, [type])[0]!;
}

/** An int64 vector constant, for axes, shapes and the like. */
export const ints = (graph: Graph, values: readonly number[]): Value => graph.constant(int64(values));

export function lift(graph: Graph, operand: Operand, dtype: DataType): Value {
  return typeof operand === 'number' ? graph.scalar(operand, dtype) : operand;
}

/** Both operands as values of one dtype. */
export function liftPair(op: string, a: Operand, b: Operand): readonly [Value, Value] {
  const known = typeof a === 'number' ? b : a;
  if (typeof known === 'number') throw new Error(`${op}: at least one operand must be a value, not a number`);
  const pair = [lift(known.graph, a, known.dtype), lift(known.graph, b, known.dtype)] as const;
  if (pair[0].dtype !== pair[1].dtype)
    throw new Error(`${op}: dtypes differ: ${describe(pair[0])}, ${describe(pair[1])}; cast one`);
  return pair;
}

/** Throws unless `value` has `rank` dimensions. */
export function expectRank(op: string, value: Value, rank: number): void {
  if (value.shape.length !== rank) throw new Error(`${op}: ${describe(value)} must have ${rank} dimensions`);
}
