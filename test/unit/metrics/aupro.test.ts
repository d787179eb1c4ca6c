import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aupro, mergeRegions, proCurve, rankedAupro, rankRegions } from '../../../src/metrics/aupro.ts';
import { pixelAuroc, rankedAuroc } from '../../../src/metrics/auroc.ts';
import { assertAllClose, assertClose, pixelCases, random, sample } from './support.ts';

test('AUPRO and its curve equal the reference implementation', () => {
  for (const { name, samples, aupro: expected, pro } of pixelCases()) {
    for (const [limit, value] of expected) assertClose(aupro(samples, limit), value, `${name}, limit ${limit}`);
    if (pro) {
      const curve = proCurve(samples, 0);
      assertAllClose(curve.falsePositiveRate, pro[0], `${name}: false-positive rate`);
      assertAllClose(curve.overlap, pro[1], `${name}: overlap`);
    }
  }
});

const hand: [string, number, ReturnType<typeof sample>[]][] = [
  // Region found before any normal pixel: overlap 1 everywhere.
  ['perfect', 1, [sample(['19', '11'], ['01', '00'])]],
  // Every normal pixel comes first: overlap 0 until FPR 1.
  ['inverted', 0, [sample(['91', '99'], ['01', '00'])]],
  // One score: the straight line from (0, 0) to (1, 1); its area to 0.3 is 0.045.
  ['all equal', 0.15, [sample(['55', '55'], ['01', '00'])]],
  // Two regions, 1 pixel (found) and 4 pixels (never before FPR 1): the mean over regions is ½, not
  // 1/5 over pixels.
  ['regions weigh the same', 0.5, [sample(['900000', '553322'], ['100011', '000011'])]],
  // Diagonal pixels are one region of two: half found → ½.
  ['corners touch', 0.5, [sample(['955', '505', '555'], ['100', '010', '000'])]],
  // Normal image first: its one high pixel of 8 normal pixels is FPR 1/8, reached before the
  // defect. Points (0,0), (1/8, 0), (1/8, 1): area 0.3 − 1/8.
  ['normal images count', (0.3 - 1 / 8) / 0.3, [sample(['9000']), sample(['70000'], ['10000'])]],
  // 2 normal pixels: (0,0), (0,½), then one normal and the other half of the region tie: (½,1),
  // (1,1). To 0.3: ½ → 0.8, mean 0.65.
  ['interpolated at the limit', 0.65, [sample(['9550'], ['1100'])]],
];

test('hand-made cases', () => {
  for (const [name, expected, samples] of hand) assertClose(aupro(samples), expected, name);
});

test('invariant under a monotone transform, order of images and splitting them up', () => {
  const next = random(5);
  const samples = Array.from({ length: 4 }, (_, k) => {
    const mask = Uint8Array.from({ length: 12 * 9 }, () => (k > 0 && next() < 0.1 ? 1 : 0));
    const map = Float32Array.from(mask, (label) => Math.floor(next() * 40 + label * 15) / 64);
    return { map, mask: k ? mask : undefined, width: 12, height: 9 };
  });
  const value = aupro(samples);
  assert.ok(value > 0.2 && value < 0.9, `${value}`);
  const bent = samples.map((one) => ({ ...one, map: one.map.map((score) => 2 ** (score * 20) - 7) }));
  assertClose(aupro(bent), value, 'monotone');
  assertClose(aupro([...samples].reverse()), value, 'order');
  const area = proCurve(samples, 0);
  assert.equal(area.falsePositiveRate.at(-1), 1);
  assertClose(area.overlap.at(-1)!, 1, 'ends at 1');
});

test('rounding never gives more than 1', () => {
  for (let area = 2; area < 200; area++) {
    const mask = Uint8Array.from({ length: area + 1 }, (_, i) => +(i < area));
    const perfect = { map: Float32Array.from(mask, (label, i) => label * (2 + i)), mask, width: area + 1, height: 1 };
    const value = aupro([perfect]);
    assert.ok(value <= 1 && value > 1 - 1e-12, `${area}: ${value}`);
    assert.ok(proCurve([perfect], 0).overlap.every((overlap) => overlap <= 1));
  }
});

test('test sets sorted apart and merged give what they give together', () => {
  const next = random(9);
  // Few levels: many ties across the sets.
  const samples = Array.from({ length: 6 }, (_, k) => {
    const mask = Uint8Array.from({ length: 10 * 8 }, () => +(next() < 0.15));
    const map = Float32Array.from(mask, (label) => Math.floor(next() * 12 + label * 4) / 8);
    return { map, mask: k % 3 ? mask : undefined, width: 10, height: 8 };
  });
  for (const cut of [0, 1, 3, 6]) {
    const merged = mergeRegions(rankRegions(samples.slice(0, cut)), rankRegions(samples.slice(cut)));
    assertClose(rankedAupro(merged), aupro(samples), `AUPRO, cut at ${cut}`, 1e-12);
    assert.equal(rankedAuroc(merged.ranking), pixelAuroc(samples), `AUROC, cut at ${cut}`);
  }
});

test('what is undefined or damaged is refused', () => {
  const good = sample(['19'], ['01']);
  const cases: [RegExp, () => unknown][] = [
    [/AUPRO needs at least one anomalous/, () => aupro([sample(['19']), sample(['19'], ['00'])])],
    [/AUPRO needs at least one anomalous/, () => aupro([])],
    [/AUPRO needs at least one normal/, () => aupro([sample(['19'], ['11'])])],
    [/limit of AUPRO is 0/, () => aupro([good], 0)],
    [/limit of AUPRO is NaN/, () => aupro([good], NaN)],
    [/mask of sample 1 has 3 values, expected 2 × 1/, () => aupro([good, { ...good, mask: new Uint8Array(3) }])],
    [/Pixel 0 of anomaly map 1 is NaN/, () => aupro([good, sample(['x1'])])],
  ];
  for (const [message, call] of cases) assert.throws(call, message);
});
