import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectiveThresholds, isAnomalous, type ThresholdSettings } from '../../../src/protocol/thresholds.ts';

const detector = {
  thresholds: { image: 1.5, pixel: 1.2, falseAlarmRate: 0.05, promised: true },
  calibrationScores: Array.from({ length: 19 }, (_, i) => (i + 1) / 10),
  calibrationPeaks: Array.from({ length: 19 }, (_, i) => 2 + (i + 1) / 10),
};
const unset: ThresholdSettings = { image: null, pixel: null, falseAlarmRate: null };

const cases: [string, Partial<ThresholdSettings>, object][] = [
  ['as calibrated', {}, { image: { value: 1.5, origin: 'calibrated' }, pixel: { value: 1.2, origin: 'calibrated' } }],
  [
    'set by hand',
    { image: 2, pixel: 0 },
    { image: { value: 2, origin: 'settings' }, pixel: { value: 0, origin: 'settings' } },
  ],
  [
    'another rate',
    { falseAlarmRate: 0.1 },
    { image: { value: 1.8, origin: 'calibrated' }, pixel: { value: 3.8, origin: 'calibrated' }, promised: true },
  ],
  [
    'a rate that 19 scores cannot promise',
    { falseAlarmRate: 0.01 },
    { image: { value: 1.9, origin: 'calibrated' }, promised: false, falseAlarmRate: 0.05 },
  ],
  [
    'the rate moves only what is calibrated',
    { image: 3, falseAlarmRate: 0.1 },
    { image: { value: 3, origin: 'settings' }, calibrated: { image: 1.8, pixel: 3.8 } },
  ],
];
for (const [name, settings, expected] of cases) {
  test(`thresholds: ${name}`, () => {
    const found = effectiveThresholds(detector, { ...unset, ...settings });
    assert.deepEqual({ ...found, ...expected }, found);
  });
}

test('without calibration scores the stored threshold stands', () => {
  const bare = { ...detector, calibrationScores: [] };
  assert.equal(effectiveThresholds(bare, { ...unset, falseAlarmRate: 0.2 }).image.value, 1.5);
});

test('a score on the threshold is normal', () => {
  assert.deepEqual(
    [1.5, 1.50001].map((score) => isAnomalous(score, 1.5)),
    [false, true],
  );
});

test('what is no number has no verdict', () => {
  assert.throws(() => isAnomalous(NaN, 1.5), /no verdict/);
  assert.throws(() => isAnomalous(1.5, NaN), /no verdict/);
});
