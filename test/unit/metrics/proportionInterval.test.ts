import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incompleteBeta, inverseIncompleteBeta } from '../../../src/metrics/incompleteBeta.ts';
import { clopperPearsonInterval, wilsonInterval } from '../../../src/metrics/proportionInterval.ts';
import { assertClose, fixture } from './support.ts';

test('intervals equal SciPy', () => {
  for (const [k, n, confidence, ...ends] of fixture<[number, number, number, number, number, number, number][]>(
    'intervals',
  )) {
    const name = `${k} of ${n} at ${confidence}`;
    const wilson = wilsonInterval(k, n, confidence);
    const exact = clopperPearsonInterval(k, n, confidence);
    [wilson.low, wilson.high, exact.low, exact.high].forEach((end, i) =>
      assertClose(end, ends[i]!, `${name}, end ${i}`),
    );
  }
});

test('hand-made: no false alarm among n', () => {
  for (const n of [1, 10, 41, 5000]) {
    assert.equal(clopperPearsonInterval(0, n).low, 0);
    assertClose(clopperPearsonInterval(0, n).high, 1 - 0.025 ** (1 / n), `0 of ${n}`, 1e-13);
    assert.equal(clopperPearsonInterval(n, n).high, 1);
    assert.equal(wilsonInterval(0, n).low, 0);
    assert.equal(wilsonInterval(n, n).high, 1);
  }
});

test('intervals mirror, nest and hold the rate', () => {
  for (const interval of [wilsonInterval, clopperPearsonInterval]) {
    for (let k = 0; k <= 23; k++) {
      const { low, high } = interval(k, 23);
      const mirrored = interval(23 - k, 23);
      assertClose(mirrored.low, 1 - high, 'mirrored', 1e-15);
      assert.ok(low <= k / 23 && k / 23 <= high);
      const wider = interval(k, 23, 0.99);
      assert.ok(wider.low <= low && high <= wider.high);
    }
  }
});

test('the incomplete beta function: closed forms, symmetry, inverse', () => {
  for (const x of [1e-9, 0.1, 0.5, 0.77, 0.999]) {
    assertClose(incompleteBeta(x, 1, 1), x, 'uniform', 1e-14);
    assertClose(incompleteBeta(x, 3, 1), x ** 3, 'power', 1e-14);
    assertClose(incompleteBeta(x, 0.5, 0.5), (2 / Math.PI) * Math.asin(Math.sqrt(x)), 'arcsine', 1e-14);
  }
  for (const x of [2 ** -30, 0.125, 0.5, 0.8125]) {
    // 1 − x is exact
    for (const [a, b] of [
      [0.3, 7],
      [40, 2],
      [300, 500],
    ] as const) {
      assertClose(incompleteBeta(x, a, b) + incompleteBeta(1 - x, b, a), 1, 'symmetry', 1e-12);
    }
  }
  for (const p of [1e-6, 0.025, 0.5, 0.975]) {
    assertClose(incompleteBeta(inverseIncompleteBeta(p, 12, 30), 12, 30), p, 'inverse', 1e-12);
  }
});

test('nonsense is refused', () => {
  for (const [k, n, confidence] of [
    [0, 0, 0.95],
    [-1, 5, 0.95],
    [6, 5, 0.95],
    [1.5, 5, 0.95],
    [1, NaN, 0.95],
    [1, 5, 0],
    [1, 5, 1],
    [1, 5, 95],
  ] as const) {
    assert.throws(() => wilsonInterval(k, n, confidence), /interval/);
    assert.throws(() => clopperPearsonInterval(k, n, confidence), /interval/);
  }
});
