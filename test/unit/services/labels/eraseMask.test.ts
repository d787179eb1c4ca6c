import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importLabels } from '../../../../src/services/labels/labelImport.ts';
import { appendLabels, readLabels } from '../../../../src/services/labels/labelStore.ts';
import { readMaskAt, writeMask } from '../../../../src/services/labels/maskStore.ts';
import { Cancelled } from '../../../../src/services/ports/progress.ts';
import { createLabels } from '../../../../src/worker/labels.ts';
import { drawImage, ports, rectangle, scratch, size } from './support.ts';

const at = '2024-11-24T12:00:00.000Z';
const nothing = rectangle(0, 0, 0, 0);
const png = (file: string, mask: Uint8Array) =>
  ports.images.writePng(file, { ...size, channels: 1, data: mask.map((value) => 255 * value) });

test("a dataset's own mask can be erased; where there is none to erase, an empty mask is no file", async () => {
  const folder = scratch();
  for (const image of ['train/good/0.png', 'test/good/0.png', 'test/crack/0.png'])
    await drawImage(`${folder}/${image}`, 1);
  await png(`${folder}/ground_truth/crack/0_mask.png`, rectangle(1, 1, 3, 3));
  const labels = createLabels(() => undefined) as unknown as {
    writeMask(request: object): Promise<string | undefined>;
    readMask(request: object): Promise<{ mask: Uint8Array } | undefined>;
  };
  const place = { folder, image: 'test/crack/0.png' };
  assert.ok((await labels.readMask(place))!.mask.includes(1));
  const mask = await labels.writeMask({ ...place, ...size, mask: nothing });
  await appendLabels(folder, [{ image: place.image, label: 'anomalous', mask: mask!, at }], ports);
  assert.deepEqual((await labels.readMask(place))!.mask, nothing);
  assert.equal(await labels.writeMask({ folder, image: 'test/good/0.png', ...size, mask: nothing }), undefined);
  await appendLabels(folder, [{ image: place.image, label: 'normal', at }], ports);
  assert.equal(await labels.writeMask({ ...place, ...size, mask: nothing }), undefined, 'a normal image shows none');
});

test('an import that is cancelled leaves drawn masks and labels as they are', async () => {
  const place = scratch();
  const [folder, mask] = [`${place}/set`, rectangle(1, 1, 2, 2)];
  await drawImage(`${folder}/a.png`, 1);
  const path = await writeMask(folder, 'a.png', { ...size, mask }, ports);
  await appendLabels(folder, [{ image: 'a.png', label: 'anomalous', mask: path, at }], ports);
  await png(`${place}/m.png`, rectangle(0, 0, 5, 5));
  await ports.files.write(`${place}/l.csv`, 'image,label,mask\na.png,anomalous,m.png\nb.png,anomalous,\n');
  const before = await readLabels(folder, ports);
  const stop = new AbortController();
  const onProgress = ({ done }: { done?: number }) => (done ?? 0) > 0 && stop.abort();
  const watch = { clock: () => performance.now(), signal: stop.signal, onProgress };
  const importing = importLabels(folder, 'csv', `${place}/l.csv`, at, ports, watch as never);
  await assert.rejects(importing, Cancelled);
  assert.deepEqual(await readLabels(folder, ports), before);
  assert.deepEqual((await readMaskAt(folder, 'a.png', path, ports)).mask, mask);
});
