import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendLabels } from '../../../../src/services/labels/labelStore.ts';
import { maskOf, readMaskAt, writeMask } from '../../../../src/services/labels/maskStore.ts';
import { drawImage, ports, rectangle, scratch, size } from './support.ts';

test('a mask comes back as it was drawn', async () => {
  const folder = scratch();
  await drawImage(`${folder}/a/b.png`, 1);
  const mask = rectangle(2, 1, 5, 4);
  const path = await writeMask(folder, 'a/b.png', { ...size, mask }, ports);
  assert.match(path, /^\.nferd\/masks\/a\/b\.png\.[0-9a-f]{8}\.png$/);
  assert.deepEqual(await readMaskAt(folder, 'a/b.png', path, ports), { ...size, mask });
  // What is drawn later, or by an import that is cancelled, leaves it as it is.
  const later = await writeMask(folder, 'a/b.png', { ...size, mask: rectangle(0, 0, 1, 1) }, ports);
  assert.notEqual(later, path);
  assert.deepEqual((await readMaskAt(folder, 'a/b.png', path, ports)).mask, mask);
  assert.equal(await writeMask(folder, 'a/b.png', { ...size, mask }, ports), path);
});

test('a mask goes beside the label file nearest to its image', async () => {
  const folder = scratch();
  await appendLabels(`${folder}/a`, [{ image: 'b.png', label: 'normal', at: '' }], ports);
  const path = await writeMask(folder, 'a/b.png', { ...size, mask: rectangle(0, 0, 1, 1) }, ports);
  assert.match(path, /^a\/\.nferd\/masks\/b\.png\.[0-9a-f]{8}\.png$/);
});

test('an empty mask is one: it says that nothing is defective', async () => {
  const folder = scratch();
  await drawImage(`${folder}/a.png`, 1);
  const mask = new Uint8Array(size.width * size.height);
  const path = await writeMask(folder, 'a.png', { ...size, mask }, ports);
  assert.deepEqual(await readMaskAt(folder, 'a.png', path, ports), { ...size, mask });
});

test('a mask that does not fit its own size is refused', async () => {
  await assert.rejects(
    writeMask(scratch(), 'a.png', { width: 3, height: 3, mask: new Uint8Array(8) }, ports),
    /a\.png/,
  );
});

test('a mask of another size than its image is named and stretched by nearest neighbour', async () => {
  const folder = scratch();
  await drawImage(`${folder}/a.png`, 1);
  const data = Uint8Array.from([0, 255, 0, 0, 0, 0]);
  await ports.images.writePng(`${folder}/half.png`, { width: 3, height: 2, channels: 1, data });
  const { mask, note, ...rest } = await readMaskAt(folder, 'a.png', 'half.png', ports);
  assert.deepEqual(rest, size);
  assert.deepEqual(mask, rectangle(4, 0, 4, 4));
  assert.equal(note, 'half.png: 3×2, its image a.png 12×8. Stretched to fit.');
});

test("the user's mask counts, then the dataset's, unless the user called the image something else", () => {
  const item = { maskPath: 'gt.png' };
  assert.equal(maskOf(undefined, item), 'gt.png');
  assert.equal(maskOf({ label: 'anomalous' }, item), 'gt.png');
  assert.equal(maskOf({ label: 'anomalous', mask: 'own.png' }, item), 'own.png');
  assert.equal(maskOf({ label: 'normal' }, item), undefined);
  assert.equal(maskOf({ label: 'normal', mask: 'own.png' }, item), undefined);
  assert.equal(maskOf({ label: 'unsure', mask: 'own.png' }, item), 'own.png');
  assert.equal(maskOf(undefined, undefined), undefined);
});
