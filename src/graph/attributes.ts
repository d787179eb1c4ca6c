import type { Attribute, Node } from './graph.ts';

/** Reads attributes of our own nodes and of inlined ones alike. */
function read<T>(node: Node, name: string, own: (value: Attribute) => T | undefined): T | undefined {
  const value = node.attributes[name];
  return value === undefined ? undefined : own(value);
}

const isProto = (value: Attribute): value is Extract<Attribute, { proto: unknown }> =>
  typeof value === 'object' && 'proto' in value;

/** An int attribute, or `fallback`. */
export const intOf = (node: Node, name: string, fallback: number): number =>
  read(node, name, (value) => (isProto(value) ? Number(value.proto.i) : Number(value))) ?? fallback;

/** A float attribute, or `fallback`. */
export const floatOf = (node: Node, name: string, fallback: number): number =>
  read(node, name, (value) => {
    if (isProto(value)) return value.proto.f;
    return typeof value === 'object' && 'float' in value ? value.float : undefined;
  }) ?? fallback;

/** An ints attribute, or undefined. */
export const intsOf = (node: Node, name: string): readonly number[] | undefined =>
  read(node, name, (value) => {
    if (isProto(value)) return value.proto.ints.map(Number);
    return Array.isArray(value) ? (value as readonly number[]) : undefined;
  });

/** A string attribute, or `fallback`. */
export const textOf = (node: Node, name: string, fallback: string): string =>
  read(node, name, (value) => {
    if (isProto(value)) return String.fromCharCode(...value.proto.s);
    return typeof value === 'string' ? value : undefined;
  }) ?? fallback;

/**
 * The numbers of a constant input (axes, starts, …), or undefined where it is left out. Throws
 * where it isn't constant.
 */
export function numbersOf(node: Node, at: number): readonly number[] | undefined {
  const value = node.inputs[at];
  if (!value) return undefined;
  if (!value.tensor)
    throw new Error(`${node.op}: the gradient needs a constant as input ${at}, '${value.name}' is computed`);
  return Array.from(value.tensor.data as ArrayLike<number | bigint>, Number);
}
