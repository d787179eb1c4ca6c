import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resample, type Pixels } from '../../../../src/runtime/images/imageResample.ts';

const grey = (width: number, height: number, data: readonly number[]): Pixels => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from(data),
});

/**
 * By hand: pixel centres at (x + ½)·w/W − ½, a triangle as wide as the smaller image's pixels, cut
 * at the border.
 */
const cases: readonly [name: string, from: Pixels, width: number, height: number, expected: readonly number[]][] = [
  ['a row doubled', grey(2, 1, [0, 100]), 4, 1, [0, 25, 75, 100]],
  ['a column doubled', grey(1, 2, [0, 100]), 1, 4, [0, 25, 75, 100]],
  ['a row halved: weights 3, 3, 1 and 1, 3, 3', grey(4, 1, [70, 0, 0, 140]), 2, 1, [30, 60]],
  ['both at once', grey(2, 2, [0, 100, 100, 200]), 4, 1, [50, 75, 125, 150]],
  ['one pixel', grey(1, 1, [77]), 3, 2, [77, 77, 77, 77, 77, 77]],
];

for (const [name, from, width, height, expected] of cases)
  test(`resample: ${name}`, async () => {
    const { data, ...rest } = await resample(from, { width, height });
    assert.deepEqual([...data], expected);
    assert.deepEqual(rest, { width, height, channels: 1 });
    // Three equal channels are three times the grey one.
    const thrice = (values: ArrayLike<number>): number[] =>
      Array.from(values).flatMap((value) => [value, value, value]);
    const rgb = await resample({ ...from, channels: 3, data: Uint8Array.from(thrice(from.data)) }, { width, height });
    assert.deepEqual([...rgb.data], thrice(expected));
  });

test('resample: a plain colour stays itself at any size', async () => {
  for (const [w, h] of [
    [1, 1],
    [2, 3],
    [5, 7],
    [40, 3],
    [301, 97],
  ] as const)
    for (const [width, height] of [
      [1, 1],
      [3, 2],
      [64, 64],
      [97, 300],
    ] as const) {
      const data = new Uint8Array(w * h * 3).map((_, at) => [255, 128, 1][at % 3]!);
      const found = await resample({ width: w, height: h, channels: 3, data }, { width, height });
      assert.ok(
        found.data.every((value, at) => value === [255, 128, 1][at % 3]),
        `${w}×${h} → ${width}×${height}`,
      );
    }
});
