import './useFakeVscode.ts';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { editor, Uri } from './fakeVscode.ts';
import type { Train } from '../../../src/extension/features/train/train.ts';

const { Settings } = await import('../../../src/extension/features/settings/settings.ts');
const { Detectors } = await import('../../../src/extension/features/detectors/detectors.ts');
const { selectDetector } = await import('../../../src/extension/features/detectors/selectDetector.ts');

const root = await mkdtemp(path.join(tmpdir(), 'nferd-detectors-'));
after(() => rm(root, { recursive: true, force: true }));

async function detector(folder: string, ageS = 0): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'detector.json');
  await writeFile(file, '{}');
  const time = new Date(Date.now() - ageS * 1000);
  await utimes(file, time, time);
}

const left = path.join(root, 'left');
const right = path.join(root, 'right');
const own = (folder: string, name: string) => path.join(folder, '.nferd/detectors', name);
const image = (folder: string) => Uri.file(path.join(folder, 'a.png')) as never;
await detector(own(left, 'older'), 100);
await detector(own(left, 'newer'), 10);
await detector(own(left, '.newest.1a2b3c4d.tmp'));
await detector(own(right, 'other'));
await detector(path.join(root, 'elsewhere'));
await mkdir(own(right, 'flange.checkpoint'), { recursive: true });

function detectors() {
  const found = new Detectors(new Settings(), Uri.file(path.join(root, 'home')) as never);
  found.watch();
  return found;
}

beforeEach(() => {
  editor.reset();
  editor.folders = [left, right].map((folder) => ({ uri: Uri.file(folder), name: path.basename(folder) }));
});

test('each workspace folder has its own, the newest first; those being written and checkpoints are none', async () => {
  const names = async (folder: string) => (await detectors().list(image(folder))).map(({ name }) => name);
  assert.deepEqual(await names(left), ['newer', 'older']);
  assert.deepEqual(await names(right), ['other']);
});

test('a detector is expected where one was found last, until something changes', async () => {
  const all = detectors();
  assert.equal(all.expects(image(left)), false, 'never looked');
  await all.resolve(image(left));
  assert.deepEqual([all.expects(image(left)), all.expects(image(right))], [true, false]);
  editor.set('nferd.detector', 'missing');
  assert.equal(all.expects(image(left)), false, 'a change');
  await assert.rejects(all.resolve(image(left)));
  assert.equal(all.expects(image(left)), false, 'not found');
});

const choices: [string, string | undefined, string | undefined, string][] = [
  ['the newest', undefined, undefined, 'newer'],
  ['by the folder, not the user', 'older', 'missing', 'older'],
  ['by the user', undefined, 'older', 'older'],
  ['an absolute path', path.join(root, 'elsewhere'), undefined, 'elsewhere'],
];
for (const [how, ofFolder, ofUser, expected] of choices) {
  test(`an image is judged by its folder's choice: ${how}`, async () => {
    editor.set('nferd.detector', ofFolder, left);
    editor.set('nferd.detector', ofUser);
    assert.equal((await detectors().resolve(image(left)))?.name, expected);
  });
}

test('one that is missing is told with ways out', async () => {
  editor.set('nferd.detector', 'lost', left);
  await assert.rejects(detectors().resolve(image(left)), (error: Error & { buttons: { title: string }[] }) => {
    assert.equal(error.message, 'nferd.detector: there is no detector "lost". Select another or clear the setting.');
    assert.deepEqual(
      error.buttons.map(({ title }) => title),
      ['Select detector', 'Open settings'],
    );
    return true;
  });
  assert.equal((await detectors().resolve(image(right)))?.name, 'other');
});

test('before trust nothing is listed or resolved; trusting it refreshes', async () => {
  editor.trusted = false;
  const all = detectors();
  for (const asked of [() => all.list(image(left)), () => all.resolve(image(left))]) {
    await assert.rejects(asked, /Trust the workspace first/);
  }
  const refreshed = new Promise<void>((resolve) => all.onDidChange(resolve));
  editor.trust();
  await refreshed;
  assert.equal((await all.resolve(image(left)))?.name, 'newer');
});

test('another window trains or deletes one: a refresh', async () => {
  const all = detectors();
  for (const event of ['create', 'change', 'delete'] as const) {
    const refreshed = new Promise<void>((resolve) => all.onDidChange(resolve));
    editor.watchers[0]!.fire(event, own(left, 'newer'));
    await refreshed;
  }
});

const noTraining = { run: () => assert.fail('not asked for') } as unknown as Train;

test('Select detector asks for the folder where several are open, and saves to it', async () => {
  editor.answers = ['left', '$(symbol-misc) older'];
  await selectDetector(detectors(), noTraining);
  assert.equal(editor.setting('nferd.detector', left), 'older');
  assert.equal(editor.setting('nferd.detector', right), undefined);
  assert.match(editor.log.join('\n'), /Select the detector of which folder\? \[left, right\]\npick: .*"left" by/);
});

test('Select detector: the newest overrules a choice of the user for all folders', async () => {
  editor.set('nferd.detector', 'older');
  editor.set('nferd.detector', 'older', left);
  editor.answers = ['$(history) The newest'];
  await selectDetector(detectors(), noTraining, image(left));
  assert.equal(editor.setting('nferd.detector', left), '');
  assert.equal((await detectors().resolve(image(left)))?.name, 'newer');
});

test('Select detector: a folder from elsewhere; one that holds none is told', async () => {
  const browse = '$(folder-opened) Choose the folder of a detector…';
  editor.answers = [browse, [Uri.file(root)]];
  await assert.rejects(
    selectDetector(detectors(), noTraining, image(left)),
    /is no detector \(detector\.json is missing\)/,
  );
  editor.answers = [browse, [Uri.file(path.join(root, 'elsewhere'))]];
  await selectDetector(detectors(), noTraining, image(left));
  assert.equal((await detectors().resolve(image(left)))?.name, 'elsewhere');
});
