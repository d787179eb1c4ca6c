import { type Value } from './graph.ts';
import * as ops from './ops.ts';
import { float32, sizeOf, type Tensor } from './tensor.ts';

/** Names and shapes of weights that travel as one vector, in this order. */
export type ParameterShapes = Readonly<Record<string, readonly number[]>>;

/** Length of the vector that holds all of `shapes`. */
export const packedLength = (shapes: ParameterShapes): number =>
  Object.values(shapes).reduce((total, dims) => total + sizeOf(dims), 0);

/**
 * The weights inside one vector [packedLength]. A training step then takes, differentiates and
 * returns a single value for all of them: few tensors cross the JavaScript boundary and the
 * optimiser's passes run over long vectors.
 */
export function unpack<Shapes extends ParameterShapes>(
  vector: Value,
  shapes: Shapes,
): { readonly [Name in keyof Shapes]: Value } {
  const entries = Object.entries(shapes);
  const parts = splitInGroups(
    vector,
    entries.map(([, dims]) => sizeOf(dims)),
  );
  return Object.fromEntries(entries.map(([name, dims], at) => [name, ops.reshape(parts[at]!, dims)])) as {
    readonly [Name in keyof Shapes]: Value;
  };
}

/**
 * Parts that one node may have: WebGPU binds no more than eight buffers in a shader on some GPUs,
 * and the input is one.
 */
const mostParts = 7;

/** `vector` cut into parts of `sizes`, group by group where there are many. */
function splitInGroups(vector: Value, sizes: readonly number[]): readonly Value[] {
  if (sizes.length <= mostParts) return ops.split(vector, 0, sizes);
  const each = Math.ceil(sizes.length / mostParts);
  const groups = Array.from({ length: Math.ceil(sizes.length / each) }, (_, i) =>
    sizes.slice(i * each, (i + 1) * each),
  );
  const totals = groups.map((group) => group.reduce((sum, size) => sum + size));
  return ops.split(vector, 0, totals).flatMap((part, i) => splitInGroups(part, groups[i]!));
}

/** Tensors by name → their vector. Throws where one is missing or of another size. */
export function packTensors(tensors: Readonly<Record<string, Tensor>>, shapes: ParameterShapes): Tensor {
  const vector = new Float32Array(packedLength(shapes));
  let at = 0;
  for (const [name, dims] of Object.entries(shapes)) {
    const tensor = tensors[name];
    if (tensor?.dtype !== 'float32' || tensor.data.length !== sizeOf(dims))
      throw new Error(
        `parameters: '${name}' must be float32 [${dims.join(', ')}], got [${tensor?.dims.join(', ') ?? 'nothing'}]`,
      );
    vector.set(tensor.data as Float32Array, at);
    at += tensor.data.length;
  }
  return float32(vector);
}

/** A vector → tensors by name (views of it, not copies). */
export function unpackTensors(vector: Tensor, shapes: ParameterShapes): Record<string, Tensor> {
  if (vector.data.length !== packedLength(shapes))
    throw new Error(`parameters: ${vector.data.length} numbers, ${packedLength(shapes)} expected`);
  let end = 0;
  return Object.fromEntries(
    Object.entries(shapes).map(([name, dims]) => {
      const start = end;
      end += sizeOf(dims);
      return [name, float32((vector.data as Float32Array).subarray(start, end), dims)];
    }),
  );
}
