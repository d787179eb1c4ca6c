import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { createRng } from '../../../../src/dataset/rng.ts';
import { open, readFullImage, readImage, readMask } from '../../../../src/runtime/images/images.ts';
import { resample } from '../../../../src/runtime/images/imageResample.ts';
import { UserError } from '../../../../src/services/ports/errors.ts';

const fixtures = path.resolve(import.meta.dirname, '../../../fixtures/images');
const fixture = (name: string): string => path.join(fixtures, name);
const scratch = mkdtempSync(path.join(tmpdir(), 'nferd-images-'));
after(() => rmSync(scratch, { recursive: true }));

/** RGB of a plain PNG, by sharp itself. */
const pixels = (file: string): Promise<Buffer> => sharp(file).removeAlpha().toColourspace('srgb').raw().toBuffer();

function difference(a: Uint8Array, b: Uint8Array): { mean: number; max: number } {
  assert.equal(a.length, b.length);
  let [sum, max] = [0, 0];
  a.forEach((value, i) => {
    const d = Math.abs(value - b[i]!);
    sum += d;
    max = Math.max(max, d);
  });
  return { mean: sum / a.length, max };
}

/**
 * File → largest difference from what Pillow reads; a plain JPEG's cosine transform is the fast
 * one.
 */
const kinds: Readonly<Record<string, number>> = {
  'rgb.png': 0,
  'grey.png': 0,
  'palette.png': 0,
  'bilevel.png': 0,
  'rgb.tif': 0,
  'grey.tif': 0,
  'lossless.webp': 0,
  'rgb.jpg': 8,
  'turned.png': 0,
  'alpha.png': 1,
  'alpha.webp': 1,
  'grey16.png': 1,
  'grey16.tif': 1,
  'rgb24.bmp': 0,
  'grey8.bmp': 0,
  'palette8.bmp': 0,
  'bilevel.bmp': 0,
  'rgb32.bmp': 0,
  'four.bmp': 0,
  'topdown.bmp': 0,
  'rle8.bmp': 0,
  'rle4.bmp': 0,
  'rgb565.bmp': 0,
};

for (const [name, tolerance] of Object.entries(kinds)) {
  test(`reads ${name}`, async () => {
    const expected = fixture(`expected/${name.replace('.', '_')}.png`);
    const { width, height } = await sharp(expected).metadata();
    const image = await readFullImage(fixture(name));
    assert.deepEqual([image.width, image.height, image.original], [width, height, { width, height }]);
    const { max, mean } = difference(image.data, await pixels(expected));
    assert.ok(max <= tolerance && mean < 2, `differs by ${max}, on average ${mean}`);
  });
}

test('reads CMYK as the colours it shows', async () => {
  const image = await readFullImage(fixture('cmyk.jpg'));
  const { mean } = difference(image.data, await pixels(fixture('rgb.png')));
  assert.ok(mean < 45, `mean difference ${mean}`);
});

/** Size → mean and largest difference from Pillow's antialiased bilinear. */
const sizes: readonly [width: number, height: number, mean: number, max: number][] = [
  [64, 64, 0.6, 3],
  [40, 40, 1, 4],
  [128, 128, 0.5, 1],
  [200, 200, 0.5, 1],
  [224, 60, 0.7, 4],
];

for (const [width, height, mean, max] of sizes) {
  test(`128×96 → ${width}×${height} as Pillow's bilinear`, async () => {
    const image = await readImage(fixture('scene.png'), { width, height });
    const found = difference(image.data, await pixels(fixture(`resize_${width}x${height}.png`)));
    assert.ok(found.mean <= mean && found.max <= max, JSON.stringify(found));
  });
}

for (const [width, height] of sizes.filter(([w, h]) => w < 128 || h < 96)) {
  test(`resample: 128×96 → ${width}×${height} as Pillow's bilinear, colour and grey`, async () => {
    const expected = await pixels(fixture(`resize_${width}x${height}.png`));
    const scene = { width: 128, height: 96, channels: 3, data: await pixels(fixture('scene.png')) } as const;
    const { data } = await resample(scene, { width, height });
    const { max } = difference(data, expected);
    assert.ok(max <= 1, `${max}`);
    const red = (values: Uint8Array) => values.filter((_, at) => at % 3 === 0);
    const grey = await resample({ ...scene, channels: 1, data: red(scene.data) }, { width, height });
    assert.deepEqual([...grey.data], [...red(data)]);
  });
}

