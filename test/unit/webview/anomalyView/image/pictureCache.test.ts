import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pictureCache, type Picture } from '../../../../../src/webview/anomalyView/image/picture.ts';

const picture = (megapixels: number): Picture => ({ width: 1000, height: megapixels * 1000, levels: [] });

test('pictures are loaded once, and the ones not asked for in a while let go', async () => {
  const cached = pictureCache();
  const loads: string[] = [];
  const ask = (key: string, megapixels: number) =>
    cached(key, async () => {
      loads.push(key);
      return picture(megapixels);
    });
  await ask('a', 25);
  await ask('b', 25);
  await ask('a', 25);
  await ask('c', 25);
  await ask('a', 25);
  await ask('b', 25);
  assert.deepEqual(loads, ['a', 'b', 'c', 'b']);
});

test('what failed is tried again', async () => {
  const cached = pictureCache();
  await assert.rejects(cached('a', () => Promise.reject(new Error('no'))));
  assert.equal((await cached('a', async () => picture(1))).width, 1000);
});
