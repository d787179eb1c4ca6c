import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../src/dataset/rng.ts';
import { quantile } from '../../../src/metrics/quantile.ts';
import { conformalThreshold, farScores } from '../../../src/verdict/conformal.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => n - i);

// The ⌈(n + 1)(1 − α)⌉-th smallest of 1 … n is that rank.
const cases: { scores: number[]; alpha: number; threshold: number; promised: boolean; rate?: number }[] = [
  { scores: upTo(19), alpha: 0.05, threshold: 19, promised: true },
  { scores: upTo(18), alpha: 0.05, threshold: 18, promised: false, rate: 1 / 19 },
  { scores: upTo(20), alpha: 0.05, threshold: 20, promised: true },
  { scores: upTo(39), alpha: 0.05, threshold: 38, promised: true },
  { scores: upTo(99), alpha: 0.1, threshold: 90, promised: true },
  { scores: upTo(99), alpha: 0.01, threshold: 99, promised: true },
  { scores: upTo(98), alpha: 0.01, threshold: 98, promised: false, rate: 1 / 99 },
  { scores: upTo(9), alpha: 0.3, threshold: 7, promised: true },
  { scores: upTo(9), alpha: 0.9, threshold: 1, promised: true },
  { scores: upTo(9), alpha: 0.95, threshold: 1, promised: true },
  { scores: [5], alpha: 0.5, threshold: 5, promised: true },
  { scores: [5], alpha: 0.05, threshold: 5, promised: false, rate: 0.5 },
  { scores: [-1, -3, -2], alpha: 0.5, threshold: -2, promised: true },
  { scores: [10, 9, 2, 2], alpha: 0.4, threshold: 9, promised: true },
];

for (const { scores, alpha, threshold, promised, rate = alpha } of cases)
  test(`conformal: ${scores.length} scores, rate ${alpha} → ${threshold}, ${promised ? '' : 'not '}promised`, () => {
    assert.deepEqual(conformalThreshold(scores, alpha), { threshold, falseAlarmRate: rate, promised });
    assert.equal(promised, scores.length >= 1 / alpha - 1 - 1e-9);
  });

for (const alpha of [0, 1, -0.1, 1.5, NaN])
  test(`conformal: a rate of ${alpha} is refused`, () =>
    assert.throws(() => conformalThreshold([1, 2], alpha), /false-alarm rate: must lie between 0 and 1/));

test('conformal: no scores, no threshold', () =>
  assert.throws(() => conformalThreshold([], 0.1), /no held-out normal scores/));

for (const [n, alpha] of [
  [19, 0.05],
  [40, 0.1],
  [15, 0.25],
] as const)
  test(`conformal: of new normal images at most ${alpha} alarm, over many draws of ${n} scores`, () => {
    const rng = createRng(n);
    const draws = 4000;
    let alarms = 0;
    for (let i = 0; i < draws; i++) {
      const scores = Float64Array.from({ length: n }, () => rng.normal());
      if (rng.normal() > conformalThreshold(scores, alpha).threshold) alarms++;
    }
    const spread = Math.sqrt((alpha * (1 - alpha)) / draws);
    const rate = alarms / draws;
    assert.ok(rate <= alpha + 3 * spread, `${rate}`);
    // Nor is the promise bought by never alarming: coverage exceeds 1 − α by 1/(n + 1) at most.
    assert.ok(rate >= alpha - 1 / (n + 1) - 3 * spread, `${rate}`);
  });

test('quantile: as NumPy', () => {
  const values = [7, 1, 3, 10];
  const expected: [q: number, value: number][] = [
    [0, 1],
    [0.5, 5],
    [0.25, 2.5],
    [0.9, 9.1],
    [1, 10],
  ];
  for (const [q, value] of expected) assert.ok(Math.abs(quantile(values, q) - value) < 1e-12, `${q}`);
  assert.equal(quantile([4], 0.3), 4);
});

// Of 1 … 9 the quartiles are 3 and 7, the outer fence 7 + 3·4 = 19; of 1 … 9 and 50 they are 3.25
// and 7.75: 21.25; of 1 … 17: 5 and 13: 37.
const nine = upTo(9);
const far: { what: string; scores: number[]; alpha?: number; found?: { at: number[]; threshold: number } }[] = [
  { what: 'on the fence', scores: [19, ...nine] },
  { what: 'beyond the fence', scores: [...nine, 19.5], found: { at: [9], threshold: 9 } },
  { what: 'two of them', scores: [50, ...nine, 60], found: { at: [10, 0], threshold: 9 } },
  { what: 'too few others', scores: [100, ...upTo(8)] },
  { what: 'far, but not the threshold', scores: [1000, ...upTo(18)], alpha: 0.1 },
  {
    what: 'the threshold and one above',
    scores: [500, 1000, ...upTo(17)],
    alpha: 0.1,
    found: { at: [1, 0], threshold: 17 },
  },
  { what: 'all the same', scores: new Array<number>(20).fill(1) },
  { what: 'below zero', scores: [-1, ...nine.map((score) => score - 40)], found: { at: [0], threshold: -31 } },
];
for (const { what, scores, alpha = 0.05, found } of far)
  test(`far scores: ${what}`, () => assert.deepEqual(farScores(scores, alpha), found));

test('far scores: rarely found where there are none', () => {
  const rng = createRng(5);
  const draws = 500;
  const found = Array.from({ length: draws }, () =>
    farScores(
      Float64Array.from({ length: 48 }, () => rng.normal()),
      0.05,
    ),
  ).filter(Boolean);
  assert.ok(found.length <= 0.01 * draws, `${found.length} of ${draws}`);
});
