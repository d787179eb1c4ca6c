import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfig } from '../../../../src/nferd/config.ts';
import { fitInput } from '../../../../src/services/train/fitInput.ts';
import type { ImageFile, Images, Size } from '../../../../src/services/ports/disk.ts';

/** Images that have a size and nothing else. */
const imagesOf = (sizes: readonly Size[]): Pick<Images, 'open'> => ({
  open: (path) => Promise.resolve({ size: sizes[Number(path)]! } as ImageFile),
});

async function fitted(sizes: readonly Size[], wishes = {}) {
  const { config, notes } = await fitInput(
    defaultConfig,
    sizes.map((_, at) => `${at}`),
    wishes,
    imagesOf(sizes),
  );
  return { size: config.inputSize, views: config.views.length, context: config.map.context !== undefined, notes };
}

const large = Array<Size>(5).fill({ width: 2048, height: 2048 });

test('large images are looked at at half their scale, with the usual views as context', async () => {
  assert.deepEqual(await fitted(large), { size: 1024, views: 5, context: true, notes: [] });
  const wide = Array<Size>(3).fill({ width: 2048, height: 1536 });
  assert.deepEqual(await fitted(wide), { size: [768, 1024], views: 4, context: true, notes: [] });
});

test('a wish decides alone', async () => {
  assert.deepEqual(await fitted(large, { smallestDefect: 20 }), { size: 768, views: 4, context: false, notes: [] });
  assert.equal((await fitted(large, { size: 512 })).size, 512);
});

test('defects that are too small to be seen are named', async () => {
  const huge = Array<Size>(3).fill({ width: 8192, height: 8192 });
  const [note] = (await fitted(huge)).notes;
  assert.equal(
    note,
    'images of 8192 × 8192 pixels are looked at at 1024 × 1024: defects of less than 48 pixels may be missed. ' +
      'Cut the images into parts to find smaller ones.',
  );
  assert.match((await fitted(large, { smallestDefect: 5 })).notes[0]!, /defects of less than 12 pixels may be missed/);
  assert.deepEqual((await fitted(huge, { smallestDefect: 60 })).notes, []);
});
