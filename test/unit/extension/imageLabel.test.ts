import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ImageLabel, labelFolder } from '../../../src/extension/features/anomalyView/imageLabel.ts';
import type { LabelLine } from '../../../src/protocol/inspection.ts';
import { packMask } from '../../../src/protocol/maskRuns.ts';

let root: string;
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'nferd-label-'));
  await mkdir(path.join(root, 'set/test/stain'), { recursive: true });
});
after(() => rm(root, { recursive: true }));

test('labels go to the nearest folder that has some, else to the workspace folder, else beside the image', async () => {
  const image = path.join(root, 'set/test/stain/0.png');
  assert.equal(await labelFolder(image, root), root);
  assert.equal(await labelFolder(image, undefined), path.dirname(image));
  await mkdir(path.join(root, 'set/.nferd'));
  await writeFile(path.join(root, 'set/.nferd/labels.jsonl'), '');
  assert.equal(await labelFolder(image, root), path.join(root, 'set'));
});

/** An engine that keeps labels and masks in memory. */
function memory() {
  const lines: LabelLine[] = [];
  const masks = new Map<string, { width: number; height: number; mask: Uint8Array }>();
  const folders = new Set<string>();
  const engine = {
    readLabels: async () => Object.fromEntries(lines.map((line) => [line.image, line])),
    appendLabels: async (request: { folder: string; lines: readonly LabelLine[] }) => {
      folders.add(request.folder);
      lines.push(...request.lines);
    },
    writeMask: async ({
      image,
      width,
      height,
      mask,
    }: {
      image: string;
      width: number;
      height: number;
      mask: Uint8Array;
    }) => {
      if (!mask.includes(1)) return undefined;
      masks.set(image, { width, height, mask });
      return `.nferd/masks/${image}.png`;
    },
    readMask: async ({ image }: { image: string }) => masks.get(image),
  };
  return { lines, folders, engine: () => engine as never };
}

test('label, mask, label again: every line is whole', async () => {
  const { lines, folders, engine } = memory();
  const label = new ImageLabel(path.join(root, 'set/test/stain/0.png'), root, engine);
  assert.equal(await label.read(), null);
  await label.setLabel('unsure');
  const mask = packMask(2, 2, Uint8Array.of(0, 1, 1, 0));
  label.keepMask(mask);
  assert.deepEqual(await label.readMask(), { ...mask, saved: false });
  assert.equal(await label.saveMask(mask), 'anomalous');
  assert.deepEqual(await label.readMask(), { ...mask, saved: true });
  await label.setLabel('excluded');
  await label.setLabel('normal');
  await label.setLabel(null);
  assert.deepEqual([...folders], [path.join(root, 'set')]);
  const path_ = '.nferd/masks/test/stain/0.png.png';
  assert.deepEqual(
    lines.map(({ image, label: said, mask: file }) => [image, said, file]),
    [
      ['test/stain/0.png', 'unsure', undefined],
      ['test/stain/0.png', 'anomalous', path_],
      ['test/stain/0.png', 'excluded', path_],
      ['test/stain/0.png', 'normal', undefined],
      ['test/stain/0.png', null, undefined],
    ],
  );
  assert.equal(await label.saveMask(packMask(2, 2, new Uint8Array(4))), null, 'an empty mask says nothing');
});
