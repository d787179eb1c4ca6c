import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fiftyonePaths } from '../../../../src/dataset/formats/fiftyone.ts';
import { recogniseDataset } from '../../../../src/dataset/recogniseDataset.ts';
import type { LabelLine, UserLabel } from '../../../../src/dataset/labels.ts';
import { labelFormats, type LabelFormat } from '../../../../src/protocol/inspection.ts';
import { UserError } from '../../../../src/services/ports/errors.ts';
import { exportLabels, mvtecTable } from '../../../../src/services/labels/labelExport.ts';
import { importLabels } from '../../../../src/services/labels/labelImport.ts';
import { knownImages } from '../../../../src/services/labels/labelKnown.ts';
import { appendLabels, labelFileOf, readLabels } from '../../../../src/services/labels/labelStore.ts';
import { readMaskAt, writeMask } from '../../../../src/services/labels/maskStore.ts';
import { drawImage, ports, rectangle, scratch, size } from './support.ts';

const now = '2024-11-24T12:00:00.000Z';
const watch = { clock: () => 0 };
const outOf = (format: LabelFormat): string => `out${{ csv: '.csv', coco: '.json', mvtec: '', fiftyone: '' }[format]}`;

interface Said {
  readonly label: UserLabel;
  readonly defectType?: string;
  readonly mask?: Uint8Array;
}

/** What the user says, in folders that say something themselves and in one that says nothing. */
const folders: Record<string, { readonly images: readonly string[]; readonly says: Record<string, Said> }> = {
  'laid out like MVTec AD': {
    images: [
      'train/good/0.png',
      'train/good/1.png',
      'test/good/0.png',
      'test/good/1.png',
      'test/crack/0.png',
      'test/crack/1.png',
      'test/dent/0.png',
      'ground_truth/crack/0_mask.png',
      'ground_truth/crack/1_mask.png',
    ],
    says: {
      // Says what the folder says: a false positive.
      'test/good/0.png': { label: 'normal' },
      'test/good/1.png': { label: 'anomalous', defectType: 'odd/"one", 日本', mask: rectangle(1, 1, 3, 2) },
      'test/crack/1.png': { label: 'anomalous', defectType: 'crack', mask: rectangle(0, 0, 12, 8) },
      // The dataset's mask erased.
      'test/crack/0.png': { label: 'anomalous', defectType: 'crack', mask: rectangle(0, 0, 0, 0) },
      'test/dent/0.png': { label: 'unsure' },
      'train/good/1.png': { label: 'excluded' },
    },
  },
  'without any order': {
    images: ['a.png', 'b/a.png', 'b/ü, "x".png', 'c/a.png', 'c/A b.png', 'd.png', 'e.png'],
    says: {
      'a.png': { label: 'normal' },
      'b/a.png': { label: 'anomalous', defectType: 'crack', mask: rectangle(2, 3, 4, 5) },
      'b/ü, "x".png': { label: 'anomalous', mask: rectangle(0, 0, 1, 1) },
      'c/a.png': { label: 'anomalous', defectType: 'Crack' },
      'c/A b.png': { label: 'unsure' },
      'd.png': { label: 'excluded' },
    },
  },
};

async function draw(folder: string, images: readonly string[]): Promise<void> {
  for (const [seed, image] of images.entries())
    if (!image.includes('ground_truth')) await drawImage(`${folder}/${image}`, seed);
    else {
      const data = rectangle(3, 2, 4, 3).map((value) => 255 * value);
      await ports.images.writePng(`${folder}/${image}`, { ...size, channels: 1, data });
    }
}

async function say(folder: string, says: Record<string, Said>): Promise<void> {
  const lines: LabelLine[] = [];
  for (const [image, { mask, ...said }] of Object.entries(says)) {
    const at = mask && (await writeMask(folder, image, { ...size, mask }, ports));
    lines.push({ image, ...said, ...(at && { mask: at }), at: now });
  }
  await appendLabels(folder, lines, ports);
}

/** All that is known of every image, masks as pixels. */
async function everything(folder: string) {
  const { images } = await knownImages(folder, ports);
  return Promise.all(
    images.map(async ({ image, label, defectType, by, mask }) => ({
      image,
      label,
      defectType,
      by,
      mask: mask && [...(await readMaskAt(folder, image, mask, ports)).mask].join(''),
    })),
  );
}

