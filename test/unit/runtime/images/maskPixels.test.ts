import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { crc32 } from '../../../../src/runtime/files/crc32.ts';
import { maskPixels } from '../../../../src/runtime/images/maskPixels.ts';
import { UserError } from '../../../../src/services/ports/errors.ts';

/*
 * One mask, stored in the ways that the field's tools do. What is right was checked with Pillow
 * (`numpy.asarray(Image.open(…)) > 0`): the same pixels in each.
 */
const [width, height] = [24, 16];
const inside = (i: number): boolean => i % width >= 8 && i % width < 16 && i >= 4 * width && i < 9 * width;
const right = Array.from({ length: width * height }, (_, i) => +inside(i));

const folder = await mkdtemp(path.join(tmpdir(), 'nferd-masks-'));
after(() => rm(folder, { recursive: true, force: true }));

function chunk(kind: string, body: readonly number[] | Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), Buffer.from(body)]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

interface Drawn {
  /** Of a PNG: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
  readonly colour: 0 | 2 | 3 | 4 | 6;
  readonly depth?: 1 | 8 | 16;
  /** Samples of a pixel. */
  readonly pixel: (i: number) => readonly number[];
  readonly palette?: readonly number[];
  readonly alpha?: readonly number[];
}

function png({ colour, depth = 8, pixel, palette, alpha }: Drawn): Buffer {
  const rows = Array.from({ length: height }, (_, y) => {
    const samples = Array.from({ length: width }, (_, x) => pixel(y * width + x)).flat();
    const bytes = depth === 16 ? samples.flatMap((value) => [value >> 8, value & 255]) : samples;
    const packed = Array.from({ length: width / 8 }, (_, at) =>
      samples.slice(8 * at, 8 * at + 8).reduce((byte, bit) => 2 * byte + bit, 0),
    );
    return [0, ...(depth === 1 ? packed : bytes)];
  });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', [0, 0, 0, width, 0, 0, 0, height, depth, colour, 0, 0, 0]),
    ...(palette ? [chunk('PLTE', palette)] : []),
    ...(alpha ? [chunk('tRNS', alpha)] : []),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', []),
  ]);
}

/** An 8-bit TIFF with a palette, in either byte order. */
function tiff(palette: readonly (readonly number[])[], big = false): Buffer {
  const bytes = Buffer.alloc(8 + 2 + 9 * 12 + 4 + 3 * 256 * 2 + width * height);
  const u16 = (value: number, at: number) => (big ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at));
  const u32 = (value: number, at: number) => (big ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at));
  bytes.write(big ? 'MM' : 'II');
  u16(42, 2);
  u32(8, 4);
  const colours = 8 + 2 + 9 * 12 + 4;
  const pixels = colours + 3 * 256 * 2;
  const [short, long] = [3, 4];
  const fields = [
    [256, short, 1, width],
    [257, short, 1, height],
    [258, short, 1, 8],
    [259, short, 1, 1],
    [262, short, 1, 3],
    [273, long, 1, pixels],
    [278, short, 1, height],
    [279, long, 1, width * height],
    [320, short, 768, colours],
  ] as const;
  u16(fields.length, 8);
  fields.forEach(([tag, type, count, value], i) => {
    const at = 10 + 12 * i;
    u16(tag, at);
    u16(type, at + 2);
    u32(count, at + 4);
    if (type === short && count === 1) u16(value, at + 8);
    else u32(value, at + 8);
  });
  palette.forEach((colour, entry) => colour.forEach((c, i) => u16(257 * c, colours + 2 * (256 * i + entry))));
  right.forEach((value, i) => (bytes[pixels + i] = value));
  return bytes;
}

