import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberIn } from '../../../../../src/webview/datasetView/filters/numberIn.ts';

test('numbers with a point or a comma; nothing else', () => {
  assert.deepEqual([' 1.5', '0,25', '-2', '', ' ', 'abc', '1,2,3', 'Infinity'].map(numberIn), [
    1.5,
    0.25,
    -2,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
