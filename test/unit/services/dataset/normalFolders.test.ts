import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { readDataset } from '../../../../src/services/dataset/readDataset.ts';
import { trainOnFolder } from '../../../../src/services/train/trainOnFolder.ts';
import { drawCloth, drawMask, drawNormals, models, ports, refused, scratch, watch } from '../support.ts';

const root = scratch();
const folders = { shipped: models, user: models };

test('what the user said is remembered with the dataset, told, and counts for all who read it', async () => {
  const folder = `${root}/lines`;
  await drawNormals(`${folder}/A`, 6);
  await drawCloth(`${folder}/B/0.png`, 20, { x: 40, y: 40, radius: 12 });
  const notes: string[] = [];
  const train = (normal?: string[]) =>
    trainOnFolder(
      { folder, out: `${root}/lines.nferd`, size: 128, onNote: (note) => notes.push(note), ...(normal && { normal }) },
      folders,
      ports,
      watch,
    );
  await refused(train(), /lines: no name says .* A \(6 images\), B \(1 image\)\. Say it: --normal FOLDER/);
  await refused(train(['C']), /lines: no image lies in "C" \(--normal\)\. Choose of A \(6 images\), B \(1 image\)\./);
  assert.equal(await ports.files.exists(`${folder}/.nferd/dataset.json`), false);
  notes.length = 0;
  const images = Array.from({ length: 6 }, (_, at) => `${folder}/A/00${at}.png`);
  assert.deepEqual((await train(['A'])).detector.record.images, images);
  assert.deepEqual(notes, []);
  assert.deepEqual((await train()).detector.record.images, images);
  assert.deepEqual(notes, ['normal images are in A, by .nferd/dataset.json']);
  const { items } = await readDataset(folder, ports);
  assert.deepEqual([items[0]!.label, items[6]!.label, items[6]!.defectType], ['normal', 'anomalous', 'B']);
});

test('the file keeps what is not ours; nonsense in it is named, and a folder that is gone', async () => {
  const folder = `${root}/kept`;
  await drawNormals(`${folder}/A`, 5);
  await drawCloth(`${folder}/B/0.png`, 20);
  await mkdir(`${folder}/.nferd`, { recursive: true });
  const file = `${folder}/.nferd/dataset.json`;
  await writeFile(file, '\ufeff{"owner":"me","normalFolders":["gone","A"]}');
  const { notes } = await readDataset(folder, ports);
  assert.match(notes[1]!, /kept: no image lies in "gone"/);
  const request = { folder, out: `${root}/kept.nferd`, size: 128, normal: ['A'] };
  await trainOnFolder(request, folders, ports, watch);
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { owner: 'me', normalFolders: ['A'] });
  for (const text of ['{', '[]', '{"normalFolders":[1]}', '{"normalFolders":"A"}']) {
    await writeFile(file, text);
    await refused(readDataset(folder, ports), /dataset\.json: "normalFolders" must be a list of folders, in JSON\./);
  }
});

test('a mask that decides on the label and cannot be read leaves the image unknown', async () => {
  const folder = `${root}/sdd`;
  for (const part of [0, 1, 2]) await drawCloth(`${folder}/k/Part${part}.png`, part);
  await drawMask(`${folder}/k/Part0_label.png`, { x: 0, y: 0, radius: 0 });
  await drawMask(`${folder}/k/Part1_label.png`, { x: 40, y: 40, radius: 9 });
  await writeFile(`${folder}/k/Part2_label.png`, 'no mask');
  const { items, notes } = await readDataset(folder, ports);
  assert.deepEqual(
    items.map(({ label }) => label),
    ['normal', 'anomalous', 'unknown'],
  );
  assert.match(notes.join('\n'), /Part2_label\.png: is a text file/);
  await refused(readDataset(folder, ports, ['k']), /is laid out like kolektorsdd, which tells itself/);
});
