import { type Value } from './graph.ts';
import * as ops from './ops.ts';
import { float32, sizeOf, type Tensor } from './tensor.ts';

/** Names and shapes of weights that travel as one vector, in this order. */
export type ParameterShapes = Readonly<Record<string, readonly number[]>>;

/** Length of the vector that holds all of `shapes`. */
export const packedLength = (shapes: ParameterShapes): number =>
  Object.values(shapes).reduce((total, dims) => total + sizeOf(dims), 0);

/**
 * The weights inside one vector [packedLength]. A training step then takes, differentiates and returns a single value
 * for all of them: few tensors cross the JavaScript boundary and the optimiser's passes run over long vectors.
 */
export function unpack<Shapes extends ParameterShapes>(
  vector: Value,
  shapes: Shapes,
): { readonly [Name in keyof Shapes]: Value } {
  const entries = Object.entries(shapes);
  const parts = ops.split(
    vector,
    0,
    entries.map(([, dims]) => sizeOf(dims)),
  );
  return Object.fromEntries(entries.map(([name, dims], at) => [name, ops.reshape(parts[at]!, dims)])) as {
    readonly [Name in keyof Shapes]: Value;
  };
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
