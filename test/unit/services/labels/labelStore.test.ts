import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { LabelLine } from '../../../../src/dataset/labels.ts';
import { parseLabels } from '../../../../src/services/labels/labelLines.ts';
import {
  appendLabels,
  compactLabels,
  labelFileOf,
  notedLines,
  readLabels,
} from '../../../../src/services/labels/labelStore.ts';
import { UserError } from '../../../../src/services/ports/errors.ts';
import { ports, scratch } from './support.ts';

const at = '2024-11-24T12:00:00.000Z';
const normal = (image: string): LabelLine => ({ image, label: 'normal', at });

test('what is appended is read back; the last line of an image wins', async () => {
  const folder = scratch();
  assert.deepEqual(await readLabels(folder, ports), { labels: {}, notes: [] });
  const crack: LabelLine = {
    image: 'b/ü 日本.png',
    label: 'anomalous',
    defectType: 'crack',
    mask: '.nferd/masks/b.png.png',
    at,
  };
  await appendLabels(folder, [normal('a.png'), normal('b/ü 日本.png'), normal('__proto__')], ports);
  await appendLabels(folder, [crack, { image: 'a.png', label: null, at }], ports);
  const { labels, notes } = await readLabels(folder, ports);
  assert.deepEqual(Object.entries(labels).sort(), [
    ['__proto__', normal('__proto__')],
    ['b/ü 日本.png', crack],
  ]);
  assert.deepEqual(notes, []);
});

const nonsense: [string, RegExp][] = [
  ['{"image":"a.png","label":"nor', /not a line of JSON/],
  ['<<<<<<< HEAD', /not a line of JSON/],
  ['["a.png","normal"]', /not a JSON object/],
  ['null', /not a JSON object/],
  ['{"image":"../a.png","label":"normal"}', /"image" must be a path inside/],
  ['{"image":"/a.png","label":"normal"}', /"image" must be a path inside/],
  ['{"image":"a.png","label":"good"}', /"label" must be normal, anomalous, unsure, excluded or null/],
  ['{"image":"a.png"}', /"label" must be/],
  ['{"image":"a.png","label":"anomalous","defectType":7}', /"defectType" must be text/],
  ['{"image":"a.png","label":"anomalous","mask":"/etc/x.png"}', /"mask" must be a path inside/],
];
for (const [line, why] of nonsense)
  test(`named, kept and skipped: ${line}`, async () => {
    const folder = scratch();
    await appendLabels(folder, [normal('b.png')], ports);
    appendFileSync(labelFileOf(folder), line);
    // The torn line has no end: the next label must not be swallowed by it.
    await appendLabels(folder, [normal('c.png')], ports);
    const { labels, notes } = await readLabels(folder, ports);
    assert.deepEqual(Object.keys(labels), ['b.png', 'c.png']);
    assert.equal(notes.length, 1);
    assert.ok(notes[0]!.startsWith(`${labelFileOf(folder)}:2: `));
    assert.match(notes[0]!, why);
    await compactLabels(folder, ports, Date.now());
    assert.ok(readFileSync(labelFileOf(folder), 'utf8').includes(line));
  });

test('lines written by hand: blank ones, CRLF, a byte order mark, no time, unknown keys', () => {
  const text = '\ufeff{"image":"a.png","label":"normal"}\r\n\r\n{"image":"b.png","label":"unsure","who":"me","at":"x"}';
  const { latest, rejected } = parseLabels(text);
  assert.deepEqual(rejected, []);
  assert.deepEqual(
    [...latest.values()].map(({ line }) => line),
    [
      { image: 'a.png', label: 'normal', at: '' },
      { image: 'b.png', label: 'unsure', at: 'x' },
    ],
  );
});

test('of a file that is all nonsense some lines are named and the rest counted', async () => {
  const folder = scratch();
  mkdirSync(path.dirname(labelFileOf(folder)));
  writeFileSync(labelFileOf(folder), 'nonsense\n'.repeat(100));
  const { notes } = await readLabels(folder, ports);
  assert.equal(notes.length, notedLines + 1);
  assert.match(notes.at(-1)!, /80 more lines/);
});

test('compacted: one line an image, by path, as it was written; taken-back labels gone', async () => {
  const folder = scratch();
  await appendLabels(folder, [normal('b.png'), normal('a.png'), normal('c.png')], ports);
  appendFileSync(labelFileOf(folder), '{"image":"a.png","label":"unsure","who":"me"}\n');
  await appendLabels(folder, [{ image: 'c.png', label: null, at }], ports);
  const before = await readLabels(folder, ports);
  await compactLabels(folder, ports, Date.now());
  assert.equal(
    readFileSync(labelFileOf(folder), 'utf8'),
    `{"image":"a.png","label":"unsure","who":"me"}\n{"image":"b.png","label":"normal","at":"${at}"}\n`,
  );
  assert.deepEqual(await readLabels(folder, ports), before);
});

