import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSafetensors, readFloats } from '../../../src/nferd/teacher/safetensors.ts';

const fixtures = path.resolve(import.meta.dirname, '../../fixtures/teacher');

export type Entry = readonly [name: string, shape: readonly number[]];

/** Names and shapes of a torchvision checkpoint. */
export const entriesOf = (name: string): Entry[] =>
  JSON.parse(readFileSync(path.join(fixtures, `${name}.json`), 'utf8')) as Entry[];

/** PyTorch's maps, flattened, every fifth value where the fixture is thinned. */
export function fixtureMaps(name: string): Map<string, Float32Array> {
  const tensors = parseSafetensors(readFileSync(path.join(fixtures, `${name}.safetensors`)), name);
  return new Map([...tensors].map(([key, tensor]) => [key, readFloats(key, tensor)]));
}

/**
 * scripts/teacher/makeEfficientNetLite.py `pattern`: whole pixel values 0..255, (v − 127)/128, [1,
 * 3, H, W].
 */
export function pattern(height: number, width: number): Float32Array {
  return Float32Array.from({ length: 3 * height * width }, (_, index) => {
    const [x, y, c] = [index % width, Math.floor(index / width) % height, Math.floor(index / (width * height))];
    return (((7 * x + 13 * y + 29 * c + ((x * y) % 31) * (c + 1)) % 256) - 127) / 128;
  });
}

/** scripts/oracle/teacher.py `uniform` */
function uniform(index: number, seed: number): number {
  let x = (Math.imul(index, 2654435761) + seed * 40503) >>> 0;
  for (let round = 0; round < 2; round++) x = Math.imul((x >>> 16) ^ x, 0x45d9f3b) >>> 0;
  return (((x >>> 16) ^ x) >>> 0) / 2 ** 32;
}

const scaled: Readonly<Record<string, (u: number) => number>> = {
  weight: (u) => 0.5 + u,
  bias: (u) => u - 0.5,
  running_mean: (u) => 0.2 * (u - 0.5),
  running_var: (u) => 0.5 + u,
};

/** scripts/oracle/teacher.py `values`; `seed` is the tensor's place in the checkpoint. */
export function formulaValues([name, shape]: Entry, seed: number): Float32Array {
  const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
  const scale = shape.length > 1 ? (u: number) => (2 * u - 1) * Math.sqrt(6 / fanIn) : scaled[name.split('.').at(-1)!]!;
  return Float32Array.from({ length: fanIn * (shape[0] ?? 1) }, (_, index) => scale(uniform(index, seed)));
}

/**
 * A safetensors file; `num_batches_tracked` is an int64 as in real ones, what no teacher reads is
 * zero.
 */
export function safetensorsOf(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', note: 'ümlaut' } };
  const parts: Uint8Array[] = [];
  let offset = 0;
  entries.forEach((entry, seed) => {
    const [name, shape] = entry;
    const counter = name.endsWith('num_batches_tracked');
    const unread = /^(layer4|fc)\./.test(name);
    const count = shape.reduce((a, b) => a * b, 1);
    const data =
      counter || unread ? new Uint8Array(counter ? 8 : 4 * count) : new Uint8Array(formulaValues(entry, seed).buffer);
    header[name] = { dtype: counter ? 'I64' : 'F32', shape, data_offsets: [offset, (offset += data.length)] };
    parts.push(data);
  });
  return assemble(header, parts);
}

export function assemble(header: unknown, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Uint8Array.from(Buffer.concat([length, json, ...parts]));
}
