import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ImageLabel } from '../../../../src/extension/features/anomalyView/imageLabel.ts';
import { MaskDrafts } from '../../../../src/extension/features/anomalyView/maskDrafts.ts';
import type { LabelLine } from '../../../../src/dataset/labels.ts';
import { packMask } from '../../../../src/dataset/maskRuns.ts';

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

/** As a window has them: a new one knows what is on disk alone. */
let windows = 0;
const newWindow = (folder = String(windows++)): MaskDrafts => new MaskDrafts(path.join(root, 'drafts', folder));

const drawn = packMask(2, 2, Uint8Array.of(0, 1, 1, 0));
const empty = packMask(2, 2, new Uint8Array(4));
const file = '.nferd/masks/test/stain/0.png.png';

test('label, mask, label again: every line is whole, and the mask stays whatever the label becomes', async () => {
  const { lines, folders, engine } = memory();
  const label = new ImageLabel(path.join(root, 'set/test/stain/0.png'), root, engine, newWindow());
  assert.deepEqual(await label.read(), { label: null, defectType: null });
  await label.setLabel('unsure');
  label.keepMask(drawn);
  assert.deepEqual(await label.readMask(), { unsaved: drawn });
  assert.equal((await label.saveMask(drawn)).label, 'anomalous');
  assert.deepEqual(await label.readMask(), { stored: drawn });
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
  const label = new ImageLabel(path.join(root, 'set/test/stain/0.png'), root, engine, newWindow());
  assert.equal((await label.saveMask(empty)).label, null);
  await label.setLabel('unsure');
  assert.equal((await label.saveMask(empty)).label, 'unsure');
  assert.equal(lines.at(-1)!.mask, file);
});

test('an empty mask that the engine needs no file for takes the drawn one back', async () => {
  const { lines, engine } = memory();
  const label = new ImageLabel(
    path.join(root, 'set/test/stain/0.png'),
    root,
    () => ({
      ...(engine() as object as ReturnType<ConstructorParameters<typeof ImageLabel>[2]>),
      writeMask: async ({ mask }) => (mask.includes(1) ? file : undefined),
    }),
    newWindow(),
  );
  await label.saveMask(drawn);
  assert.equal(lines.at(-1)!.mask, file);
  assert.equal((await label.saveMask(empty)).label, 'anomalous');
  assert.equal(lines.at(-1)!.mask, undefined);
});

test('a defect type stays with an anomalous label and goes with it', async () => {
  const { lines, engine } = memory();
  lines.push({ image: 'test/stain/0.png', label: 'anomalous', defectType: 'stain', at: '' });
  const label = new ImageLabel(path.join(root, 'set/test/stain/0.png'), root, engine, newWindow());
  await label.saveMask(drawn);
  assert.equal(lines.at(-1)!.defectType, 'stain');
  await label.setLabel('normal');
  assert.equal(lines.at(-1)!.defectType, undefined);
});

test('a defect type is given with the label, kept, changed and taken back; the dataset knows it', async () => {
  const { lines, engine } = memory();
  lines.push({ image: 'test/stain/7.png', label: 'anomalous', defectType: 'crack', at: '' });
  const label = new ImageLabel(at(), root, engine, newWindow());
  assert.deepEqual(await label.setLabel('anomalous', 'stain'), { label: 'anomalous', defectType: 'stain' });
  assert.deepEqual(await label.setLabel('anomalous'), { label: 'anomalous', defectType: 'stain' });
  assert.deepEqual(await label.read(), { label: 'anomalous', defectType: 'stain' });
  assert.deepEqual(await label.defectTypes(), ['crack', 'stain']);
  assert.deepEqual(await label.setLabel('anomalous', null), { label: 'anomalous', defectType: null });
  assert.deepEqual(await label.defectTypes(), ['crack']);
});

const at = () => path.join(root, 'set/test/stain/0.png');

test('a mask that was not saved is there in the next view of the image alone, and saved on leaving', async () => {
  const { lines, engine } = memory();
  const drafts = newWindow();
  const view = (image = at()) => new ImageLabel(image, root, engine, drafts);
  view().keepMask(drawn);
  assert.deepEqual(await view().readMask(), { unsaved: drawn });
  assert.equal(await view(path.join(root, 'set/test/stain/1.png')).saveUnsaved(), false);
  assert.equal(await view().saveUnsaved(), true);
  assert.equal(await view().saveUnsaved(), false, 'once');
  assert.deepEqual(
    lines.map(({ label, mask }) => [label, mask]),
    [['anomalous', file]],
  );
  assert.deepEqual(await view().readMask(), { stored: drawn });
});

