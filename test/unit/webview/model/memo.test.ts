import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memo } from '../../../../src/webview/model/memo.ts';

test('the same arguments in a row give the same result, NaN included', () => {
  let calls = 0;
  const make = memo((a: number, b?: object) => ({ a, b, call: ++calls }));
  const b = {};
  assert.equal(make(NaN, b), make(NaN, b));
  make(1, b);
  make(1, { ...b });
  assert.equal(make(NaN, b).call, 4);
});
