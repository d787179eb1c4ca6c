import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { labelFolder } from '../../../../src/extension/features/anomalyView/labelFolder.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'nferd-folder-'));
  await mkdir(path.join(root, 'home/work/set/test/stain'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

const image = 'home/work/set/test/stain/0.png';
const labels = (folder: string) => `${folder}/.nferd/labels.jsonl`;
const inspected = (folder: string) => `${folder}/.nferd/inspections.sqlite`;

const cases: [string, { files: string[]; workspace?: string; expected: string }][] = [
  ['nothing known: the workspace folder', { files: [], workspace: 'home/work', expected: 'home/work' }],
  ['nothing known, no workspace folder: beside the image', { files: [], expected: 'home/work/set/test/stain' }],
  [
    'the nearest folder with labels',
    {
      files: [labels('home/work'), labels('home/work/set')],
      workspace: 'home/work',
      expected: 'home/work/set',
    },
  ],
  [
    'labels before an inspection',
    {
      files: [labels('home/work/set'), inspected('home/work/set/test')],
      workspace: 'home/work',
      expected: 'home/work/set',
    },
  ],
  [
    'the inspected folder where none has labels',
    { files: [inspected('home/work/set')], workspace: 'home/work', expected: 'home/work/set' },
  ],
  [
    'never above the workspace folder',
    { files: [labels('home'), inspected('home')], workspace: 'home/work', expected: 'home/work' },
  ],
  ['the workspace folder may be the home folder', { files: [labels('home')], workspace: 'home', expected: 'home' }],
  [
    'a dataset outside of the workspace',
    { files: [labels('home/work/set'), labels('home')], expected: 'home/work/set' },
  ],
  [
    'strays in the home folder and above it outside of the workspace',
    { files: [labels('home'), inspected('home'), labels('.')], expected: 'home/work/set/test/stain' },
  ],
];
for (const [what, { files, workspace, expected }] of cases) {
  test(what, async () => {
    for (const file of files) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), '');
    }
    const folder = workspace === undefined ? undefined : path.join(root, workspace);
    const found = await labelFolder(path.join(root, image), folder, path.join(root, 'home'));
    assert.equal(path.relative(root, found), expected);
  });
}
