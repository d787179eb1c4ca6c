import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ImageLabel } from '../../../src/extension/features/anomalyView/imageLabel.ts';
import type { LabelLine } from '../../../src/protocol/inspection.ts';
import { packMask } from '../../../src/protocol/maskRuns.ts';

let root: string;
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'nferd-label-'));
  await mkdir(path.join(root, 'set/test/stain'), { recursive: true });
  await mkdir(path.join(root, 'set/.nferd'));
  await writeFile(path.join(root, 'set/.nferd/labels.jsonl'), '');
});
after(() => rm(root, { recursive: true }));

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
      masks.set(image, { width, height, mask });
      return `.nferd/masks/${image}.png`;
    },
    readMask: async ({ image }: { image: string }) => masks.get(image),
  };
  return { lines, folders, engine: () => engine as never };
}

const drawn = packMask(2, 2, Uint8Array.of(0, 1, 1, 0));
const empty = packMask(2, 2, new Uint8Array(4));
const file = '.nferd/masks/test/stain/0.png.png';

test('label, mask, label again: every line is whole, and the mask stays whatever the label becomes', async () => {
  const { lines, folders, engine } = memory();
  const label = new ImageLabel(path.join(root, 'set/test/stain/0.png'), root, engine);
  assert.equal(await label.read(), null);
  await label.setLabel('unsure');
  label.keepMask(drawn);
  assert.deepEqual(await label.readMask(), { ...drawn, saved: false });
  assert.equal(await label.saveMask(drawn), 'anomalous');
  assert.deepEqual(await label.readMask(), { ...drawn, saved: true });
  for (const each of ['excluded', 'normal', null] as const) await label.setLabel(each);
  assert.deepEqual([...folders], [path.join(root, 'set')]);
  assert.deepEqual(
    lines.map(({ image, label: said, mask }) => [image, said, mask]),
    [
      ['test/stain/0.png', 'unsure', undefined],
      ['test/stain/0.png', 'anomalous', file],
      ['test/stain/0.png', 'excluded', file],
      ['test/stain/0.png', 'normal', file],
      ['test/stain/0.png', null, file],
    ],
  );
});

test('an empty mask is stored and leaves the label as it was', async () => {
  const { lines, engine } = memory();
  const label = new ImageLabel(path.join(root, 'set/test/stain/0.png'), root, engine);
  assert.equal(await label.saveMask(empty), null);
  await label.setLabel('unsure');
  assert.equal(await label.saveMask(empty), 'unsure');
  assert.equal(lines.at(-1)!.mask, file);
});

test('a defect type stays with an anomalous label and goes with it', async () => {
  const { lines, engine } = memory();
  lines.push({ image: 'test/stain/0.png', label: 'anomalous', defectType: 'stain', at: '' });
  const label = new ImageLabel(path.join(root, 'set/test/stain/0.png'), root, engine);
  await label.saveMask(drawn);
  assert.equal(lines.at(-1)!.defectType, 'stain');
  await label.setLabel('normal');
  assert.equal(lines.at(-1)!.defectType, undefined);
});