for (const [what, { images, says }] of Object.entries(folders))
  for (const format of labelFormats)
    test(`${format}: a folder ${what}, exported and imported into a fresh copy: nothing is lost`, async () => {
      const place = scratch();
      const [folder, fresh, out] = [`${place}/set`, `${place}/fresh`, `${place}/${outOf(format)}`];
      await draw(folder, images);
      cpSync(folder, fresh, { recursive: true });
      await say(folder, says);
      const before = await everything(folder);
      const exported = await exportLabels(folder, format, out, now, ports, watch);
      assert.equal(exported.images, before.length);
      assert.equal(exported.masks, before.filter(({ mask }) => mask?.includes('1')).length);
      const imported = await importLabels(fresh, format, out, now, ports, watch);
      assert.deepEqual(imported.notes, []);
      assert.deepEqual(await everything(fresh), before);
      assert.deepEqual((await readLabels(fresh, ports)).labels, (await readLabels(folder, ports)).labels);
      // Imported again, and into the folder it came from: no line is added.
      for (const same of [fresh, folder]) {
        const text = readFileSync(labelFileOf(same), 'utf8');
        await importLabels(same, format, out, now, ports, watch);
        assert.equal(readFileSync(labelFileOf(same), 'utf8'), text);
      }
      // Our own export may be written over.
      await exportLabels(folder, format, out, now, ports, watch);
    });

test('an exported MVTec folder is one, its images are the same files', async () => {
  const place = scratch();
  const { images, says } = folders['laid out like MVTec AD']!;
  await draw(`${place}/set`, images);
  await say(`${place}/set`, says);
  await exportLabels(`${place}/set`, 'mvtec', `${place}/out`, now, ports, watch);
  const { paths } = await ports.files.list(`${place}/out`);
  assert.deepEqual(
    paths.filter((name) => name.endsWith('.png')),
    [
      'excluded/1.png',
      'ground_truth/crack/0_mask.png',
      'ground_truth/crack/1_mask.png',
      'ground_truth/odd__one_, 日本/1_mask.png',
      'test/crack/0.png',
      'test/crack/1.png',
      'test/good/0.png',
      'test/odd__one_, 日本/1.png',
      'train/good/0.png',
      'unsure/0.png',
    ],
  );
  const { layout, items } = recogniseDataset(paths);
  assert.equal(layout, 'mvtec-ad');
  assert.equal(items.filter(({ maskPath }) => maskPath).length, 3);
  const inode = (file: string) => statSync(path.join(place, file)).ino;
  assert.equal(inode('out/test/crack/0.png'), inode('set/test/crack/0.png'));
});

test('an image moved in an exported MVTec folder is what its new folder says', async () => {
  const place = scratch();
  await draw(`${place}/set`, ['a.png', 'b.png', 'c.png']);
  await say(`${place}/set`, { 'a.png': { label: 'normal' }, 'b.png': { label: 'normal' } });
  await exportLabels(`${place}/set`, 'mvtec', `${place}/out`, now, ports, watch);
  mkdirSync(`${place}/out/test/scratch`, { recursive: true });
  const file = ['train/good', 'test/good'].find((at) => existsSync(`${place}/out/${at}/b.png`))!;
  renameSync(`${place}/out/${file}/b.png`, `${place}/out/test/scratch/b.png`);
  await importLabels(`${place}/set`, 'mvtec', `${place}/out`, now, ports, watch);
  const { labels } = await readLabels(`${place}/set`, ports);
  assert.deepEqual(labels['b.png'], { image: 'b.png', label: 'anomalous', defectType: 'scratch', at: now });
});

test("another program's MVTec folder: what the folder knows already is not said again", async () => {
  const place = scratch();
  await draw(`${place}/set`, ['a.png', 'b.png', 'c.png']);
  await draw(`${place}/other`, ['train/good/a.png', 'test/crack/b.png', 'test/good/z.png']);
  const found = await importLabels(`${place}/set`, 'mvtec', `${place}/other`, now, ports, watch);
  assert.equal(found.images, 2);
  assert.match(found.notes[0]!, /test\/good\/z\.png: is no image of .*set; left out\./);
  const { labels } = await readLabels(`${place}/set`, ports);
  assert.deepEqual(labels, {
    'a.png': { image: 'a.png', label: 'normal', at: now },
    'b.png': { image: 'b.png', label: 'anomalous', defectType: 'crack', at: now },
  });
});

