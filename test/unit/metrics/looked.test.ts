import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aupro, rankRegions } from '../../../src/metrics/aupro.ts';
import { rankedAuroc } from '../../../src/metrics/auroc.ts';
import { rankedAveragePrecision } from '../../../src/metrics/averagePrecision.ts';
import { rankedF1Max } from '../../../src/metrics/f1Max.ts';
import { rankedOverlap } from '../../../src/metrics/pixelOverlap.ts';
import type { PixelSample } from '../../../src/metrics/pixelSample.ts';
import { rank, rankPixels } from '../../../src/metrics/ranking.ts';
import { random, sample } from './support.ts';

/** Made-up maps with defects in some images; in each a box of them is looked at. */
const [width, height] = [12, 9];
const box = { left: 3, top: 2, width: 7, height: 5 };
const inBox = (i: number): boolean => {
  const [x, y] = [(i % width) - box.left, Math.floor(i / width) - box.top];
  return x >= 0 && x < box.width && y >= 0 && y < box.height;
};
const next = random(5);
const whole = Array.from({ length: 6 }, (_, image): PixelSample => {
  const mask = Uint8Array.from({ length: width * height }, () => (next() < 0.25 ? 1 : 0));
  const map = Float32Array.from(mask, (value) => Math.floor(8 * next() + 3 * value) / 8);
  return { map, mask: image < 4 ? mask : undefined, width, height };
});
const looked = Uint8Array.from({ length: width * height }, (_, i) => +inBox(i));
const within = whole.map((one) => ({ ...one, looked }));
const cut = whole.map(({ map, mask }) => ({
  map: map.filter((_, i) => inBox(i)),
  mask: mask?.filter((_, i) => inBox(i)),
  width: box.width,
  height: box.height,
}));

test('pixels that are not looked at count as if they were not there: as of cut images', () => {
  const [one, other] = [rankRegions(within), rankRegions(cut)];
  assert.deepEqual(one, other);
  assert.notDeepEqual(one, rankRegions(whole));
  assert.equal(aupro(within), aupro(cut));
});

test('the metrics are those of the looked-at pixels as a list, which scikit-learn is held against', () => {
  const scores = Float32Array.from(cut.flatMap(({ map }) => [...map]));
  const labels = Uint8Array.from(cut.flatMap(({ map, mask }) => [...(mask ?? new Uint8Array(map.length))]));
  const [ranking, list] = [rankPixels(within), rank(scores, labels)];
  for (const metric of [rankedAuroc, rankedAveragePrecision, rankedF1Max])
    assert.deepEqual(metric(ranking), metric(list));
  assert.deepEqual(rankedOverlap(ranking, 0.5), rankedOverlap(list, 0.5));
});

test('hand-made: a defect that is cut in two is two regions, of what is looked at', () => {
  const given = {
    ...sample(['99999', '00000'], ['11111', '00000']),
    looked: Uint8Array.of(1, 1, 0, 0, 1, 1, 1, 0, 0, 1),
  };
  assert.deepEqual(rankRegions([given]).areas, [2, 1]);
  const outside = { ...sample(['99', '10'], ['10', '00']), looked: Uint8Array.of(0, 1, 1, 1) };
  const { areas, ranking } = rankRegions([outside]);
  assert.deepEqual([areas, ranking.positives.length, ranking.negatives.length], [[], 0, 3]);
});

test('what is not looked at may be no number; a region of another size is refused', () => {
  const given = { ...sample(['91', '00'], ['10', '00']), looked: Uint8Array.of(1, 1, 1, 0) };
  given.map[3] = NaN;
  assert.equal(rankPixels([given]).negatives.length, 2);
  assert.throws(() => rankPixels([{ ...given, looked: new Uint8Array(3) }]), /looked of sample 0 has 3 values/);
});
