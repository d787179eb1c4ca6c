/**
 * Element types the graph reads and writes, with ONNX's `TensorProto.DataType` number and the array
 * that holds them.
 */
export const dataTypes = {
  float32: { code: 1, array: Float32Array },
  uint8: { code: 2, array: Uint8Array },
  int32: { code: 6, array: Int32Array },
  int64: { code: 7, array: BigInt64Array },
  bool: { code: 9, array: Uint8Array },
  float16: { code: 10, array: Uint16Array },
} as const;

export type DataType = keyof typeof dataTypes;
export type TensorData = Float32Array | Uint8Array | Int32Array | BigInt64Array | Uint16Array;

/**
 * A dense row-major array. `bool` is held as 0 or 1 bytes, `float16` as its bits. `dims` `[]` is a
 * scalar.
 */
export interface Tensor {
  readonly dtype: DataType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** Number of elements of a shape. */
export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

function checked(tensor: Tensor): Tensor {
  if (tensor.data.length !== sizeOf(tensor.dims))
    throw new Error(
      `tensor: ${tensor.data.length} elements do not fill [${tensor.dims.join(', ')}]; ${sizeOf(tensor.dims)} expected`,
    );
  return tensor;
}

/** A float32 tensor; without `dims` a vector. A Float32Array is taken over, not copied. */
export const float32 = (values: ArrayLike<number>, dims: readonly number[] = [values.length]): Tensor =>
  checked({ dtype: 'float32', dims, data: values instanceof Float32Array ? values : Float32Array.from(values) });

/** An int64 tensor; without `dims` a vector. */
export const int64 = (values: readonly number[], dims: readonly number[] = [values.length]): Tensor =>
  checked({ dtype: 'int64', dims, data: BigInt64Array.from(values, BigInt) });

/** A scalar (`dims` `[]`) of any dtype but float16. */
export function scalar(value: number, dtype: DataType = 'float32'): Tensor {
  if (dtype === 'float16') throw new Error('scalar: float16 is not supported; cast a float32 scalar');
  const data = dtype === 'int64' ? BigInt64Array.of(BigInt(value)) : dataTypes[dtype].array.of(value);
  return { dtype, dims: [], data };
}

/** A float32 tensor of zeros. */
export const zeros = (dims: readonly number[]): Tensor => float32(new Float32Array(sizeOf(dims)), dims);
