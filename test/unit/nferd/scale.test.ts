import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig, defaultConfig, defaultStudent, withStudent } from '../../../src/nferd/config.ts';
import { atScale, sideFor, smallestSeen } from '../../../src/nferd/scale.ts';

const square = (side: number) => ({ width: side, height: side });

test('the shorter side: small images as ever, large ones at half their scale as far as it goes', () => {
  const sides = [8, 256, 1023, 1024, 1400, 1536, 2048, 20_000].map((side) => sideFor(square(side), {}));
  assert.deepEqual(sides, [256, 256, 256, 512, 512, 768, 1024, 1024]);
});

test('a defect that matters is six pixels wide in the input, where that can be had', () => {
  const side = (image: number, smallestDefect: number) => sideFor(square(image), { smallestDefect });
  assert.deepEqual(
    [side(2048, 12), side(2048, 24), side(2048, 48), side(2048, 500), side(2048, 3), side(8192, 12)],
    [1024, 512, 256, 256, 1024, 1024],
  );
  // Nothing is enlarged beyond the step that holds it.
  assert.deepEqual([side(300, 2), side(500, 6), side(512, 9)], [384, 512, 384]);
});

test('a wish for a size is heard; long images cost no more than others', () => {
  assert.equal(sideFor(square(2048), { size: 320, smallestDefect: 2 }), 320);
  assert.equal(sideFor({ width: 8192, height: 2048 }, {}), 512);
  assert.equal(sideFor({ width: 40, height: 20_000 }, { smallestDefect: 1 }), 256);
});

test('the smallest defect that is seen, in pixels of the images', () => {
  assert.equal(smallestSeen(square(2048), square(1024)), 12);
  assert.equal(smallestSeen({ width: 8192, height: 4096 }, { width: 1024, height: 512 }), 48);
  assert.equal(smallestSeen(square(256), square(256)), 6);
});

test('at the default side nothing changes', () => {
  assert.deepEqual(atScale(defaultConfig, 256, false), defaultConfig);
  assert.deepEqual(atScale(defaultConfig, 128, true), { ...defaultConfig, inputSize: 128 });
});

test('a larger input has finer views beside the usual ones, and the usual ones as context', () => {
  const { views, map, inputSize } = atScale(defaultConfig, 1024, false);
  assert.deepEqual([inputSize, views], [1024, [1, 2, 4, 8, 16]]);
  assert.deepEqual(map.viewWeights, [1, 0.5, 0.25, 0.125, 0.0625]);
  assert.deepEqual([map.sigma, map.scoreShare], [1, 0.01 / 16]);
  assert.deepEqual(map.context, { viewWeights: [0, 0, 1, 0.5, 0.25], sigma: 4 });
  assert.equal(atScale(defaultConfig, 1024, true).map.context, undefined);
  assert.deepEqual(atScale(defaultConfig, 384, false).views, [1, 2, 4]);
});

test('what is chosen is a sound configuration', () => {
  for (const side of [256, 384, 512, 768, 1024])
    for (const config of [defaultConfig, withStudent(defaultConfig, defaultStudent)])
      for (const told of [false, true]) checkConfig(atScale(config, side, told));
});
