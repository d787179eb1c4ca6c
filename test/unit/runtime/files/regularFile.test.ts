import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { files } from '../../../../src/runtime/files/files.ts';
import { images } from '../../../../src/runtime/images/images.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'nferd-special-'));
after(() => rmSync(scratch, { recursive: true }));

const skip = process.platform === 'win32' && 'no such files on Windows';

/**
 * A pipe that nobody writes to, a socket, an endless device behind a link: all named like images.
 */
async function special(folder: string): Promise<readonly string[]> {
  mkdirSync(folder);
  const [pipe, socket, device] = ['pipe', 'socket', 'device'].map((name) => path.join(folder, `${name}.png`));
  execFileSync('mkfifo', [pipe!]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  after(() => server.close());
  symlinkSync('/dev/zero', device!);
  return [pipe!, socket!, device!];
}

const refused = { name: 'UserError', message: /\.png: is no regular file but a pipe, a socket or a device\. Remove/ };

test('pipes, sockets and devices are refused at once, whatever reads them', { skip }, async () => {
  for (const file of await special(path.join(scratch, 'read'))) {
    await assert.rejects(images.open(file), refused, file);
    await assert.rejects(images.readImage(file, { width: 8, height: 8 }), refused, file);
    await assert.rejects(images.readMask(file, { width: 8, height: 8 }), refused, file);
    await assert.rejects(files.hash(file), refused, file);
    await assert.rejects(files.readText(file), refused, file);
  }
});

test('they are no part of a listing, which names them', { skip }, async () => {
  const folder = path.join(scratch, 'list');
  await special(folder);
  writeFileSync(path.join(folder, 'part.png'), 'x');
  const { paths, notes } = await files.list(folder);
  assert.deepEqual(paths, ['part.png']);
  assert.deepEqual(
    notes.map((note) => note.split(': is no regular file')[0]),
    ['device.png', 'pipe.png', 'socket.png'],
  );
});

test('a folder is still called a folder', async () => {
  await assert.rejects(images.open(scratch), /is a folder\. Give a file\./);
});
