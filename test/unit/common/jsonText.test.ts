import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonText } from '../../../src/common/jsonText.ts';

test('an array of numbers takes one line, whatever else is said', () => {
  const value = {
    name: '[\n1,\n2\n]',
    quoted: '[1, 2]',
    rows: [
      [1, -2.5, 1e-7],
      [null, 3],
      [4, null],
    ],
    texts: ['a', 'b'],
    mixed: [1, 'a'],
    none: [],
    one: [7],
  };
  const text = jsonText(value);
  assert.deepEqual(JSON.parse(text), value);
  for (const line of ['    [1, -2.5, 1e-7],', '    [4, null]', '  "one": [7]', '  "quoted": "[1, 2]",'])
    assert.ok(text.split('\n').includes(line), text);
});
