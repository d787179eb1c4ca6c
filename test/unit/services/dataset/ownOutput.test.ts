import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDataset } from '../../../../src/services/dataset/readDataset.ts';
import { withoutOwnOutput } from '../../../../src/services/dataset/ownOutput.ts';
import { drawCloth, drawNormals, ports, refused, scratch } from '../support.ts';

const cases: Record<string, { paths: string[]; kept: string[]; notes: string[] }> = {
  'nothing of ours': {
    paths: ['a.png', 'x/b.png', 'x/detector.png'],
    kept: ['a.png', 'x/b.png', 'x/detector.png'],
    notes: [],
  },
  'results of detect': {
    paths: ['a.png', 'nferd-out/a.heatmap.png', 'nferd-out/a.json', 'x/nferd-out/y/b.png'],
    kept: ['a.png', 'nferd-out/a.json'],
    notes: [
      'nferd-out: 1 image left out (written by NFERD, not products)',
      'x/nferd-out: 1 image left out (written by NFERD, not products)',
    ],
  },
  'a detector': {
    paths: ['a.png', 'made/detector.json', 'made/detector.onnx', 'made/x.png', 'made/cases/y.png', 'maded/z.png'],
    kept: ['a.png', 'made/detector.json', 'made/detector.onnx', 'maded/z.png'],
    notes: ['made: 2 images left out (written by NFERD, not products)'],
  },
  'a detector without images': {
    paths: ['a.png', 'made/detector.json'],
    kept: ['a.png', 'made/detector.json'],
    notes: [],
  },
  'heatmaps in a folder of another name': {
    paths: ['a.png', 'out/a.heatmap.png', 'out/a.map.npy', 'out/b.heatmap.png', 'c.heatmap.png', 'c.map.npy'],
    kept: ['a.png', 'out/a.map.npy', 'out/b.heatmap.png', 'c.map.npy'],
    notes: [
      'out: 1 image left out (written by NFERD, not products)',
      'heatmaps: 1 image left out (written by NFERD, not products)',
    ],
  },
  'the folder itself is a detector': { paths: ['detector.json', 'a.png'], kept: ['detector.json', 'a.png'], notes: [] },
};

for (const [what, { paths, kept, notes }] of Object.entries(cases))
  test(`own output: ${what}`, () => assert.deepEqual(withoutOwnOutput(paths), { paths: kept, notes }));

test('a dataset has none of it, and says so', async () => {
  const folder = scratch();
  await drawNormals(folder, 3);
  await drawCloth(`${folder}/nferd-out/000.heatmap.png`, 1);
  const { items, notes } = await readDataset(folder, ports);
  assert.deepEqual(items.map(({ path }) => path), ['000.png', '001.png', '002.png']); // prettier-ignore
  assert.deepEqual(notes, ['nferd-out: 1 image left out (written by NFERD, not products)']);
  await drawCloth(`${folder}/only/nferd-out/0.png`, 1);
  await refused(readDataset(`${folder}/only`, ports), /only: has no other images than nferd-out: 1 image left out/);
});
