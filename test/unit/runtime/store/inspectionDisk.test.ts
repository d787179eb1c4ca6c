import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { readImage } from '../../../../src/runtime/images/images.ts';
import { inspectionDisk } from '../../../../src/runtime/store/inspectionDisk.ts';

const fixture = (name: string): string => path.join(import.meta.dirname, '../../../fixtures/images', name);

for (const name of ['rgb.png', 'grey.png', 'rgb.jpg'])
  test(`thumbnail of ${name}: a small JPEG of the image's own aspect and colours`, async () => {
    const image = await readImage(fixture(name), { width: 64, height: 64 });
    assert.equal(image.grey !== undefined, name === 'grey.png');
    if (image.grey) assert.ok(image.grey.every((value, at) => value === image.data[3 * at]));
    const bytes = await inspectionDisk.encodeThumbnail(image, 32);
    const { format, width = 0, height = 0 } = await sharp(bytes).metadata();
    const { width: w, height: h } = image.original;
    assert.deepEqual([format, Math.max(width, height)], ['jpeg', Math.min(32, Math.max(w, h))]);
    assert.ok(Math.abs(width / height - w / h) < 0.1 * (w / h), `${width}×${height} of ${w}×${h}`);
    const mean = async (file: string | Uint8Array): Promise<number[]> =>
      (await sharp(file).toColourspace('srgb').stats()).channels.slice(0, 3).map((channel) => channel.mean);
    const [small, whole] = [await mean(bytes), await mean(fixture(name))];
    small.forEach((value, c) =>
      assert.ok(Math.abs(value - (whole[c] ?? whole[0]!)) < 3, `${small.join()} ${whole.join()}`),
    );
  });
