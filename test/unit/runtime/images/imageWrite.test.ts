import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { encodePng, grey16, writePng } from '../../../../src/runtime/images/imageWrite.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'nferd-png-'));
after(() => rmSync(scratch, { recursive: true }));

for (const channels of [1, 3, 4] as const) {
  for (const compress of [true, false])
    test(`8-bit PNG with ${channels} channels comes back, ${compress ? '' : 'not '}compressed`, async () => {
      const data = Uint8Array.from({ length: 6 * channels }, (_, i) => (i * 37) % 256);
      const png = await encodePng({ width: 3, height: 2, channels, data }, compress);
      const { data: back, info } = await sharp(png)
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height, info.channels], [3, 2, channels]);
      assert.deepEqual([...back], [...data]);
    });
}

test('a picture is compressed where it is asked for', async () => {
  const file = path.join(scratch, 'even.png');
  const even = { width: 100, height: 100, channels: 3, data: new Uint8Array(30_000).fill(7) } as const;
  const sizeOf = async (compress: boolean): Promise<number> => {
    await writePng(file, even, { compress });
    return statSync(file).size;
  };
  assert.ok((await sizeOf(true)) < 1_000);
  assert.ok((await sizeOf(false)) > 30_000);
});

test('a map as 16-bit PNG keeps its values to half a step, and its scale in the file', async () => {
  const map = Float32Array.from([-1, 0, 0.25, 0.5, 1, 7]);
  const file = path.join(scratch, 'new/folder/map.png');
  await writePng(file, grey16(map, { width: 3, height: 2 }, 0, 2));
  const { data, info } = await sharp(file)
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.channels, data.length], [1, 12]);
  const values = [...new Uint16Array(data.buffer, data.byteOffset, 6)].map((pixel) => (pixel * 2) / 65535);
  [0, 0, 0.25, 0.5, 1, 2].forEach((want, i) => assert.ok(Math.abs(values[i]! - want) <= 1 / 65535, `${values[i]}`));
  const { exif, depth } = await sharp(file).metadata();
  assert.equal(depth, 'ushort');
  assert.match(exif!.toString('latin1'), /value = 0 \+ pixel \* 0\.0000305/);
});

test('a constant map is black, wrong sizes are refused', async () => {
  assert.deepEqual([...grey16(new Float32Array(2).fill(3), { width: 2, height: 1 }, 3, 3).data], [0, 0]);
  await assert.rejects(encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(3) }), RangeError);
});
