import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkConfig,
  defaultConfig,
  defaultStudent,
  inputShape,
  inputSizeFor,
  withStudent,
} from '../../../src/nferd/config.ts';

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
  'a context without weights': [
    { ...defaultConfig, map: { ...defaultConfig.map, context: { viewWeights: [1], sigma: 4 } } },
    /the context's viewWeights has no weight of at least 0 for view 1\/2/,
  ],
  'no views': [{ ...defaultConfig, views: [] }, /no views/],
  'a view that does not fit': [{ ...defaultConfig, inputSize: 160 }, /size 160 with a view of 1\/2 .*multiples of 32/],
  'a side that does not fit': [
    { ...defaultConfig, inputSize: [256, 600] },
    /size 600x256 with a view of 1\/1 gives 600/,
  ],
  'three sides': [{ ...defaultConfig, inputSize: [256, 640, 3] as never }, /must be one number, or height and width/],
  'a side of nothing': [{ ...defaultConfig, inputSize: [256, 0] }, /gives 0 pixels/],
} as const;

for (const [what, [config, message]] of Object.entries(faults))
  test(`refused: ${what}`, () => assert.throws(() => checkConfig(config), message));

test('the input follows the shape of the images, in steps that the views allow, and never beyond it', () => {
  const sizes = [1, 1.33, 1.45, 1.5, 0.4, 2.5, 2.49, 9, 500, 1 / 500].map((aspect) =>
    inputSizeFor(aspect, 256, [1, 2, 4]),
  );
  assert.deepEqual(sizes, [
    256,
    256,
    256,
    [256, 384],
    [640, 256],
    [256, 640],
    [256, 640],
    [256, 2048],
    [256, 2048],
    [2048, 256],
  ]);
  for (const inputSize of sizes) checkConfig({ ...defaultConfig, inputSize });
  assert.equal(inputSizeFor(2, 100, [1, 2, 4]), 100, 'refused as it is');
  assert.deepEqual(inputShape({ inputSize: [256, 640] }), { width: 640, height: 256 });
});
