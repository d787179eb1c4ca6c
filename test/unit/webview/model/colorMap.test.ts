import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpolateInferno, interpolateViridis } from 'd3-scale-chromatic';
import { colorMaps } from '../../../../src/protocol/anomalyView.ts';
import { colorize, colorTable, opacityAt, share } from '../../../../src/webview/model/colorMap.ts';

/** CIE lightness of sRGB 0 … 255. */
function lightness(rgb: ArrayLike<number>): number {
  const [r, g, b] = [0, 1, 2].map((i) => {
    const v = rgb[i]! / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

for (const name of colorMaps) {
  test(`${name} grows lighter evenly`, () => {
    const table = colorTable(name);
    const values = Array.from({ length: 33 }, (_, i) => lightness(table.subarray(Math.round((i * 255) / 32) * 3)));
    const steps = values.slice(1).map((value, i) => value - values[i]!);
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    assert.ok(Math.min(...steps) > 0, 'monotone');
    assert.ok(Math.max(...steps) < 2.2 * mean, 'no jump');
  });
}

for (const [name, oracle] of [
  ['inferno', interpolateInferno],
  ['viridis', interpolateViridis],
] as const)
  test(`${name} is the published map, colour by colour`, () => {
    const table = colorTable(name);
    const hex = (i: number) => `#${Buffer.from(table.subarray(3 * i, 3 * i + 3)).toString('hex')}`;
    for (let i = 0; i < 256; i++) assert.equal(hex(i), oracle(i / 256), `colour ${i}`);
  });

test('colours span the range and stop at its ends', () => {
  const table = colorTable('grey');
  const pixels = colorize(Float32Array.of(-5, 0, 5, NaN), { low: 0, high: 1 }, table, false);
  assert.deepEqual([pixels[0], pixels[4], pixels[8], pixels[12], pixels[3]], [0, 0, 241, 0, 255]);
  assert.equal(share(2, { low: 2, high: 2 }), 0);
});

test('low values fade, high ones do not', () => {
  assert.ok(opacityAt(0) < 0.1);
  assert.equal(opacityAt(1), 1);
});
