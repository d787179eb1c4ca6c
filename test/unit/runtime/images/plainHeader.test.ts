import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { plainJpeg, plainPng, type PlainHeader } from '../../../../src/runtime/images/plainHeader.ts';

const fixture = (name: string): Buffer =>
  readFileSync(path.join(import.meta.dirname, '../../../fixtures/images', name));
const header = (bytes: Uint8Array): PlainHeader | undefined => plainJpeg(bytes) ?? plainPng(bytes);

/** Fixture → channels, where its header says all there is to know. */
const fixtures: Readonly<Record<string, 1 | 3 | undefined>> = {
  'rgb.png': 3,
  'grey.png': 1,
  'rgb.jpg': 3,
  'alpha.png': undefined,
  'palette.png': undefined,
  'bilevel.png': undefined,
  'grey16.png': undefined,
  'turned.png': undefined,
  'cmyk.jpg': undefined,
  'lossless.webp': undefined,
  'rgb.tif': undefined,
  'rgb24.bmp': undefined,
};

for (const [name, channels] of Object.entries(fixtures))
  test(`header of ${name}`, async () => {
    const bytes = fixture(name);
    const { width, height } = channels ? await sharp(bytes).metadata() : { width: 0, height: 0 };
    assert.deepEqual(header(bytes), channels && { width, height, channels });
  });

const drawn = sharp({ create: { width: 24, height: 10, channels: 3, background: '#406080' } });

/** What sharp makes → whether its header is enough. */
const made: readonly [name: string, bytes: () => Promise<Buffer>, plain: boolean][] = [
  ['a progressive JPEG', () => drawn.clone().jpeg({ progressive: true }).toBuffer(), true],
  ['a grey JPEG', () => drawn.clone().toColourspace('b-w').jpeg().toBuffer(), true],
  [
    'a JPEG with Exif',
    () =>
      drawn
        .clone()
        .withExif({ IFD0: { Artist: 'x' } })
        .jpeg()
        .toBuffer(),
    false,
  ],
  ['a JPEG with a profile', () => drawn.clone().withIccProfile('p3').jpeg().toBuffer(), false],
  ['a PNG with a profile', () => drawn.clone().withIccProfile('p3').png().toBuffer(), false],
  ['an interlaced PNG', () => drawn.clone().png({ progressive: true }).toBuffer(), false],
];

for (const [name, bytes, plain] of made)
  test(`header of ${name}`, async () => {
    const found = header(await bytes());
    assert.deepEqual(found && [found.width, found.height], plain ? [24, 10] : undefined);
  });

test('a header that is cut short or damaged says nothing', () => {
  for (const name of ['rgb.png', 'rgb.jpg'])
    for (const length of [0, 2, 9, 20, 33, 40])
      assert.equal(header(fixture(name).subarray(0, length)), undefined, `${name} ${length}`);
  const endless = Uint8Array.from(fixture('rgb.jpg').subarray(0, 64));
  endless.set([0, 0], 4);
  assert.equal(header(endless), undefined);
});
