import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig, defaultConfig, defaultStudent, withStudent } from '../../../src/nferd/config.ts';

test('the default configurations are sound', () => {
  checkConfig(defaultConfig);
  checkConfig(withStudent(defaultConfig, defaultStudent));
  checkConfig({ ...defaultConfig, views: [1] });
});

const weights = (...viewWeights: number[]) => ({ ...defaultConfig, map: { ...defaultConfig.map, viewWeights } });
const faults = {
  'a weight too few': [
    weights(1, 1),
    /viewWeights has no weight of at least 0 for view 1\/4 \(2 for 3 views\); give one/,
  ],
  'no weights': [weights(), /for view 1\/1 \(0 for 3 views\)/],
  'a weight that is no number': [weights(1, NaN, 1), /for view 1\/2/],
  'a negative weight': [weights(1, 1, -1), /for view 1\/4/],
  'no views': [{ ...defaultConfig, views: [] }, /no views/],
  'a view that does not fit': [{ ...defaultConfig, inputSize: 160 }, /size 160 with a view of 1\/2 .*multiples of 32/],
} as const;

for (const [what, [config, message]] of Object.entries(faults))
  test(`refused: ${what}`, () => assert.throws(() => checkConfig(config), message));
