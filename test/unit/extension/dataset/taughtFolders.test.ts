import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { acceptTaught, newTaught, removeTaught } from '../../../../src/extension/features/dataset/taughtFolders.ts';

const root = await mkdtemp(path.join(tmpdir(), 'nferd-taught-'));
after(() => rm(root, { recursive: true, force: true }));
const detectors = path.join(root, '.nferd/detectors');
const taughts = path.join(root, '.nferd/taught');

interface Kept {
  readonly name: string;
  readonly text: string;
}

async function write(folder: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'detector.json'), JSON.stringify({ name: path.basename(folder), text }));
}
const kept = async (folder: string) => JSON.parse(await readFile(path.join(folder, 'detector.json'), 'utf8')) as Kept;
/** The text of a detector that is called as its folder is. */
async function read(name: string): Promise<string> {
  const found = await kept(path.join(detectors, name));
  assert.equal(found.name, name);
  return found.text;
}
const teach = async (text: string) => {
  const taught = await newTaught(path.join(detectors, 'parts'), detectors);
  await write(taught.folder, text);
  return taught;
};

beforeEach(async () => {
  await rm(path.join(root, '.nferd'), { recursive: true, force: true });
  await write(path.join(detectors, 'parts'), 'first');
});

test('two that wait at once are accepted under names of their own', async () => {
  const [a, b] = [await teach('a'), await teach('b')];
  assert.equal(a.name, b.name);
  assert.notEqual(a.folder, b.folder);
  assert.deepEqual([await acceptTaught(a, detectors), await acceptTaught(b, detectors)], ['parts-2', 'parts-3']);
  assert.deepEqual([await read('parts'), await read('parts-2'), await read('parts-3')], ['first', 'a', 'b']);
  assert.deepEqual(await readdir(taughts), []);
});

test('a name that is taken between question and answer is left alone', async () => {
  const taught = await teach('a');
  let calls = 0;
  const name = await acceptTaught(taught, detectors, async (from, to) => {
    if (calls++ === 0) await write(String(to), 'of another window');
    return rename(from, to);
  });
  assert.deepEqual([name, await read('parts-2'), await read('parts-3')], ['parts-3', 'of another window', 'a']);
});

test('from another disk it is copied, whole or not at all', async () => {
  const across = () => Promise.reject(Object.assign(new Error('EXDEV'), { code: 'EXDEV' }));
  assert.equal(await acceptTaught(await teach('a'), detectors, across), 'parts-2');
  assert.equal(await read('parts-2'), 'a');
  const lost = await teach('b');
  await rm(lost.folder, { recursive: true });
  await assert.rejects(acceptTaught(lost, detectors, across), /ENOENT/);
  assert.deepEqual((await readdir(detectors)).sort(), ['parts', 'parts-2']);
});

test('a failed move leaves it waiting', async () => {
  const taught = await teach('a');
  const denied = () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }));
  await assert.rejects(acceptTaught(taught, detectors, denied), /EACCES/);
  assert.equal((await kept(taught.folder)).text, 'a');
  assert.deepEqual(await readdir(taught.folder), ['detector.json']);
});

test('discarding deletes one; what a killed window left is deleted by the next teaching', async () => {
  const [a, b] = [await teach('a'), await teach('b')];
  await removeTaught(a);
  assert.deepEqual(await readdir(taughts), [path.basename(path.dirname(b.folder))]);
  await utimes(path.dirname(b.folder), 0, 0);
  const c = await teach('c');
  assert.deepEqual(await readdir(taughts), [path.basename(path.dirname(c.folder))]);
});
