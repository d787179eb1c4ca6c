import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings, settings, type SettingId } from '../../../src/extension/config.ts';

const t = (text: string, ...values: (string | number)[]) =>
  text.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)]));

const read = (given: Partial<Record<SettingId, unknown>>) => readSettings((id) => given[id], t);

test('nothing set gives the defaults, without a warning', () => {
  const { values, warnings } = read({});
  assert.deepEqual(warnings, []);
  for (const [id, { default: expected }] of Object.entries(settings)) assert.equal(values[id as SettingId], expected);
});

test('the defaults and null where it means "as calibrated" are fine by their own rules', () => {
  for (const setting of Object.values(settings)) assert.equal(setting.fault(setting.default), undefined);
});

const good: [SettingId, unknown][] = [
  ['nferd.threshold.image', 0],
  ['nferd.threshold.image', 1000],
  ['nferd.threshold.pixel', null],
  ['nferd.threshold.falseAlarmRate', 0.05],
  ['nferd.rules.smallestArea', 12.5],
  ['nferd.rules.mostRegions', 0],
  ['nferd.rules.mostRegions', null],
  ['nferd.rules.largestTotalArea', 400],
  ['nferd.executionProvider', 'webgpu'],
  ['nferd.inference.threads', 4],
  ['nferd.training.precision', 'float16'],
  ['nferd.training.roi', 'masks/roi.png'],
  ['nferd.viewer.contour', false],
  ['nferd.viewer.layout', 'flicker'],
];
for (const [id, value] of good) {
  test(`${id}: ${JSON.stringify(value)} is taken`, () => {
    const { values, warnings } = read({ [id]: value });
    assert.deepEqual([values[id], warnings], [value, []]);
  });
}

const bad: [SettingId, unknown, string][] = [
  [
    'nferd.threshold.image',
    'high',
    'must be a number from 0 to 1000, or null, not "high"; the calibrated value is used.',
  ],
  ['nferd.threshold.image', -1, 'must be a number from 0 to 1000, or null, not -1; the calibrated value is used.'],
  [
    'nferd.threshold.pixel',
    1e9,
    'must be a number from 0 to 1000, or null, not 1000000000; the calibrated value is used.',
  ],
  [
    'nferd.threshold.pixel',
    Number.NaN,
    'must be a number from 0 to 1000, or null, not null; the calibrated value is used.',
  ],
  [
    'nferd.threshold.falseAlarmRate',
    0.9,
    'must be a number from 0.0001 to 0.5, or null, not 0.9; the calibrated value is used.',
  ],
  ['nferd.rules.smallestArea', -1, 'must be a number from 0 to 1000000000, not -1; 0 is used.'],
  ['nferd.rules.mostRegions', 1.5, 'must be a whole number from 0 to 1000000, or null, not 1.5; the rule is off.'],
  [
    'nferd.rules.largestTotalArea',
    'big',
    'must be a number from 0 to 1000000000000, or null, not "big"; the rule is off.',
  ],
  ['nferd.inference.threads', 1.5, 'must be a whole number from 0 to 256, not 1.5; 0 is used.'],
  [
    'nferd.executionProvider',
    'gpu',
    'must be one of auto, cpu, cuda, directml, coreml, webgpu, not "gpu"; "auto" is used.',
  ],
  ['nferd.training.roi', null, 'must be a text, not null; "" is used.'],
  ['nferd.training.precision', 16, 'must be one of float32, float16, auto, not 16; "float32" is used.'],
  ['nferd.viewer.contour', 'yes', 'must be true or false, not "yes"; true is used.'],
  ['nferd.viewer.opacity', null, 'must be a number from 0 to 1, not null; 0.6 is used.'],
  ['nferd.detector', ['a'], 'must be a text, not ["a"]; "" is used.'],
];
for (const [id, value, message] of bad) {
  test(`${id}: ${JSON.stringify(value)} is refused in one line and replaced`, () => {
    const { values, warnings } = read({ [id]: value });
    assert.deepEqual([values[id], warnings], [settings[id].default, [`${id}: ${message}`]]);
  });
}