test('leaving saves nothing where the edits were undone or are being saved', async () => {
  const { lines, engine } = memory();
  const label = new ImageLabel(at(), root, engine, newWindow());
  label.keepMask(drawn);
  label.keepMask(null);
  assert.equal(await label.saveUnsaved(), false);
  const saved = label.saveMask(drawn);
  assert.equal(await label.saveUnsaved(), false);
  await saved;
  assert.equal(lines.length, 1);
});

test('a mask saved on leaving does not overrule a label that was given after it was drawn', async () => {
  const { lines, engine } = memory();
  const label = new ImageLabel(at(), root, engine, newWindow());
  label.keepMask(drawn);
  await Promise.all([label.setLabel('unsure'), label.saveUnsaved()]);
  assert.deepEqual([lines.at(-1)!.label, lines.at(-1)!.mask], ['unsure', file]);
});

test('a mask that could not be saved is kept, and the next try saves it', async () => {
  const { lines, engine } = memory();
  const drafts = newWindow();
  const full = () => ({ ...(engine() as object), appendLabels: () => Promise.reject(new Error('disk full')) }) as never;
  const label = new ImageLabel(at(), root, full, drafts);
  await assert.rejects(label.saveMask(drawn), /disk full/);
  await assert.rejects(label.saveUnsaved(), /disk full/);
  assert.equal(await new ImageLabel(at(), root, engine, drafts).saveUnsaved(), true);
  assert.equal(lines.length, 1);
});

test('what is marked beyond the stored mask can be taught as normal', async () => {
  const { engine } = memory();
  const label = new ImageLabel(path.join(root, 'set/test/stain/0.png'), root, engine, newWindow());
  assert.deepEqual(await label.marked(drawn), drawn);
  assert.equal(await label.marked(empty), undefined);
  await label.saveMask(drawn);
  assert.equal(await label.marked(drawn), undefined);
  const more = packMask(2, 2, Uint8Array.of(1, 1, 1, 0));
  assert.deepEqual(await label.marked(more), packMask(2, 2, Uint8Array.of(1, 0, 0, 0)));
});

test(
  'a mask that was not saved comes back in another window after this one was killed, until it is ' + 'saved or undone',
  async () => {
    const { lines, engine } = memory();
    const drafts = newWindow('killed');
    new ImageLabel(at(), root, engine, drafts).keepMask(drawn);
    await drafts.written(at());
    const label = (): ImageLabel => new ImageLabel(at(), root, engine, newWindow('killed'));
    assert.equal(await label().hasUnsaved(), true);
    assert.deepEqual(await label().readMask(), { unsaved: drawn });
    assert.equal(await label().saveUnsaved(), true);
    assert.deepEqual([lines.at(-1)!.label, lines.at(-1)!.mask], ['anomalous', file]);
    assert.equal(await label().hasUnsaved(), false);

    const again = newWindow('killed');
    new ImageLabel(at(), root, engine, again).keepMask(empty);
    new ImageLabel(at(), root, engine, again).keepMask(null);
    await again.written(at());
    assert.deepEqual(await readdir(path.join(root, 'drafts/killed')), []);
  },
);

test('what a killed window left is dropped where another mask was stored since', async () => {
  const { lines, engine } = memory();
  const drafts = newWindow('outdated');
  new ImageLabel(at(), root, engine, drafts).keepMask(drawn);
  await drafts.written(at());
  lines.push({ image: 'test/stain/0.png', label: 'anomalous', mask: 'elsewhere.png', at: '' });
  const label = new ImageLabel(at(), root, engine, newWindow('outdated'));
  assert.equal(await label.saveUnsaved(), false);
  assert.equal(lines.length, 1);
  assert.deepEqual(await readdir(path.join(root, 'drafts/outdated')), []);
});

test('a label given since does not outdate what a killed window left', async () => {
  const { lines, engine } = memory();
  lines.push({ image: 'test/stain/0.png', label: 'anomalous', mask: file, at: '' });
  const drafts = newWindow('labelled');
  const before = new ImageLabel(at(), root, engine, drafts);
  await before.readMask();
  before.keepMask(empty);
  await drafts.written(at());
  await before.setLabel('unsure');
  assert.equal(await new ImageLabel(at(), root, engine, newWindow('labelled')).hasUnsaved(), true);
});