test('letterbox keeps the aspect and pads with the edge colour', async () => {
  const image = await readImage(fixture('scene.png'), { width: 64, height: 64, fit: 'letterbox' });
  assert.deepEqual(image.content, { left: 0, top: 8, width: 64, height: 48 });
  assert.deepEqual(image.original, { width: 128, height: 96 });
  const padding = [...image.data.subarray(0, 3), ...image.data.subarray(63 * 64 * 3, 63 * 64 * 3 + 3)];
  assert.equal(new Set(padding).size, 1);
  assert.ok(padding[0]! > 80 && padding[0]! < 160, `${padding[0]}`);
  const stretched = await readImage(fixture('scene.png'), { width: 64, height: 48 });
  assert.deepEqual(new Uint8Array(image.data.subarray(8 * 64 * 3, 56 * 64 * 3)), new Uint8Array(stretched.data));
});

test('EXIF rotation counts for the size and the letterbox', async () => {
  const image = await readImage(fixture('turned.png'), { width: 37, height: 37, fit: 'letterbox' });
  assert.deepEqual(image.original, { width: 23, height: 37 });
  assert.deepEqual(image.content, { left: 7, top: 0, width: 23, height: 37 });
});

test('a very large JPEG is decoded small', async () => {
  const file = path.join(scratch, 'large.jpg');
  const [width, height] = [8000, 6000];
  await sharp({ create: { width, height, channels: 3, background: '#406080' } })
    .jpeg()
    .toFile(file);
  const before = process.memoryUsage().rss;
  const image = await readImage(file, { width: 256, height: 256 });
  const grownMb = (process.memoryUsage().rss - before) / 2 ** 20;
  assert.deepEqual(image.original, { width, height });
  [64, 96, 128].forEach((value, c) => assert.ok(Math.abs(image.data[c]! - value) <= 2));
  assert.ok(grownMb < 70, `${grownMb} MiB for an image of ${(width * height * 3) / 2 ** 20} MiB`);
});

test('an opened image gives the same pixels at each size as reading it anew', async () => {
  const targets = [
    { width: 90, height: 70 },
    { width: 31, height: 20 },
    { width: 40, height: 40, fit: 'letterbox' },
  ] as const;
  for (const name of [...Object.keys(kinds), 'scene.png', 'cmyk.jpg']) {
    const file = await open(fixture(name));
    const together = await Promise.all(file.read({ ...file.size }, ...targets));
    for (const [i, target] of targets.entries()) {
      const { original, data } = await readImage(fixture(name), target);
      assert.deepEqual([original, together[i + 1]!.original], [file.size, file.size]);
      assert.ok(Buffer.from(data).equals(together[i + 1]!.data), `${name} at ${target.width}×${target.height}`);
    }
  }
});

test('so does one that is large enough to be decoded beside this thread, together with others or alone', async () => {
  const file = path.join(scratch, 'noise.jpg');
  const [width, height] = [900, 700];
  const rng = createRng(3);
  const raw = Uint8Array.from({ length: width * height * 3 }, () => Math.floor(256 * rng.uniform()));
  await sharp(raw, { raw: { width, height, channels: 3 } })
    .blur(2)
    .jpeg()
    .toFile(file);
  const targets = [
    { width: 800, height: 600 },
    { width: 500, height: 500 },
    { width: 256, height: 256 },
  ];
  const opened = await open(file);
  const wanted = await Promise.all(targets.map((target) => readImage(file, target)));
  const together = await Promise.all(opened.read(...targets));
  const alone = await Promise.all(targets.map((target) => opened.read(target)[0]!));
  for (const [i, { data }] of wanted.entries())
    for (const got of [together[i]!, alone[i]!]) assert.ok(Buffer.from(data).equals(got.data), `${targets[i]!.width}`);
});

const write = (name: string, content: Uint8Array | string): string => {
  const file = path.join(scratch, name);
  writeFileSync(file, content);
  return file;
};
const half = (name: string): Uint8Array => {
  const bytes = readFileSync(fixture(name));
  return bytes.subarray(0, Math.floor(bytes.length * 0.6));
};

