import { UserError } from '../../services/ports/errors.ts';
import { atomicWrite } from './atomicWrite.ts';
import { fileError } from './fileErrors.ts';
import { readRegular } from './regularFile.ts';

export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** NumPy element type → bytes and how to read one. */
const elements: Readonly<Record<string, { bytes: number; read(view: DataView, at: number): number }>> = {
  '<f4': { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  '<f8': { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  '<i4': { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  '<i8': { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  '<u2': { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  '|u1': { bytes: 1, read: (view, at) => view.getUint8(at) },
  '|b1': { bytes: 1, read: (view, at) => view.getUint8(at) },
};

/**
 * Encodes as NPY 1.0, `<f4`, C order. Format: NumPy's `numpy.lib.format`; the data begins at a
 * multiple of 64 bytes.
 */
export function encodeNpy({ shape, data }: NpyArray): Uint8Array {
  if (shape.reduce((a, b) => a * b, 1) !== data.length) {
    throw new RangeError(`shape [${shape.join(', ')}] does not hold ${data.length} values`);
  }
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${tuple}), }`;
  const header = `${dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.length * 4);
  const view = new DataView(bytes.buffer);
  bytes.set([...magic, 1, 0]);
  view.setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  // As in memory: every platform that the engine's native parts are built for is little endian.
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return bytes;
}

/**
 * Decodes NPY 1.0–3.0 in C order, little endian, as float32 (wider numbers are rounded).
 *
 * @throws Error saying what is wrong
 */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) throw new Error('is not an NPY file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6]! >= 2;
  const start = (long ? 12 : 10) + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder('latin1').decode(bytes.subarray(long ? 12 : 10, start));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? 'unknown';
  const tuple = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  const element = elements[type];
  if (tuple === undefined) throw new Error('has a damaged header');
  if (element === undefined) throw new Error(`holds elements of type ${type}, which is not supported`);
  if (/'fortran_order':\s*True/.test(header)) throw new Error('is in Fortran order, which is not supported');
  const shape = tuple.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  const length = shape.reduce((a, b) => a * b, 1);
  if (bytes.length < start + length * element.bytes) throw new Error('is truncated');
  return { shape, data: Float32Array.from({ length }, (_, i) => element.read(view, start + i * element.bytes)) };
}

/**
 * Writes an array atomically, as atomicWrite does what can be made again.
 *
 * @throws UserError
 */
export const writeNpy = (path: string, array: NpyArray): Promise<void> =>
  atomicWrite(path, encodeNpy(array), { flush: false });

/**
 * Reads an array.
 *
 * @throws UserError
 */
export async function readNpy(path: string): Promise<NpyArray> {
  const bytes = await readRegular(path).catch((error: unknown) => {
    throw fileError('read', path, error);
  });
  try {
    return decodeNpy(bytes);
  } catch (error) {
    throw new UserError(`${path}: ${(error as Error).message}. Write it again with numpy.save (float32).`, {
      cause: error,
    });
  }
}
