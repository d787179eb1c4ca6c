/** Decoded pixels: RGB interleaved, top row first. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  /** [256, 4] RGBA, where asked for and `data` holds its indices, each three times. */
  readonly palette?: Uint8Array;
}

/** Most pixels of a BMP (it is decoded as a whole: 3 bytes a pixel beside the file itself). */
const maxBmpPixels = 2 ** 27;

type ReadRow = (row: Uint8Array, out: Uint8Array, width: number) => void;

/**
 * Decodes a Windows bitmap (sharp's libvips can't): 1, 4, 8 bit with palette, 16, 24, 32 bit with
 * or without bit fields, RLE4 and RLE8, either row order, OS/2 and V2–V5 headers. Alpha is ignored:
 * most writers leave it zero. Format: Microsoft, "Bitmap Storage".
 *
 * @param indices instead of the palette's colours, where there is one
 * @throws Error saying what is wrong with the file
 */
export function decodeBmp(bytes: Uint8Array, indices = false): Bitmap {
  if (bytes.length < 26) throw new Error('truncated header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = view.getUint32(10, true);
  const headerSize = view.getUint32(14, true);
  const os2 = headerSize === 12;
  if (!os2 && (headerSize < 40 || bytes.length < 14 + headerSize)) throw new Error('truncated header');
  const width = os2 ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = os2 ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const depth = view.getUint16(os2 ? 24 : 28, true);
  const compression = os2 ? 0 : view.getUint32(30, true);
  if (width < 1 || height < 1) throw new Error(`${width}×${height} pixels`);
  if (width * height > maxBmpPixels) throw new Error(`${width}×${height} pixels are more than a BMP may have here`);

  const rle = (compression === 1 && depth === 8) || (compression === 2 && depth === 4);
  const fields = (compression === 3 || compression === 6) && (depth === 16 || depth === 32);
  if (!rle && !fields && compression !== 0)
    throw new Error(`compression ${compression} at ${depth} bits is not supported`);

  const palette = depth <= 8 ? paletteOf(view, { depth, fields, headerSize, offset }) : undefined;
  const shown = indices ? identity : palette;
  const readRow = rowReader(view, { depth, fields, headerSize, offset }, shown);
  if (!readRow) throw new Error(`${depth} bits a pixel are not supported`);
  const stride = (((rle ? 8 : depth) * width + 31) >>> 5) * 4;
  const pixels = rle ? expandRle(bytes.subarray(offset), width, height, depth) : bytes.subarray(offset);
  const rowBytes = rle ? width : stride;
  // The padding after the very last row may be missing.
  if (pixels.length < rowBytes * (height - 1) + (((rle ? 8 : depth) * width + 7) >>> 3))
    throw new Error('truncated pixels');

  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const line = signedHeight > 0 ? height - 1 - y : y;
    readRow(pixels.subarray(line * rowBytes), data.subarray(y * width * 3, (y + 1) * width * 3), width);
  }
  return { width, height, data, ...(indices && palette && { palette }) };
}

/** The colour (i, i, i) for each index i. */
const identity = new Uint8Array(4 * 256).map((_, i) => (i % 4 === 3 ? 255 : i >> 2));

interface Format {
  readonly depth: number;
  readonly fields: boolean;
  readonly headerSize: number;
  readonly offset: number;
}

function rowReader(view: DataView, format: Format, palette: Uint8Array | undefined): ReadRow | undefined {
  const { depth } = format;
  if (palette && (depth === 1 || depth === 4 || depth === 8)) return indexedRow(view, format, palette);
  if (depth === 24) return row24;
  if (depth === 16 || depth === 32) return maskedRow(view, format);
  return undefined;
}

/** [256, 4] RGBA; what the file leaves out is black. */
function paletteOf(view: DataView, { depth, headerSize, offset }: Format): Uint8Array {
  const entry = headerSize === 12 ? 3 : 4;
  const start = 14 + headerSize;
  const stated = headerSize === 12 ? 0 : view.getUint32(46, true);
  const room = Math.floor((Math.min(offset, view.byteLength) - start) / entry);
  const colours = Math.max(0, Math.min(stated || 2 ** depth, 2 ** depth, room));
  const palette = new Uint8Array(4 * 256).map((_, i) => (i % 4 === 3 ? 255 : 0));
  for (let i = 0; i < colours; i++) {
    for (let c = 0; c < 3; c++) palette[4 * i + c] = view.getUint8(start + i * entry + 2 - c);
  }
  return palette;
}

function indexedRow(view: DataView, { depth, headerSize }: Format, palette: Uint8Array): ReadRow {
  // RLE rows were expanded to a byte a pixel.
  const bits = view.getUint32(30, true) === 2 && headerSize !== 12 ? 8 : depth;
  const perByte = 8 / bits;
  return (row, out, width) => {
    for (let x = 0; x < width; x++) {
      const shift = 8 - bits * ((x % perByte) + 1);
      const index = (row[Math.floor(x / perByte)]! >> shift) & (2 ** depth - 1);
      out[3 * x] = palette[4 * index]!;
      out[3 * x + 1] = palette[4 * index + 1]!;
      out[3 * x + 2] = palette[4 * index + 2]!;
    }
  };
}

const row24: ReadRow = (row, out, width) => {
  for (let i = 0; i < 3 * width; i += 3) {
    out[i] = row[i + 2]!;
    out[i + 1] = row[i + 1]!;
    out[i + 2] = row[i]!;
  }
};

/** 16 and 32 bits a pixel: each channel is the bits of its mask, scaled to 0 … 255. */
function maskedRow(view: DataView, { depth, fields }: Format): ReadRow {
  const usual = depth === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
  const channels = usual.map((fallback, c) => {
    const mask = fields ? view.getUint32(54 + 4 * c, true) : fallback;
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, scale: mask === 0 ? 0 : 255 / (mask >>> shift) };
  });
  const bytesPerPixel = depth / 8;
  return (row, out, width) => {
    for (let x = 0; x < width; x++) {
      let pixel = 0;
      for (let b = bytesPerPixel - 1; b >= 0; b--) pixel = (pixel << 8) | row[x * bytesPerPixel + b]!;
      for (let c = 0; c < 3; c++) {
        const { mask, shift, scale } = channels[c]!;
        out[3 * x + c] = Math.round(((pixel & mask) >>> shift) * scale);
      }
    }
  };
}

/** Run lengths → a palette index a pixel, rows in the file's order; skipped pixels are index 0. */
function expandRle(bytes: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const index = (first: number, i: number): number => {
    if (depth === 8) return bytes[first + i]!;
    const pair = bytes[first + (i >> 1)]!;
    return i % 2 === 0 ? pair >> 4 : pair & 15;
  };
  let [x, y] = [0, 0];
  const put = (value: number): void => {
    if (x < width && y < height) out[y * width + x] = value;
    x++;
  };
  for (let at = 0; y < height;) {
    if (at + 1 >= bytes.length) throw new Error('truncated pixels');
    const [count, value] = [bytes[at]!, bytes[at + 1]!];
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(index(at - 1, depth === 8 ? 0 : i % 2));
    } else if (value === 0) {
      [x, y] = [0, y + 1];
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      x += bytes[at] ?? 0;
      y += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      for (let i = 0; i < value; i++) put(index(at, i));
      const used = depth === 8 ? value : (value + 1) >> 1;
      at += used + (used % 2);
    }
  }
  return out;
}