test('rows that name an image worse than another, or not for sure, are named and left out', async () => {
  const place = scratch();
  await draw(`${place}/set`, ['a/1.png', 'b/1.png', 'c/2.png']);
  writeFileSync(
    `${place}/l.csv`,
    'image,label\nx/a/1.png,normal\na/1.png,unsure\nd/1.png,normal\nc/2.png,normal\nc/2.png,excluded\n',
  );
  const { notes, images } = await importLabels(`${place}/set`, 'csv', `${place}/l.csv`, now, ports, watch);
  assert.equal(images, 2);
  assert.deepEqual(
    notes.map((note) => note.replace(place, '')),
    [
      'x/a/1.png: means a/1.png, which a/1.png fits better; left out.',
      'd/1.png: could be several images of /set, or shares one with another path; left out.',
      'c/2.png: is there again further down; left out.',
    ],
  );
  const { labels } = await readLabels(`${place}/set`, ports);
  assert.deepEqual(
    Object.values(labels).map(({ image, label }) => [image, label]),
    [
      ['a/1.png', 'unsure'],
      ['c/2.png', 'excluded'],
    ],
  );
});

test('a CSV without masks takes none away', async () => {
  const folder = `${scratch()}/set`;
  await draw(folder, ['a.png']);
  await say(folder, { 'a.png': { label: 'anomalous', defectType: 'dent', mask: rectangle(0, 0, 2, 2) } });
  writeFileSync(`${folder}.csv`, 'image,label,defectType\na.png,anomalous,crack\n');
  await importLabels(folder, 'csv', `${folder}.csv`, now, ports, watch);
  const { labels } = await readLabels(folder, ports);
  assert.equal(labels['a.png']!.defectType, 'crack');
  assert.match(labels['a.png']!.mask!, /^\.nferd\/masks\/a\.png\./);
});

test('damaged images, masks of another size and missing masks are named; the rest is exported', async () => {
  const place = scratch();
  const folder = `${place}/set`;
  await draw(folder, ['a.png', 'b.png', 'c.png']);
  await say(folder, {
    'b.png': { label: 'anomalous', mask: rectangle(0, 0, 2, 2) },
    'c.png': { label: 'anomalous', mask: rectangle(0, 0, 2, 2) },
    'gone.png': { label: 'normal' },
  });
  writeFileSync(`${folder}/a.png`, 'no image');
  const { labels } = await readLabels(folder, ports);
  rmSync(`${folder}/${labels['c.png']!.mask!}`);
  await ports.images.writePng(`${folder}/${labels['b.png']!.mask!}`, {
    width: 3,
    height: 2,
    channels: 1,
    data: Uint8Array.from([255, 0, 0, 0, 0, 0]),
  });
  const { images, masks, notes } = await exportLabels(folder, 'coco', `${place}/out.json`, now, ports, watch);
  assert.deepEqual([images, masks], [2, 1]);
  assert.match(notes.join('\n'), /c\.png\.\w+\.png: the mask of c\.png is missing/);
  assert.match(notes.join('\n'), /1 labels of images that are not in the folder, such as gone\.png/);
  assert.match(notes.join('\n'), /a\.png: is a text file/);
  assert.match(notes.join('\n'), /b\.png\.\w+\.png: 3×2, its image b\.png 12×8\. Stretched to fit\./);
});

