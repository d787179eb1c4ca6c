import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { readBy } from './model.ts';
import { NodeProtoSchema, TensorProtoSchema, ValueInfoProtoSchema } from './onnx_pb.ts';

/** Field numbers of onnx.proto. */
const graphOfModel = 7;
const nodeOfGraph = 1;
const initializerOfGraph = 5;
const outputOfGraph = 12;

/**
 * The model that computes `outputs` alone, without the nodes and constants that nothing of them
 * needs. onnxruntime runs every node of a model, whichever outputs are fetched: what isn't wanted
 * has to be left out before the session is made.
 *
 * Works on the encoded fields, in a few milliseconds: the weights are copied once and never
 * decoded.
 * @param further kept as well where the model has them
 * @throws Error where the model has no such output, or is cut short
 */
export function keepOutputs(
  bytes: Uint8Array,
  outputs: readonly string[],
  further: readonly string[] = [],
): Uint8Array {
  const model = fieldsOf(bytes);
  const graph = model.filter(({ number }) => number === graphOfModel).flatMap(({ value }) => fieldsOf(value));
  const entries = (number: number, name: (value: Uint8Array) => string) =>
    graph.filter((field) => field.number === number).map((field) => ({ field, name: name(field.value) }));
  const given = entries(outputOfGraph, (value) => fromBinary(ValueInfoProtoSchema, value).name);
  const known = given.map(({ name }) => name);
  const missing = outputs.find((name) => !known.includes(name));
  if (missing !== undefined) throw new Error(`the model has no output '${missing}'; it has ${known.join(', ')}`);
  const needed = new Set([...outputs, ...further.filter((name) => known.includes(name))]);
  const kept = new Set<Field>();
  const keep = (found: ReturnType<typeof entries>): void =>
    found.filter(({ name }) => needed.has(name)).forEach(({ field }) => kept.add(field));
  keep(given);
  // Nodes are in topological order: from the last to the first, each is met after all that read it.
  for (const field of graph.toReversed()) {
    if (field.number !== nodeOfGraph) continue;
    const node = fromBinary(NodeProtoSchema, field.value);
    if (!node.output.some((name) => needed.has(name))) continue;
    kept.add(field);
    readBy(node).forEach((name) => needed.add(name));
  }
  keep(entries(initializerOfGraph, (value) => fromBinary(TensorProtoSchema, value).name));
  const chosen = [nodeOfGraph, initializerOfGraph, outputOfGraph];
  const rest = graph.filter((field) => !chosen.includes(field.number) || kept.has(field)).map(({ whole }) => whole);
  const length = rest.reduce((sum, part) => sum + part.length, 0);
  const header = new BinaryWriter().tag(graphOfModel, WireType.LengthDelimited).uint32(length).finish();
  return joined([...model.filter(({ number }) => number !== graphOfModel).map(({ whole }) => whole), header, ...rest]);
}

/** One field of an encoded message; `whole` includes its tag. */
interface Field {
  readonly number: number;
  /** Empty where it isn't a message, text or bytes. */
  readonly value: Uint8Array;
  readonly whole: Uint8Array;
}

function fieldsOf(message: Uint8Array): Field[] {
  const reader = new BinaryReader(message);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, type] = reader.tag();
    const long = type === WireType.LengthDelimited;
    const value = long ? reader.bytes() : reader.skip(type, number);
    fields.push({ number, value, whole: message.subarray(start, reader.pos) });
  }
  return fields;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
