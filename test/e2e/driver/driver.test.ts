import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { packageSmokeExtension } from './smokeExtension.ts';
import { startVsCode, type VsCode } from './vscode.ts';

// 2 × 1 pixels, red and blue.
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP4z8DAwPAfAAcAAf9JcTm+AAAAAElFTkSuQmCC',
  'base64',
);

let temporary: string;
let code: VsCode;

before(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'nferd-driver-'));
  const folder = path.join(temporary, 'work');
  await mkdir(path.join(folder, 'parts/good'), { recursive: true });
  for (const name of ['a.png', 'b.png', 'parts/good/a.png']) await writeFile(path.join(folder, name), png);
  const vsix = await packageSmokeExtension(path.join(temporary, 'extension'));
  code = await startVsCode({ folder, vsix, settings: { 'smoke.greeting': 'Good morning' }, name: 'driver' });
});

after(async () => {
  const url = code?.page.url();
  await code?.dispose();
  await rm(temporary, { recursive: true, force: true });
  if (url) await assert.rejects(fetch(url), 'the server is gone');
});

test('a menu item opens a webview: picture, nonce, messages', async () => {
  await code.openContextMenu('a.png', 'Show smoke');
  const frame = await code.frameWith('#greeting:has-text("a.png")');
  assert.equal(await frame.locator('#greeting').textContent(), 'Good morning a.png');
  await frame.waitForFunction(() => document.querySelector('img')?.naturalWidth === 2);
  assert.equal(await frame.evaluate(() => document.documentElement.dataset['unsafe']), undefined, 'the CSP holds');

  await code.screenshot('webview');
});

test('settings edited by hand', async () => {
  await code.editSettings({ 'smoke.greeting': 'Good night' });
  const settings = JSON.parse(await readFile(code.settingsFile, 'utf8')) as Record<string, unknown>;
  assert.equal(settings['smoke.greeting'], 'Good night');
  await code.frameWith('#greeting:text-is("Good night a.png")');
});

test('rows in folders and several rows at once', async () => {
  await code.openContextMenu('parts/good/a.png', 'Show smoke');
  await code.frameWith('#greeting:text-is("Good night a.png")');
  await code.openContextMenu(['a.png', 'b.png'], 'Show smoke');
  await code.frameWith('#greeting:text-is("Good night a.png + b.png")');
});

test('a command by its title', async () => {
  await code.runCommand('Smoke: Hello');
  await code.page.locator('.notification-toast', { hasText: 'Hello from smoke' }).waitFor();
  await code.screenshot('command');
});