const refusals: [string, (place: string) => Promise<unknown>, RegExp][] = [
  [
    'an export into the folder itself',
    (place) => exportLabels(`${place}/set`, 'mvtec', `${place}/set/out`, now, ports, watch),
    /lies in the folder whose labels are exported/,
  ],
  [
    'an export over the folder itself',
    (place) => exportLabels(`${place}/set`, 'fiftyone', `${place}/set/`, now, ports, watch),
    /lies in the folder whose labels are exported/,
  ],
  [
    'an export over a folder above',
    (place) => exportLabels(`${place}/set`, 'mvtec', place, now, ports, watch),
    /holds the folder whose labels are exported\. Choose a new folder/,
  ],
  [
    'a CSV whose masks would take the place of the folder',
    (place) => exportLabels(`${place}/set.masks`, 'csv', `${place}/set.csv`, now, ports, watch),
    /set\.masks: lies in the folder/,
  ],
  [
    'a CSV whose masks would take the place of others',
    async (place) => {
      await draw(`${place}/x.masks`, ['mine.png']);
      await exportLabels(`${place}/set`, 'csv', `${place}/x.csv`, now, ports, watch);
    },
    /x\.masks: is not empty and no export of ours/,
  ],
  [
    'an export over a folder of others',
    (place) => exportLabels(`${place}/set`, 'mvtec', `${place}/other`, now, ports, watch),
    /other: is not empty and no export of ours/,
  ],
  [
    'an export over a FiftyOne dataset of others',
    (place) => exportLabels(`${place}/set`, 'fiftyone', `${place}/other`, now, ports, watch),
    /other: is not empty/,
  ],
  [
    'an import of nothing',
    (place) => importLabels(`${place}/set`, 'coco', `${place}/no.json`, now, ports, watch),
    /does not exist/,
  ],
  [
    'an import of nonsense',
    (place) => importLabels(`${place}/set`, 'coco', `${place}/other/metadata.json`, now, ports, watch),
    /metadata\.json: has no "images"/,
  ],
];
for (const [what, run, message] of refusals)
  test(`${what} is refused in one line`, async () => {
    const place = scratch();
    await draw(`${place}/set`, ['a.png']);
    mkdirSync(`${place}/other`);
    writeFileSync(`${place}/other/metadata.json`, '{}');
    await assert.rejects(run(place), (error) => error instanceof UserError && message.test(error.message));
    assert.equal(readFileSync(`${place}/other/metadata.json`, 'utf8'), '{}');
  });

const work: [string, LabelFormat, (out: string) => void, RegExp][] = [
  [
    'an image moved to relabel it',
    'mvtec',
    (out) => renameSync(`${out}/test/defect/a.png`, `${out}/a.png`),
    /out: a\.png was added or changed since the export\. Choose a new folder\.$/,
  ],
  [
    'labels made inside',
    'mvtec',
    (out) => mkdirSync(`${out}/.nferd`) ?? writeFileSync(`${out}/.nferd/labels.jsonl`, ''),
    /out: \.nferd\/labels/,
  ],
  ['a file added', 'fiftyone', (out) => writeFileSync(`${out}/notes.txt`, 'mine'), /out: notes\.txt/],
  [
    'a mask repainted',
    'fiftyone',
    (out) => writeFileSync(`${out}/${fiftyonePaths.mask('a.png')}`, 'repainted'),
    /a\.png\.png/,
  ],
  [
    'a file added to the masks',
    'csv',
    (out) => writeFileSync(`${out.replace('.csv', '.masks')}/b.png.png`, 'mine'),
    /out\.masks: b\.png\.png/,
  ],
];
for (const [what, format, change, message] of work)
  test(`${format}: an earlier export is replaced, but not where somebody worked in it: ${what}`, async () => {
    const place = scratch();
    const out = `${place}/${outOf(format)}`;
    await draw(`${place}/set`, ['a.png']);
    await say(`${place}/set`, { 'a.png': { label: 'anomalous', mask: rectangle(0, 0, 1, 1) } });
    const run = () => exportLabels(`${place}/set`, format, out, now, ports, watch);
    await run();
    const folder = format === 'csv' ? `${place}/out.masks` : out;
    writeFileSync(`${folder}/.DS_Store`, '');
    await run();
    assert.ok(!existsSync(`${folder}/.DS_Store`));
    change(out);
    const before = readdirSync(folder, { recursive: true }).sort();
    await assert.rejects(run(), (error) => error instanceof UserError && message.test(error.message));
    assert.deepEqual(readdirSync(folder, { recursive: true }).sort(), before);
  });

test('the table of an exported MVTec folder is a CSV of labels', async () => {
  const place = scratch();
  await draw(`${place}/set`, ['a.png']);
  await say(`${place}/set`, { 'a.png': { label: 'normal' } });
  await exportLabels(`${place}/set`, 'mvtec', `${place}/out`, now, ports, watch);
  assert.equal(
    readFileSync(`${place}/out/${mvtecTable}`, 'utf8').replace('train/', 'test/'),
    'image,label,defectType,mask,by,file\r\na.png,normal,,,user,test/good/a.png\r\n',
  );
});
