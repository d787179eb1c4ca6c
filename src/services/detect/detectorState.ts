import type { TrainedView } from '../../nferd/detectorModel.ts';

/*
 * detector.state: what training found out, as plain numbers, so that a detector can be taught more
 * without its training images. Magic and version (8 bytes), length of the header (uint32, little
 * endian), header (JSON: the views, each array replaced by its type, offset and length), then the
 * arrays, each at a multiple of 8 bytes from the end of the header.
 */
const magic = 'NFERDST1';

const arrays = { Float32Array, Float64Array, Uint8Array, Uint16Array, Uint32Array, Int32Array, BigInt64Array } as const;
type Kind = keyof typeof arrays;
type Numbers = InstanceType<(typeof arrays)[Kind]>;

interface Reference {
  readonly $array: Kind;
  readonly at: number;
  readonly length: number;
}

const isNumbers = (value: unknown): value is Numbers => ArrayBuffer.isView(value) && !(value instanceof DataView);
const padded = (bytes: number): number => 8 * Math.ceil(bytes / 8);

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Every array of `views` is kept bit by bit, whatever fields they have. */
export function packState(views: readonly TrainedView[]): Uint8Array {
  const data: Numbers[] = [];
  let size = 0;
  const header = JSON.stringify(views, (_, value: unknown) => {
    if (!isNumbers(value)) return value;
    const kind = (Object.keys(arrays) as Kind[]).find((name) => value instanceof arrays[name]);
    if (!kind) throw new Error('detector state: an array of a kind that is not stored');
    const reference: Reference = { $array: kind, at: size, length: value.length };
    data.push(value);
    size += padded(value.byteLength);
    return reference;
  });
  const text = ascii(header);
  const start = 12 + text.length;
  const bytes = new Uint8Array(start + size);
  bytes.set(ascii(magic));
  new DataView(bytes.buffer).setUint32(8, text.length, true);
  bytes.set(text, 12);
  let at = start;
  for (const value of data) {
    bytes.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), at);
    at += padded(value.byteLength);
  }
  return bytes;
}

/** @throws Error where the bytes are no such file, or cut short */
export function unpackState(bytes: Uint8Array): TrainedView[] {
  const found = String.fromCharCode(...bytes.subarray(0, 8));
  if (found !== magic) throw new Error(`begins with "${found}", "${magic}" expected`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  const start = 12 + length;
  // The header is ASCII: names of weights, numbers.
  let header = '';
  for (let at = 12; at < start; at++) header += String.fromCharCode(bytes[at]!);
  return JSON.parse(header, (_, value: unknown) => {
    const reference = value as Partial<Reference> | null;
    if (typeof reference?.$array !== 'string') return value;
    const type = arrays[reference.$array];
    const size = reference.length! * type.BYTES_PER_ELEMENT;
    const from = start + reference.at!;
    if (from + size > bytes.length) throw new Error('is cut short');
    // A copy: its own buffer begins where the array does (Buffer.slice would share).
    return new type(new Uint8Array(bytes.subarray(from, from + size)).buffer);
  }) as TrainedView[];
}