/** An 8-bit BMP with a palette of BGR0. */
function bmp(palette: readonly (readonly number[])[]): Buffer {
  const head = Buffer.alloc(54 + 4 * palette.length);
  head.write('BM');
  head.writeUInt32LE(head.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(-height, 22);
  head.writeUInt16LE(8, 28);
  head.writeUInt32LE(palette.length, 46);
  palette.forEach((colour, i) => colour.forEach((c, k) => (head[54 + 4 * i + k] = c)));
  return Buffer.concat([head, Buffer.from(right)]);
}

const [black, red, white] = [
  [0, 0, 0],
  [255, 0, 0],
  [255, 255, 255],
];
const value = (high: number) => (i: number) => [inside(i) ? high : 0];
const index = (i: number) => [+inside(i)];
const stroke = (drawn: readonly number[], rest: readonly number[]) => (i: number) => (inside(i) ? drawn : rest);
const raw = { raw: { width, height, channels: 1 } } as const;
const grey = (high: number) =>
  sharp(
    Uint8Array.from(right, (v) => v * high),
    raw,
  );

const kinds: Readonly<Record<string, Buffer | Promise<Buffer>>> = {
  '8 bits, 255': png({ colour: 0, pixel: value(255) }),
  '8 bits, 1': png({ colour: 0, pixel: value(1) }),
  '1 bit': png({ colour: 0, depth: 1, pixel: index }),
  '16 bits, 65535': png({ colour: 0, depth: 16, pixel: value(65535) }),
  '16 bits, 255': png({ colour: 0, depth: 16, pixel: value(255) }),
  '16 bits, 1': png({ colour: 0, depth: 16, pixel: value(1) }),
  '16 bits RGB, blue 1': png({ colour: 2, depth: 16, pixel: stroke([0, 0, 1], [0, 0, 0]) }),
  RGB: png({ colour: 2, pixel: stroke(white!, black!) }),
  'palette, red': png({ colour: 3, pixel: index, palette: [...black!, ...red!] }),
  'palette of 1 bit': png({ colour: 3, depth: 1, pixel: index, palette: [...black!, ...red!] }),
  'palette never filled in': png({ colour: 3, pixel: index, palette: [...black!, ...black!] }),
  'palette, the first transparent': png({ colour: 3, pixel: index, palette: [...white!, ...red!], alpha: [0] }),
  'palette, white below': png({ colour: 3, pixel: index, palette: [...white!, ...red!] }),
  'RGBA, opaque': png({ colour: 6, pixel: stroke([255, 255, 255, 255], [0, 0, 0, 255]) }),
  'RGBA, a red stroke on nothing': png({ colour: 6, pixel: stroke([255, 0, 0, 255], [0, 0, 0, 0]) }),
  'RGBA, a black stroke on nothing': png({ colour: 6, pixel: stroke([0, 0, 0, 255], [0, 0, 0, 0]) }),
  'RGBA, a stroke on transparent white': png({ colour: 6, pixel: stroke([255, 0, 0, 9], [255, 255, 255, 0]) }),
  'RGBA, 16 bits': png({ colour: 6, depth: 16, pixel: stroke([1, 0, 0, 1], [0, 0, 0, 0]) }),
  'grey with alpha': png({ colour: 4, pixel: stroke([255, 255], [0, 0]) }),
  'TIFF palette, never filled in': tiff([black!, black!]),
  'TIFF palette, big end first': tiff([black!, red!], true),
  'TIFF, 8 bits': grey(255).tiff({ compression: 'none' }).toBuffer(),
  'BMP palette, never filled in': bmp([black!, black!]),
  'BMP palette': bmp([black!, white!]),
  'WebP without loss': grey(255).webp({ lossless: true }).toBuffer(),
  'WebP with loss': grey(255).webp({ quality: 80 }).toBuffer(),
  JPEG: grey(255).jpeg({ quality: 95 }).toBuffer(),
};
for (const [name, content] of Object.entries(kinds))
  test(`mask stored as: ${name}`, async () => {
    const file = path.join(folder, 'mask');
    await writeFile(file, await content);
    const { data, ...size } = await maskPixels(file);
    assert.deepEqual(size, { width, height });
    assert.deepEqual([...data], right);
  });

const mixed = (i: number) => (i < width ? [0, 0, 0, 255] : inside(i) ? [255, 0, 0, 255] : [0, 0, 0, 0]);
const unclear: Readonly<Record<string, readonly [Buffer | Promise<Buffer>, RegExp]>> = {
  'palette, black on white': [png({ colour: 3, pixel: index, palette: [...white!, ...black!] }), /first colour is not/],
  'TIFF palette, black on white': [tiff([white!, black!]), /first colour is not black/],
  'BMP palette, black on white': [bmp([white!, black!]), /first colour is not black/],
  'layer of black and colours': [png({ colour: 6, pixel: mixed }), /has black, colours and transparent places/],
  'all transparent': [png({ colour: 6, pixel: () => [9, 9, 9, 0] }), /is transparent everywhere, yet has colours/],
  'JPEG of class numbers': [grey(40).jpeg({ quality: 95 }).toBuffer(), /has only values below 128/],
  GIF: [grey(255).gif().toBuffer(), /is a GIF/],
};
for (const [name, [content, why]] of Object.entries(unclear))
  test(`refused with the remedy: ${name}`, async () => {
    const file = path.join(folder, 'unclear');
    await writeFile(file, await content);
    await assert.rejects(maskPixels(file), (error: unknown) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, why);
      assert.ok(error.message.startsWith(`${file}: `) && error.message.endsWith('0 where nothing is defective.'));
      return true;
    });
  });

test('an empty layer is an empty mask', async () => {
  const file = path.join(folder, 'empty');
  await writeFile(file, png({ colour: 6, pixel: () => [0, 0, 0, 0] }));
  assert.ok(!(await maskPixels(file)).data.includes(1));
});
