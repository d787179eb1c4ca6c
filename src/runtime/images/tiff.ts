/** A file's palette, and the same file with the colour (i, i, i) for each index i. */
export interface Palette {
  /** [256, 4] RGBA; what the file leaves out is opaque black. */
  readonly colours: Uint8Array;
  readonly identity: Uint8Array;
}

/** Bytes of a file from a place on; fewer where it ends. */
export type ReadAt = (at: number, length: number) => Promise<Uint8Array> | Uint8Array;

/** What a page's directory says: of each tag the number of values, and the one or where they are. */
type Page = ReadonlyMap<number, { readonly count: number; readonly value: number }>;

/** More pages than this are not counted: a damaged file may lead in circles. */
const mostPages = 10_000;
const mostFields = 4096;
const tags = { subfile: 254, oldSubfile: 255, colours: 320 } as const;
/** Bytes of a value, by the type of a field that may hold one number. */
const sizes: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8 };

/**
 * How many pages a TIFF has that are pictures of their own: smaller versions of a page (thumbnails,
 * pyramids) and transparency masks are none. 0 where it is no TIFF.
 */
export async function tiffPictures(read: ReadAt): Promise<number> {
  const own = (page: Page): boolean =>
    !((page.get(tags.subfile)?.value ?? 0) & 5) && page.get(tags.oldSubfile)?.value !== 2;
  return (await pagesOf(read)).filter(own).length;
}

/** Undefined where `bytes` is no TIFF whose first page has a palette. */
export async function tiffPalette(bytes: Uint8Array): Promise<Palette | undefined> {
  const place = (await pagesOf((at, length) => bytes.subarray(at, at + length)))[0]?.get(tags.colours);
  if (!place || place.count % 3 !== 0 || place.count > 3 * 256) return undefined;
  const entries = place.count / 3;
  const identity = Uint8Array.from(bytes);
  const view = new DataView(identity.buffer);
  if (place.value + 2 * place.count > identity.length) return undefined;
  const colours = new Uint8Array(256 * 4).map((_, i) => (i % 4 === 3 ? 255 : 0));
  for (let i = 0; i < place.count; i++) {
    const at = place.value + 2 * i;
    const [channel, entry] = [Math.floor(i / entries), i % entries];
    // Black is 0, whether a writer stored 16 bits or, wrongly, 8.
    colours[4 * entry + channel] = Math.min(255, view.getUint16(at, bytes[0] === 0x49));
    view.setUint16(at, entry * 257, bytes[0] === 0x49);
  }
  return { colours, identity };
}

/** The directories of a TIFF, none of another file. Format: TIFF 6.0 (Adobe), BigTIFF. */
async function pagesOf(read: ReadAt): Promise<Page[]> {
  const head = await read(0, 16);
  const order = String.fromCharCode(...head.subarray(0, 2));
  if (head.length < 8 || (order !== 'II' && order !== 'MM')) return [];
  const little = order === 'II';
  const numberAt = (bytes: Uint8Array, at: number, size: number): number => {
    if (at + size > bytes.length) return 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (size === 8) return Number(view.getBigUint64(at, little));
    return size === 4 ? view.getUint32(at, little) : size === 2 ? view.getUint16(at, little) : bytes[at]!;
  };
  const version = numberAt(head, 2, 2);
  if (version !== 42 && version !== 43) return [];
  const [word, counter] = version === 43 ? [8, 8] : [4, 2];
  const field = 4 + 2 * word;
  const pages: Page[] = [];
  const seen = new Set<number>();
  for (let at = numberAt(head, word, word); at > 0 && !seen.has(at) && pages.length < mostPages;) {
    seen.add(at);
    const fields = numberAt(await read(at, counter), 0, counter);
    if (fields === 0 || fields > mostFields) break;
    const directory = await read(at + counter, fields * field + word);
    const valueAt = (from: number) => {
      const count = numberAt(directory, from + 4, word);
      const size = sizes[numberAt(directory, from + 2, 2)] ?? word;
      return { count, value: numberAt(directory, from + 4 + word, count * size > word ? word : size) };
    };
    const places = Array.from({ length: fields }, (_, i) => i * field);
    pages.push(new Map(places.map((from) => [numberAt(directory, from, 2), valueAt(from)] as const)));
    at = numberAt(directory, fields * field, word);
  }
  return pages;
}