test('compacting removes masks that no line mentions, a day after they were written', async () => {
  const folder = scratch();
  const masks = ['old.png', 'new.png', 'torn.png'].map((name) => `.nferd/masks/${name}`);
  for (const mask of masks) await ports.files.write(`${folder}/${mask}`, 'x');
  const line = { image: 'a.png', label: 'anomalous', at } as const;
  await appendLabels(
    folder,
    [
      { ...line, mask: masks[0]! },
      { ...line, mask: masks[1]! },
    ],
    ports,
  );
  appendFileSync(labelFileOf(folder), `{"image":"b.png","mask":"${masks[2]!}"`);
  const there = () => readdirSync(`${folder}/.nferd/masks`).sort();
  await compactLabels(folder, ports, Date.now());
  assert.deepEqual(there(), ['new.png', 'old.png', 'torn.png']);
  await compactLabels(folder, ports, Date.now() + 25 * 3600 * 1000);
  assert.deepEqual(there(), ['new.png', 'torn.png']);
});

test('a file far longer than it need be becomes compact by itself', async () => {
  const folder = scratch();
  const lines = Array.from({ length: 400 }, (_, i) => normal(`${i % 10}.png`));
  for (let round = 0; round < 6; round++) await appendLabels(folder, lines, ports);
  assert.ok(statSync(labelFileOf(folder)).size < 100_000);
  assert.equal(Object.keys((await readLabels(folder, ports)).labels).length, 10);
});

test('label files of folders below: lines go to the one nearest to their image, and are read as one', async () => {
  const root = scratch();
  const images = ['0.png', 'a/1.png', 'a/b/2.png', 'c/3.png'];
  const lines = (label: LabelLine['label'], more: Partial<LabelLine> = {}): LabelLine[] =>
    images.map((image) => ({ image, label, at, ...more }));
  const said = async (folder = root, of = images) =>
    Object.values((await readLabels(folder, ports, of)).labels)
      .map(({ image, label, mask }) => [image, label, mask].filter((part) => part !== undefined).join(' '))
      .sort();
  await appendLabels(root, lines('normal'), ports);
  // Begun later, nearer to some images.
  await appendLabels(`${root}/a`, [normal('b/2.png')], ports);
  await appendLabels(root, lines('unsure'), ports);
  assert.deepEqual(await said(`${root}/a`, []), ['1.png unsure', 'b/2.png unsure']);
  assert.deepEqual(
    await said(),
    images.map((image) => `${image} unsure`),
  );
  await appendLabels(`${root}/a`, [{ image: 'b/2.png', label: 'anomalous', mask: '.nferd/masks/m.png', at }], ports);
  assert.ok((await said()).includes('a/b/2.png anomalous a/.nferd/masks/m.png'));
  // Undone in the folder above: back to a mask that is there.
  await appendLabels(root, [{ image: 'a/b/2.png', label: 'excluded', mask: '.nferd/masks/m.png', at }], ports);
  assert.ok((await said()).includes('a/b/2.png excluded .nferd/masks/m.png'));
  await appendLabels(root, lines(null), ports);
  assert.deepEqual(await said(), []);
});

test('a label that could not be read back is refused', async () => {
  await assert.rejects(appendLabels(scratch(), [normal('../out.png')], ports), UserError);
});

/**
 * Another window: appends labels one by one until it is done or killed, and says how far it came.
 */
function otherWindow(folder: string, name: string, count: number): ChildProcess {
  const script =
    `
    const { appendLabels, compactLabels } = await import('./src/services/labels/labelStore.ts');
    const { files } = await import('./src/runtime/files/files.ts');
    const { labelFiles } = await import('./src/runtime/store/labelFiles.ts');
    const ports = { files, labelFiles };
    for (let i = 0; i < ${count}; i++) {
      await appendLabels(${JSON.stringify(folder)}, [{ image: '${name}/' + i + '.png', label: ` +
    `'normal', at: 'x' }], ports);
      process.send(i);
      if (i % 7 === 3) await compactLabels(${JSON.stringify(folder)}, ports, Date.now());
    }
    process.disconnect();`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: path.resolve(import.meta.dirname, '../../../..'),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

test(
  'two windows that append and compact at once, one of them killed: nothing is lost',
  { timeout: 60_000 },
  async () => {
    const folder = scratch();
    const calm = otherWindow(folder, 'calm', 60);
    const killed = otherWindow(folder, 'killed', 10_000);
    let told = -1;
    killed.on('message', (i: number) => {
      told = i;
      if (i === 30) killed.kill('SIGKILL');
    });
    await Promise.all([once(calm, 'exit'), once(killed, 'exit')]);
    // Whatever lock the dead process left is taken over.
    await appendLabels(folder, [normal('last.png')], ports);
    const { labels, notes } = await readLabels(folder, ports);
    assert.deepEqual(notes, []);
    for (let i = 0; i < 60; i++) assert.ok(labels[`calm/${i}.png`], `calm/${i}`);
    assert.ok(told >= 30);
    for (let i = 0; i <= told; i++) assert.ok(labels[`killed/${i}.png`], `killed/${i}`);
    assert.ok(labels['last.png']);
    assert.ok(!readdirSync(path.dirname(labelFileOf(folder))).includes('labels.jsonl.lock'));
  },
);
