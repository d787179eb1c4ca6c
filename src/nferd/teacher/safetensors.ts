/**
 * The safetensors format: 8 bytes little-endian header length, a JSON header `{ name: { dtype,
 * shape, data_offsets: [begin, end] }, __metadata__? }`, then the tensors' bytes, offsets counted
 * from the header's end (https://github.com/huggingface/safetensors, "Format").
 */
export interface SafeTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** The raw little-endian values, a view into the file. */
  readonly bytes: Uint8Array;
}

/** The format's own bound on its header. */
const longestHeader = 100_000_000;

const sizeOf: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
};

/** From a copy of a tensor's bytes (so aligned) to float32. */
const toFloats: Readonly<Record<string, (copy: Uint8Array) => Float32Array>> = {
  F32: (copy) => new Float32Array(copy.buffer),
  F16: (copy) => Float32Array.from(new Uint16Array(copy.buffer), halfToFloat),
  BF16: (copy) => new Float32Array(Uint32Array.from(new Uint16Array(copy.buffer), (bits) => bits << 16).buffer),
};

/**
 * Reads a file's table of tensors; their values stay in place.
 * @param origin the file's path, for messages
 * @throws Error with one line when the file is cut short or its header contradicts itself
 */
export function parseSafetensors(file: Uint8Array, origin: string): ReadonlyMap<string, SafeTensor> {
  const fault = (problem: string) => new Error(`${origin}: not a safetensors file: ${problem}. Download it again.`);
  if (file.length < 8) throw fault(`${file.length} bytes, shorter than its length field`);
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (length < 2n || length > BigInt(longestHeader)) throw fault(`header length ${length} out of range`);
  const start = 8 + Number(length);
  if (start > file.length) throw fault(`cut short: header ends at byte ${start}, the file at ${file.length}`);
  const data = file.subarray(start);
  const tensors = new Map<string, SafeTensor>();
  const ranges: (readonly [number, number, string])[] = [];
  for (const [name, entry] of Object.entries(parseHeader(file.subarray(8, start), fault))) {
    if (name === '__metadata__') continue;
    const { dtype, shape, begin, end } = readEntry(name, entry, fault);
    if (end > data.length) throw fault(`cut short: "${name}" ends at byte ${start + end}, the file at ${file.length}`);
    ranges.push([begin, end, name]);
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) });
  }
  ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  ranges.forEach(([begin, , name], index) => {
    if (index && begin < ranges[index - 1]![1]) throw fault(`"${name}" overlaps "${ranges[index - 1]![2]}"`);
  });
  return tensors;
}

/**
 * A tensor's values as float32; F32, F16 and BF16 are read.
 * @throws Error naming the tensor when its type is another
 */
export function readFloats(name: string, { dtype, bytes }: SafeTensor): Float32Array {
  const convert = toFloats[dtype];
  if (!convert) throw new Error(`tensor "${name}" has type ${dtype}; F32, F16 and BF16 are supported`);
  // not bytes.slice(): on a Buffer that is no copy
  return convert(new Uint8Array(bytes));
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits with bias 15, 10 fraction bits. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -14 * (fraction / 1024);
}

/** UTF-8 without TextDecoder, which this room doesn't know; throws where the bytes aren't UTF-8. */
function decodeUtf8(bytes: Uint8Array): string {
  return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

type Fault = (problem: string) => Error;

function parseHeader(bytes: Uint8Array, fault: Fault): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(decodeUtf8(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>;
  } catch {
    // falls through to the one message for both
  }
  throw fault('its header is not a JSON object');
}

function readEntry(name: string, entry: unknown, fault: Fault): Entry {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const size = typeof dtype === 'string' ? sizeOf[dtype] : undefined;
  if (typeof dtype !== 'string' || !size) throw fault(`"${name}" has unknown type ${JSON.stringify(dtype)}`);
  if (!wholeNumbers(shape)) throw fault(`"${name}" has shape ${JSON.stringify(shape)}`);
  if (!wholeNumbers(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw fault(`"${name}" has offsets ${JSON.stringify(offsets)}`);
  }
  const [begin, end] = [offsets[0]!, offsets[1]!];
  if (end - begin !== count(shape) * size) {
    throw fault(`"${name}" [${shape}] ${dtype} needs ${count(shape) * size} bytes, its offsets give ${end - begin}`);
  }
  return { dtype, shape, begin, end };
}

function wholeNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
