import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { atomicFolder, atomicWrite, type WriteCalls } from '../../../../src/runtime/files/atomicWrite.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'nferd-write-'));
after(() => rmSync(scratch, { recursive: true }));

const fail = (code: string) => (): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));

/** The real calls, but every write into an opened file fails. */
const failingWrite = (code: string): WriteCalls => ({
  mkdir,
  rename,
  open: async (...args) => Object.assign(await open(...args), { writeFile: fail(code) }),
});

const injected: readonly [name: string, calls: WriteCalls, message: RegExp][] = [
  ['disk full', failingWrite('ENOSPC'), /: could not be written: the disk is full\. Free some space/],
  ['quota', failingWrite('EDQUOT'), /: could not be written: your disk quota is used up/],
  ['read-only disk', { mkdir, rename, open: fail('EROFS') }, /: could not be written: the disk is read-only\. Choose/],
  ['no permission', { mkdir, rename, open: fail('EACCES') }, /: may not be written\. Change the permissions/],
  ['file in use', { mkdir, open, rename: fail('EBUSY') }, /: could not be written: another program uses it/],
  ['unknown', failingWrite('EXYZ'), /: could not be written \(EXYZ\)\.$/],
];

for (const [name, calls, message] of injected) {
  test(`${name}: one line, the older file untouched, nothing left behind`, async () => {
    const folder = mkdtempSync(path.join(scratch, 'case-'));
    const file = path.join(folder, 'map.npy');
    writeFileSync(file, 'older');
    await assert.rejects(atomicWrite(file, 'newer', { calls }), (error: Error) => {
      assert.equal(error.name, 'UserError');
      assert.ok(error.message.startsWith(file));
      assert.match(error.message, message);
      return true;
    });
    assert.equal(readFileSync(file, 'utf8'), 'older');
    assert.deepEqual(readdirSync(folder), ['map.npy']);
  });
}

test('several write the same folder at once: one whole folder is left, and nothing else', async () => {
  const place = mkdtempSync(path.join(scratch, 'race-'));
  for (let round = 0; round < 10; round++) {
    const writers = Array.from({ length: 6 }, (_, at) =>
      atomicFolder(path.join(place, 'flange'), async (temporary) => {
        for (const name of ['detector.json', 'detector.onnx']) {
          await atomicWrite(path.join(temporary, name), String(at));
        }
      }),
    );
    await Promise.all(writers);
    assert.deepEqual(readdirSync(place), ['flange']);
    const [json, onnx] = ['json', 'onnx'].map((kind) =>
      readFileSync(path.join(place, `flange/detector.${kind}`), 'utf8'),
    );
    assert.equal(json, onnx);
  }
});

test('below a file and onto a folder', async () => {
  const file = path.join(scratch, 'plain');
  writeFileSync(file, '');
  await assert.rejects(atomicWrite(path.join(file, 'x.png'), ''), { message: /a part of the path is a file\. Choose/ });
  await assert.rejects(
    atomicFolder(path.join(file, 'model'), async () => undefined),
    { message: /part of the path is a file/ },
  );
  await assert.rejects(atomicWrite(scratch, ''), { message: /a folder has this name\. Choose another name/ });
});

test('a really full disk', async (t) => {
  const disk = path.join(scratch, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return t.skip('no right to mount a tmpfs here');
  }
  try {
    await assert.rejects(atomicWrite(path.join(disk, 'big.npy'), new Uint8Array(2 ** 20)), {
      name: 'UserError',
      message: /big\.npy: could not be written: the disk is full\. Free some space or choose another folder\.$/,
    });
    assert.deepEqual(readdirSync(disk), []);
  } finally {
    execFileSync('umount', [disk]);
  }
});
