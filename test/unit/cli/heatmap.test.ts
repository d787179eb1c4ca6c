import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../src/dataset/rng.ts';
import { heatColours, heatmap, shownSize } from '../../../src/services/detect/heatmap.ts';

const side = 40;
const grey = (value: number) => {
  const size = { width: side, height: side };
  const data = new Uint8Array(side * side * 3).fill(value);
  return { ...size, data, content: { left: 0, top: 0, ...size }, original: size };
};
/** A ramp from 0 on the left to `high` on the right. */
const ramp = (high: number) => ({
  width: side,
  height: 2,
  data: Float32Array.from({ length: 2 * side }, (_, i) => (high * (i % side)) / (side - 1)),
});
const pixel = ({ data }: { data: ArrayLike<number> }, x: number, y: number): number[] =>
  [0, 1, 2].map((c) => data[3 * (y * side + x) + c]!);

test('far below the threshold the image stays; above it, it is coloured; on it runs a white line', () => {
  const picture = heatmap(grey(100), ramp(2), 1);
  assert.deepEqual([picture.width, picture.height, picture.channels], [side, side, 3]);
  for (const y of [0, 20, 39]) {
    assert.deepEqual(pixel(picture, 2, y), [100, 100, 100]);
    const [red, , blue] = pixel(picture, 36, y) as [number, number, number];
    assert.ok(red > blue + 30, `${red} ${blue}`);
  }
  const brightest = Array.from({ length: side }, (_, x) => x).reduce((best, x) =>
    Math.min(...pixel(picture, x, 20)) > Math.min(...pixel(picture, best, 20)) ? x : best,
  );
  assert.ok(Math.abs(brightest - 19.5) <= 1, `${brightest}`);
});

test('what is not looked at is half way to grey, striped, whatever the map says there', () => {
  const roi = { width: 2, height: 1, runs: [1, 1] };
  const hot = { width: 1, height: 1, data: Float32Array.of(5) };
  const [with_, without] = [heatmap(grey(40), hot, 1, roi), heatmap(grey(40), hot, 1)];
  for (const x of [0, 7, 11]) assert.deepEqual(pixel(with_, x, 3), [68, 68, 68]);
  for (const x of [5, 6, 13, 14]) assert.deepEqual(pixel(with_, x, 3), [100, 100, 100]);
  for (const x of [side / 2, side - 1]) assert.deepEqual(pixel(with_, x, 3), pixel(without, x, 3));
  const red = { ...grey(0), data: grey(0).data.map((_, i) => (i % 3 === 0 ? 200 : 0)) };
  assert.deepEqual(pixel(heatmap(red, hot, 1, roi), 2, 0), [78, 78, 78]);
});

test('a map of zeros, one below zero, and a threshold of zero leave the image or at least finite pixels', () => {
  assert.deepEqual([...heatmap(grey(7), ramp(0), 1).data], [...grey(7).data]);
  assert.deepEqual([...heatmap(grey(7), ramp(-1), 1).data], [...grey(7).data]);
  assert.equal(heatmap(grey(7), ramp(1), 0).data.length, side * side * 3);
});

for (const [cells, at] of [
  [8, [2, 5]],
  [8, [0, 0]],
  [8, [7, 7]],
  [100, [98, 50]],
  [100, [99, 99]],
] as const)
  test(`one hot cell of ${cells} × ${cells} at ${at.join()} colours the pixels around it and no others`, () => {
    const data = new Float32Array(cells * cells);
    data[at[1] * cells + at[0]] = 2;
    const picture = heatmap(grey(100), { width: cells, height: cells, data }, 1);
    // How much of the cell a pixel has, by hand: bilinear, pixel centres aligned.
    const share = (pixel: number, cell: number): number => {
      const place = Math.min(cells - 1, Math.max(0, ((pixel + 0.5) * cells) / side - 0.5));
      return Math.max(0, 1 - Math.abs(place - cell));
    };
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const value = 2 * share(x, at[0]) * share(y, at[1]);
        if (Math.abs(value - 0.35) < 0.1) continue;
        const changed = pixel(picture, x, y).some((level) => level !== 100);
        assert.equal(changed, value > 0.35, `${x}, ${y}: ${value}`);
      }
  });

for (const [cells, share] of [
  [9, 0.1],
  [30, 0.03],
  [64, 0.01],
  [20, 1],
] as const)
  test(`hot cells scattered over ${cells} × ${cells} colour each pixel as its own value says`, () => {
    const rng = createRng(cells);
    const data = Float32Array.from({ length: cells * cells }, () => (rng.uniform() < share ? 1.9 * rng.uniform() : 0));
    const picture = heatmap(grey(100), { width: cells, height: cells, data }, 1);
    const placed = (at: number) => {
      const exact = Math.min(cells - 1, Math.max(0, ((at + 0.5) * cells) / side - 0.5));
      return { low: Math.floor(exact), high: Math.min(cells - 1, Math.ceil(exact)), share: exact % 1 };
    };
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const [across, down] = [placed(x), placed(y)];
        const line = (row: number) =>
          data[row * cells + across.low]! * (1 - across.share) + data[row * cells + across.high]! * across.share;
        const value = line(down.low) * (1 - down.share) + line(down.high) * down.share;
        // White where the contour is near.
        if (pixel(picture, x, y).every((level) => level > 150)) continue;
        const t = Math.min(1, Math.max(0, (value - 0.35) / 0.65));
        const opacity = 0.52 * t * t * (3 - 2 * t);
        const due = [0, 1, 2].map(
          (c) => 100 * (1 - opacity) + opacity * heatColours[3 * Math.round((value / 2) * 255) + c]!,
        );
        const lighter = Math.max(...pixel(picture, x, y).map((level, c) => level - due[c]!));
        assert.ok(
          lighter > -3 && (lighter < 3 || Math.abs(value - 1) < 0.9),
          `${x}, ${y}: ${pixel(picture, x, y).join()}`,
        );
      }
  });

test('a picture is shown with its longer side at most as long as asked, and never enlarged', () => {
  const size = (width: number, height: number) => ({ width, height });
  assert.deepEqual(shownSize(size(1600, 1280)), size(768, 614));
  assert.deepEqual(shownSize(size(320, 200)), size(320, 200));
  assert.deepEqual(shownSize(size(4000, 1), 100), size(100, 1));
});

/** CIE lightness of an sRGB colour: another scale than the one the colours were made on. */
function lightness([r, g, b]: readonly number[]): number {
  const linear = (value: number): number => ((value / 255 + 0.055) / 1.055) ** 2.4;
  return 116 * Math.cbrt(0.2126 * linear(r!) + 0.7152 * linear(g!) + 0.0722 * linear(b!)) - 16;
}

test('the colours get lighter evenly', () => {
  const steps = Array.from({ length: 8 }, (_, i) => lightness([...heatColours.subarray(96 * i, 96 * i + 3)]));
  const rises = steps.slice(1).map((value, i) => value - steps[i]!);
  const mean = rises.reduce((sum, rise) => sum + rise, 0) / rises.length;
  for (const rise of rises) assert.ok(rise > 0.6 * mean && rise < 1.5 * mean, rises.join(' '));
});
