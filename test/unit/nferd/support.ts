import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import { float32, sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { run } from '../graph/run.ts';

/** What scripts/oracle/nferd.py stored under test/fixtures/nferd. */
export const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(path.resolve(import.meta.dirname, `../../fixtures/nferd/${name}.json`), 'utf8'));

/** The oracle's made-up numbers. */
export const wave = (dims: readonly number[], phase: number, scale = 1): Tensor =>
  float32(
    Float32Array.from({ length: sizeOf(dims) }, (_, i) => scale * Math.sin(1.3 * i ** 1.1 + 0.3 + phase)),
    dims,
  );

/** Builds a graph of `inputs`, runs it once: each named output's numbers. */
export async function evaluate(
  inputs: Readonly<Record<string, Tensor>>,
  build: (values: Record<string, Value>) => Readonly<Record<string, Value | undefined>>,
): Promise<Record<string, Tensor>> {
  const graph = new Graph('test');
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, dims }]) => [name, graph.input(name, dtype, dims)]),
  );
  for (const [name, value] of Object.entries(build(values))) if (value) graph.output(`${name}'`, value);
  const found = await run(graph, inputs);
  return Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name.slice(0, -1), tensor]));
}

/** Fails at the first number that is farther than `tolerance` from the expected one. */
export function close(got: Tensor | undefined, expected: ArrayLike<number>, tolerance: number, what: string): void {
  assert.ok(got, `${what}: no such output`);
  assert.equal(got.data.length, expected.length, `${what}: length`);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(Number(got.data[i]) - expected[i]!);
    assert.ok(difference <= tolerance, `${what}[${i}]: ${got.data[i]}, expected ${expected[i]}`);
  }
}

export const floats = ({ data }: Tensor): Float32Array => data as Float32Array;
