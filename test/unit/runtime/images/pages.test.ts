import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { images } from '../../../../src/runtime/images/images.ts';
import { UserError } from '../../../../src/services/ports/errors.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'nferd-pages-'));
after(() => rm(folder, { recursive: true, force: true }));

interface Page {
  readonly side: number;
  /** NewSubfileType: 1 a smaller version of another page, 4 a transparency mask. */
  readonly kind?: number;
}

/** A grey TIFF of 8 bits, little end first; a BigTIFF where `big`. */
function tiff(pages: readonly Page[], big = false): Buffer {
  const word = big ? 8 : 4;
  const head = Buffer.alloc(big ? 16 : 8);
  const put = (bytes: Buffer, value: number, at: number) =>
    big ? bytes.writeBigUInt64LE(BigInt(value), at) : bytes.writeUInt32LE(value, at);
  head.write('II');
  head.writeUInt16LE(big ? 43 : 42, 2);
  if (big) head.writeUInt16LE(8, 4);
  put(head, head.length, word);
  const parts = [head];
  let at = head.length;
  pages.forEach(({ side, kind = 0 }, i) => {
    const counter = big ? 8 : 2;
    const fields = 9;
    const directory = Buffer.alloc(counter + fields * (4 + 2 * word) + word);
    const pixels = at + directory.length;
    const end = pixels + side * side;
    const values = [
      [254, 4, kind],
      [256, 4, side],
      [257, 4, side],
      [258, 3, 8],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, pixels],
      [278, 4, side],
      [279, 4, side * side],
    ] as const;
    if (big) directory.writeBigUInt64LE(BigInt(fields), 0);
    else directory.writeUInt16LE(fields, 0);
    values.forEach(([tag, type, value], n) => {
      const field = counter + n * (4 + 2 * word);
      directory.writeUInt16LE(tag, field);
      directory.writeUInt16LE(type, field + 2);
      put(directory, 1, field + 4);
      if (type === 3) directory.writeUInt16LE(value, field + 4 + word);
      else directory.writeUInt32LE(value, field + 4 + word);
    });
    put(directory, i + 1 < pages.length ? end : 0, directory.length - word);
    parts.push(directory, Buffer.alloc(side * side, 100 + i));
    at = end;
  });
  return Buffer.concat(parts);
}

async function written(content: Buffer): Promise<string> {
  const file = path.join(folder, 'picture');
  await writeFile(file, content);
  return file;
}

const one: readonly [string, Buffer][] = [
  ['one page', tiff([{ side: 16 }])],
  ['one page, BigTIFF', tiff([{ side: 16 }], true)],
  ['a page and its thumbnail', tiff([{ side: 16 }, { side: 4, kind: 1 }])],
  ['a pyramid, BigTIFF', tiff([{ side: 16 }, { side: 8, kind: 1 }, { side: 4, kind: 1 }], true)],
  ['a page and its transparency', tiff([{ side: 16 }, { side: 16, kind: 4 }])],
];
for (const [name, content] of one)
  test(`one image: ${name}`, async () => {
    const { original, data } = await images.readImage(await written(content), { width: 16, height: 16 });
    assert.deepEqual([original, data[0]], [{ width: 16, height: 16 }, 100]);
  });

const several: readonly [string, Buffer, RegExp][] = [
  ['two pages', tiff([{ side: 16 }, { side: 16 }]), /: holds 2 pages, .* Split it into files of one each\.$/],
  ['pages of other sizes, BigTIFF', tiff([{ side: 16 }, { side: 8 }, { side: 4, kind: 1 }], true), /: holds 2 pages/],
  [
    'frames of a WebP',
    await sharp(Buffer.from([0, 255]), { raw: { width: 1, height: 2, channels: 1, pageHeight: 1 } })
      .webp({ lossless: true })
      .toBuffer(),
    /: holds 2 frames/,
  ],
];
for (const [name, content, message] of several)
  test(`refused, as image and as mask: ${name}`, async () => {
    const file = await written(content);
    const refused = (error: unknown) => error instanceof UserError && message.test(error.message);
    await assert.rejects(images.readImage(file, { width: 16, height: 16 }), refused);
    await assert.rejects(images.open(file), refused);
    await assert.rejects(images.readMask(file, { width: 16, height: 16 }), refused);
  });
