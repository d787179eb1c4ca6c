import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { LabelFormat } from '../../../../src/protocol/inspection.ts';
import { labelFiles } from '../../../../src/runtime/store/labelFiles.ts';
import { importLabels } from '../../../../src/services/labels/labelImport.ts';
import { readLabels } from '../../../../src/services/labels/labelStore.ts';
import { readMaskAt } from '../../../../src/services/labels/maskStore.ts';
import { drawCloth, drawnSide, ports, scratch, watch } from '../support.ts';

/* What other programs write of the images below; each file says that one of them is anomalous. */
const root = scratch();
const using = { ...ports, labelFiles };
const images = ['a.png', 'größe.png', 'sub/b c.png'];
let made = 0;

async function imported(format: LabelFormat, file: string | Uint8Array) {
  const folder = `${root}/${made++}`;
  for (const [at, image] of images.entries()) await drawCloth(`${folder}/${image}`, at);
  const from = `${folder}.${format === 'csv' ? 'csv' : 'json'}`;
  await writeFile(from, file);
  const summary = await importLabels(folder, format, from, '2026-12-01T00:00:00Z', using, watch);
  const { labels } = await readLabels(folder, using, images);
  const area = async (image: string): Promise<number> => {
    const { mask } = labels[image]!;
    const read = mask === undefined ? undefined : await readMaskAt(folder, image, mask, using);
    return read?.mask.reduce((a, b) => a + b, 0) ?? 0;
  };
  const said = Object.values(labels).map(async ({ image, label, defectType }) =>
    [image, label, defectType, await area(image)].join(' '),
  );
  return { said: await Promise.all(said), notes: summary.notes, images: summary.images };
}

const csv = 'image,label,defect\ngröße.png,bad,crack\n';
const wide = (text: string, big: boolean): Buffer => {
  const bytes = Buffer.from(text, 'utf16le');
  return big ? bytes.swap16() : bytes;
};
const tables: readonly [what: string, file: string | Buffer, said?: string][] = [
  ['UTF-8', csv],
  ['UTF-8 with a mark', `\ufeff${csv}`],
  ['UTF-16, little end first', wide(`\ufeff${csv}`, false)],
  ['UTF-16, big end first', wide(`\ufeff${csv}`, true)],
  ['UTF-16 without a mark', wide(csv, false)],
  ['Windows-1252', Buffer.from(csv, 'latin1')],
  ['a separator that is said', `sep=;\r\n${csv.replaceAll(',', ';')}`],
  ['letters composed otherwise', csv.normalize('NFD')],
  ['another case', csv.replace('größe.png', 'Größe.PNG')],
  ['True', csv.replace('bad', 'True')],
  ['1.0', csv.replace('bad', '1.0')],
  ['a defect as the label', 'path,label\ngröße.png,crack\n'],
  ['an encoded address', `image,label,defect\n/data/upload/3/b%20c.png,bad,crack\n`, 'sub/b c.png anomalous crack 0'],
  ['a hash before the name', `image,label,defect\nimages/4f1c2a9b-a.png,bad,crack\n`, 'a.png anomalous crack 0'],
];
for (const [what, file, said = 'größe.png anomalous crack 0'] of tables)
  test(`a table of others: ${what}`, async () => {
    assert.deepEqual(await imported('csv', file), { said: [said], notes: [], images: 1 });
  });

const sample = (fields: object) => JSON.stringify({ samples: [{ filepath: 'data/a.png', ...fields }] });
const box = (label: string, side: number) => ({ _cls: 'Detection', label, bounding_box: [0.25, 0.5, side, side] });
const detections = (...list: object[]) => ({ _cls: 'Detections', detections: list });
const side = drawnSide / 4;
const quarter = [[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]]; // prettier-ignore
const samples: readonly [what: string, file: string, said: string[], notes: RegExp][] = [
  [
    'boxes',
    sample({ ground_truth: detections(box('crack', 0.25)) }),
    [`a.png anomalous crack ${side * side}`],
    /regions that are boxes: 1\. Outlines inside samples are not read/,
  ],
  [
    'any defect wins',
    sample({ boxes: detections(box('ok', 0.5), box('dent', 0.25), box('crack', 0.25)) }),
    [`a.png anomalous crack ${side * side}`],
    /several defect types; "crack" is kept, with the regions of all, not dent/,
  ],
  [
    'polygons',
    `\ufeff${sample({
      ground_truth: { _cls: 'Polylines', polylines: [{ label: 'crack', points: [quarter] }] },
    })}`,
    [`a.png anomalous crack ${(drawnSide / 2) ** 2}`],
    /^$/,
  ],
  ['predictions are no labels', sample({ predictions: detections(box('crack', 0.25)) }), [], /^$/],
];
for (const [what, file, said, notes] of samples)
  test(`FiftyOne: ${what}`, async () => {
    const found = await imported('fiftyone', file);
    assert.deepEqual(found.said, said);
    assert.match(found.notes.join('\n'), notes);
  });

test('a mask that does not fit is named, and the label is taken', async () => {
  const image = { id: 1, file_name: 'a.png', width: 9, height: 9 };
  const annotation = { id: 1, image_id: 1, category_id: 1, segmentation: [[0, 0, 4, 0, 4, 4]] };
  const file = { images: [image], annotations: [annotation], categories: [{ id: 1, name: 'crack' }] };
  const { said, notes } = await imported('coco', JSON.stringify(file));
  assert.deepEqual(said, ['a.png anomalous crack 0']);
  assert.match(notes[0]!, /a\.png is 9×9 there and 80×80 here.* The label is taken without it\./);
});