/** Sets the SHORT values of TIFF tags in place. */
const tiffWith = (tags: Readonly<Record<number, number>>): Uint8Array => {
  const bytes = Buffer.from(readFileSync(fixture('rgb.tif')));
  const directory = bytes.readUInt32LE(4);
  for (let i = 0; i < bytes.readUInt16LE(directory); i++) {
    const entry = directory + 2 + 12 * i;
    const value = tags[bytes.readUInt16LE(entry)];
    if (value !== undefined) bytes.writeUInt16LE(value, entry + 8);
  }
  return bytes;
};
const wideBmp = (): Uint8Array => {
  const bytes = Buffer.from(readFileSync(fixture('rgb24.bmp')));
  bytes.writeInt32LE(100_000, 18);
  bytes.writeInt32LE(100_000, 22);
  return bytes;
};

const faults: readonly [name: string, file: () => string, message: RegExp][] = [
  ['a TIFF of 2500 Mpx', () => write('vast.tif', tiffWith({ 256: 50_000, 257: 50_000 })), /: has too many pixels/],
  ['a BMP of 10000 Mpx', () => write('vast.bmp', wideBmp()), /: has too many pixels.*Scale it down\.$/],
  ['missing', () => path.join(scratch, 'no.png'), /: does not exist\. Check the path\.$/],
  ['below a file', () => path.join(fixture('rgb.png'), 'a.png'), /: does not exist: a part of the path is a file/],
  ['a folder', () => fixtures, /: is a folder\. Give a file\.$/],
  ['zero bytes', () => write('empty.png', ''), /: is empty \(0 bytes\)\. Copy it again/],
  ['text', () => write('text.png', 'not an image\n'), /: is a text file, not an image\. Remove it/],
  ['UTF-8 text', () => write('text8.png', 'Öl auf der Fläche\n'.repeat(9)), /: is a text file, not an image/],
  ['SVG', () => write('drawing.png', '<svg xmlns="x" width="9" height="9"/>'), /: is a text file, not an image/],
  ['unknown bytes', () => write('junk.png', new Uint8Array([1, 2, 3, 0, 255])), /not an image of a supported kind/],
  ['truncated PNG', () => write('half.png', half('scene.png')), /: is truncated or damaged/],
  ['truncated JPEG', () => write('half.jpg', half('rgb.jpg')), /: is truncated or damaged/],
  ['truncated TIFF', () => write('half.tif', half('rgb.tif')), /damaged/],
  ['truncated WebP', () => write('half.webp', half('lossless.webp')), /damaged/],
  ['truncated BMP', () => write('half.bmp', half('rgb24.bmp')), /: is truncated or damaged \(truncated pixels\)/],
  ['BMP of a header alone', () => write('header.bmp', half('rgb24.bmp').subarray(0, 20)), /truncated header/],
  [
    'float TIFF',
    () => fixture('float.tif'),
    /: has float pixels, which have no fixed range\. Save it with 8 or 16 bits/,
  ],
];

for (const [name, file, message] of faults) {
  test(`refuses in one line: ${name}`, async () => {
    const target = file();
    await assert.rejects(readImage(target, { width: 8, height: 8 }), (error: unknown) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(`${target}: `) && !error.message.includes('\n'), error.message);
      return true;
    });
  });
}

/** Mask file → its defective pixels at 60×40 (the block is 20 × 10). */
const masks: Readonly<Record<string, number>> = {
  'mask_visa.png': 200,
  'mask_mvtec.png': 200,
  'mask_bilevel.bmp': 200,
  'mask_blue.png': 200,
  'mask_lossy.jpg': 200,
  'mask_blank.bmp': 0,
  'mask_speck.png': 1,
};

for (const [name, area] of Object.entries(masks)) {
  test(`mask ${name}`, async () => {
    const mask = await readMask(fixture(name), { width: 60, height: 40 });
    const found = mask.data.reduce((a, b) => a + b, 0);
    assert.ok(name.endsWith('.jpg') ? Math.abs(found - area) <= 6 : found === area, `${found}`);
    assert.equal(mask.hasDefect, area > 0);
  });
}

test('a speck vanishes from a small mask but still counts as a defect', async () => {
  const mask = await readMask(fixture('mask_speck.png'), { width: 6, height: 4 });
  assert.deepEqual([mask.hasDefect, mask.data.includes(1)], [true, false]);
});

test('a mask is letterboxed like its image', async () => {
  const mask = await readMask(fixture('mask_mvtec.png'), { width: 30, height: 30, fit: 'letterbox' });
  assert.deepEqual(mask.content, { left: 0, top: 5, width: 30, height: 20 });
  const at = (x: number, y: number): number => mask.data[y * 30 + x]!;
  assert.deepEqual([at(14, 12), at(15, 10), at(24, 14), at(25, 14), at(15, 15)], [0, 1, 1, 0, 0]);
});
