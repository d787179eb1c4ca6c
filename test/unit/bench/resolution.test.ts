import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scratchBeside } from '../../../bench/resolution/defects.ts';
import { drawPart } from '../../../bench/resolution/parts.ts';
import { pixelF1, Pixels, qualityOf, regionsAbove } from '../../../bench/resolution/quality.ts';
import { createRng } from '../../../src/dataset/rng.ts';
import { enlarge } from '../../../src/maps/enlarge.ts';
import { boxesOf, connectedComponents } from '../../../src/metrics/connectedComponents.ts';
import { f1Max } from '../../../src/metrics/f1Max.ts';

const size = { width: 900, height: 700 };

void test('the same seed draws the same part, another one another', () => {
  const [one, same, other] = [3, 3, 4].map((seed) => drawPart({ ...size, seed, kind: 'pit' }));
  assert.deepEqual(one, same);
  assert.notDeepEqual(one!.grey, other!.grey);
});

void test('a sound part has no defect', () => {
  const { mask, defects } = drawPart({ ...size, seed: 1 });
  assert.equal(defects.length, 0);
  assert.ok(mask.every((value) => value === 0));
});

void test('pits: as many regions in the mask as told, as large as asked for', () => {
  for (let seed = 0; seed < 3; seed++) {
    const { mask, defects } = drawPart({ ...size, seed, kind: 'pit', pit: [12, 12] });
    const found = connectedComponents(mask, size.width, size.height);
    assert.equal(found.areas.length, defects.length);
    assert.ok(defects.length >= 1 && defects.length <= 4);
    for (const area of found.areas) assert.ok(Math.abs(area - Math.PI * 36) < 6, `${area} px`);
  }
});

void test('scratches: as many regions in the mask as told, as long and wide as asked for', () => {
  assert.deepEqual([6, 12, 24].map(scratchBeside), [
    { length: 40, width: 2 },
    { length: 60, width: 3 },
    { length: 120, width: 4 },
  ]);
  for (let seed = 0; seed < 3; seed++) {
    const { mask, defects } = drawPart({ ...size, seed, kind: 'scratch', pit: [12, 12] });
    const found = connectedComponents(mask, size.width, size.height);
    assert.equal(found.areas.length, defects.length);
    for (const { left, right, top, bottom } of boxesOf(found, size.width)) {
      const length = Math.hypot(right - left, bottom - top);
      assert.ok(length > 54 && length < 66, `${length} px`);
    }
    for (const area of found.areas) assert.ok(area > 2.5 * 58 && area < 3.7 * 60, `${area} px`);
  }
});

void test('a defect is darker than its surroundings, by no more than 18 grey levels', () => {
  const drawn = drawPart({ ...size, seed: 5, kind: 'pit', pit: [20, 20] });
  const sound = drawPart({ ...size, seed: 5 });
  for (let i = 0; i < sound.grey.length; i++) {
    const darker = sound.grey[i]! - drawn.grey[i]!;
    assert.ok(darker <= 18 && (drawn.mask[i] ? true : darker <= 10), `${darker} levels`);
  }
  const marked = [...drawn.mask.keys()].filter((i) => drawn.mask[i]);
  const mean = marked.reduce((sum, i) => sum + sound.grey[i]! - drawn.grey[i]!, 0) / marked.length;
  assert.ok(mean > 5 && mean < 18, `${mean} levels`);
});

void test('parts too small for defects are refused', () => {
  assert.throws(() => drawPart({ width: 60, height: 60, seed: 1, kind: 'scratch' }), /find no room/);
});

void test('pixel F1 is of the enlarged map, as computed pixel by pixel', () => {
  const rng = createRng(2);
  const map = { width: 12, height: 9, data: Float32Array.from({ length: 108 }, () => rng.normal()) };
  const whole = enlarge(map, 48);
  const truth = Uint8Array.from(whole.data, (value) => +(value + rng.normal() > 1.5));
  const pixels = new Pixels(0.7);
  pixels.add(map, whole, truth);
  let [hits, alarms, missed] = [0, 0, 0];
  whole.data.forEach((value, i) => {
    if (value > 0.7 && truth[i]) hits++;
    else if (value > 0.7) alarms++;
    else if (truth[i]) missed++;
  });
  assert.deepEqual([pixels.hits, pixels.alarms, pixels.missed], [hits, alarms, missed]);
  const found = pixelF1([pixels]);
  assert.equal(found.pixelF1, (2 * hits) / (2 * hits + alarms + missed));
  // Values of one bin count together.
  assert.ok(Math.abs(found.pixelF1Max - f1Max(whole.data, truth).f1) < 2e-3);
});

void test('regions touch by a corner; images with as many regions as defects are right', () => {
  const map = { width: 4, height: 3, data: Float32Array.from([2, 0, 0, 2, 0, 2, 0, 0, 0, 0, 0, 1]) };
  assert.equal(regionsAbove(map, 1), 2);
  const seen = (defects: number, regions: number, score: number) => ({ path: '', defects, regions, score });
  const pixels = new Pixels(1);
  pixels.add(map, map, Uint8Array.from([1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]));
  const normal = { images: [seen(0, 0, 0.1), seen(0, 1, 0.6)], pixels: new Pixels(1) };
  const { pixelF1Max, ...found } = qualityOf(normal, { images: [seen(2, 2, 0.9), seen(1, 3, 0.4)], pixels }, 0.5);
  assert.deepEqual(found, {
    imageAuroc: 0.75,
    recall: 0.5,
    falseAlarmRate: 0.5,
    pixelF1: 4 / 6,
    regionsRight: 0.5,
    regionsRightOfDefective: 0.5,
  });
  assert.equal(pixelF1Max, 4 / 6);
});
