/**
 * Text as other programs write it: UTF-8 or UTF-16 by the byte order mark, UTF-16 without one by its
 * zeros, else UTF-8 where it is valid, else Windows-1252. The mark is dropped.
 */
export function foreignText(bytes: Uint8Array): string {
  const [first, second] = [bytes[0], bytes[1]];
  if (first === 0xff && second === 0xfe) return decoded('utf-16le', bytes);
  if (first === 0xfe && second === 0xff) return decoded('utf-16be', bytes);
  if (bytes.length >= 4 && first !== 0 && second === 0 && bytes[3] === 0) return decoded('utf-16le', bytes);
  if (bytes.length >= 4 && first === 0 && second !== 0 && bytes[2] === 0) return decoded('utf-16be', bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return decoded('windows-1252', bytes);
  }
}

const decoded = (encoding: string, bytes: Uint8Array): string => new TextDecoder(encoding).decode(bytes);
