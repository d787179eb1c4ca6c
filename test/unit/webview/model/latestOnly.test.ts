import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latestOnly } from '../../../../src/webview/model/latestOnly.ts';

test('of calls that come while one runs only the latest follows', async () => {
  const seen: number[] = [];
  const call = latestOnly(async (value: number) => {
    seen.push(value);
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
  for (const value of [1, 2, 3, 4]) call(value);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual(seen, [1, 4]);
});
