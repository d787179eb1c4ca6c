import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { files } from '../../../../src/runtime/files/files.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'nferd-files-'));
after(() => rmSync(scratch, { recursive: true }));

function tree(name: string, paths: readonly string[]): string {
  const root = path.join(scratch, name);
  mkdirSync(root);
  for (const file of paths) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), file);
  }
  return root;
}

test('lists files of any script in natural order, hidden ones left out', async () => {
  const root = tree('names', [
    'b/10.png',
    'b/9.png',
    'Teile/Öse Ä.png',
    '部品/画像.png',
    '.git/x',
    'b/._9.png',
    '__MACOSX/y.png',
  ]);
  assert.deepEqual(await files.list(root), {
    paths: ['Teile/Öse Ä.png', 'b/9.png', 'b/10.png', '部品/画像.png'],
    notes: [],
  });
});

test(
  'links: loops end, doubles are left out, outside folders are followed',
  { skip: process.platform === 'win32' },
  async () => {
    const outside = tree('outside', ['far.png']);
    const root = tree('links', ['a/1.png', 'z/2.png']);
    symlinkSync('..', path.join(root, 'a/up'));
    symlinkSync('z', path.join(root, 'also-z'));
    symlinkSync(outside, path.join(root, 'out'));
    symlinkSync(path.join(outside, 'far.png'), path.join(root, 'file.png'));
    assert.deepEqual((await files.list(root)).paths, ['a/1.png', 'file.png', 'out/far.png', 'z/2.png']);
  },
);

test('a folder that cannot be listed is said', async () => {
  const root = tree('one', ['x.png']);
  await assert.rejects(files.list(path.join(root, 'none')), { message: /none: does not exist\. Check the path\.$/ });
  await assert.rejects(files.list(path.join(root, 'x.png')), { message: /x\.png: is a file\. Give a folder\.$/ });
});

test('reads, writes, removes', async () => {
  const file = path.join(scratch, 'deep/er/note.txt');
  assert.equal(await files.exists(file), false);
  await files.write(file, 'grün');
  await files.write(file, 'grüner');
  assert.equal(await files.readText(file), 'grüner');
  assert.deepEqual([...(await files.read(file))], [...Buffer.from('grüner')]);
  assert.deepEqual(readdirSync(path.dirname(file)), ['note.txt']);
  await files.remove(path.join(scratch, 'deep'));
  assert.equal(await files.exists(file), false);
  await assert.rejects(files.read(file), { name: 'UserError', message: /note\.txt: does not exist/ });
});

test('a folder is replaced as a whole or not at all', async () => {
  const folder = path.join(scratch, 'model');
  await files.writeFolder(folder, (temporary) => files.write(path.join(temporary, 'old.txt'), 'old'));
  await files.writeFolder(folder, (temporary) => files.write(path.join(temporary, 'new.txt'), 'new'));
  assert.deepEqual(readdirSync(folder), ['new.txt']);
  const failing = files.writeFolder(folder, async (temporary) => {
    await files.write(path.join(temporary, 'half.txt'), 'half');
    throw new Error('stopped');
  });
  await assert.rejects(failing, /stopped/);
  assert.deepEqual(readdirSync(folder), ['new.txt']);
  assert.equal(readFileSync(path.join(folder, 'new.txt'), 'utf8'), 'new');
  assert.deepEqual(
    readdirSync(scratch).filter((name) => name.endsWith('.tmp')),
    [],
  );
});
