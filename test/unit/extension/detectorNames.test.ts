import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggestNormalFolder } from '../../../src/extension/features/detectors/detectorNames.ts';

const suggestions: [string, string, Record<string, number>, string][] = [
  [
    'MVTec AD',
    '/w/flange/test/dent/003.jpg',
    { '/w/flange/train/good': 40, '/w/flange/test/good': 10 },
    '/w/flange/train/good',
  ],
  ['an ok folder beside', '/w/parts/ko/1.png', { '/w/parts/ok': 9, '/w/parts/ko': 3 }, '/w/parts/ok'],
  ['inside a good folder', '/w/parts/good/1.png', { '/w/parts/good': 9 }, '/w/parts/good'],
  ['a plain folder', '/w/parts/1.png', { '/w/parts': 12 }, '/w/parts'],
  ['not above the workspace', '/w/parts/1.png', { '/train': 99, '/w/parts': 2 }, '/w/parts'],
];
for (const [name, image, folders, expected] of suggestions) {
  test(`normal images are suggested: ${name}`, async () => {
    const found = await suggestNormalFolder(image, '/w', async (folder) => folders[folder] ?? 0);
    assert.deepEqual(found, { folder: expected, images: folders[expected] });
  });
}
