/**
 * JSON whose typed arrays stay what they are, as `{"float32": "BASE64"}`: for what a page is made
 * with, which can only be text.
 */

const kinds = { float32: Float32Array, uint8: Uint8Array, uint32: Uint32Array } as const;
type Kind = keyof typeof kinds;

/**
 * Little-endian, as every machine is that VS Code runs on. No Buffers: their own toJSON comes
 * first.
 * @param toBase64 of bytes
 */
export function arraysToJson(value: unknown, toBase64: (bytes: Uint8Array) => string): string {
  return JSON.stringify(value, (_, each: unknown) => {
    const kind = kindOf(each);
    if (!kind) return each;
    const { buffer, byteOffset, byteLength } = each as Uint8Array;
    return { [kind]: toBase64(new Uint8Array(buffer, byteOffset, byteLength)) };
  });
}

/** What `arraysToJson` was given. @param fromBase64 into bytes with a buffer of their own */
export function jsonToArrays(text: string, fromBase64: (text: string) => Uint8Array): unknown {
  return JSON.parse(text, (_, each: unknown) => {
    const [entry, ...others] = isRecord(each) ? Object.entries(each) : [];
    if (!entry || others.length > 0 || !Object.hasOwn(kinds, entry[0]) || typeof entry[1] !== 'string') return each;
    const bytes = fromBase64(entry[1]);
    const Made = kinds[entry[0] as Kind];
    return new Made(bytes.buffer as ArrayBuffer, 0, bytes.byteLength / Made.BYTES_PER_ELEMENT);
  });
}

const kindOf = (value: unknown): Kind | undefined =>
  (Object.keys(kinds) as Kind[]).find((kind) => value instanceof kinds[kind]);

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
