import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { root, textOf } from '../../../scripts/docs/documents.ts';

interface Identity {
  readonly id: string;
  readonly version: string;
  readonly target: string;
  readonly preRelease: boolean;
}
// By their addresses: they are plain JavaScript, which the compiler has no types for.
const load = (name: string): Promise<unknown> => import(new URL(`../../../scripts/${name}`, import.meta.url).href);
const { packagesIn } = (await load('release/packages.mjs')) as {
  packagesIn(
    folder: string,
    manifest: { readonly name: string; readonly publisher: string; readonly version: string },
    wanted: { readonly targets: readonly string[]; readonly preRelease: boolean },
    identity: (file: string) => Identity,
  ): string[];
};
const { notesOf, versionOf } = (await load('release/notes.mjs')) as {
  notesOf(changelog: string, version: string): string;
  versionOf(tag: string, version: string): string;
};
const { preReleaseVersion } = (await load('release/preReleaseVersion.mjs')) as {
  preReleaseVersion(version: string, now: Date): string;
};

const folder = mkdtempSync(path.join(tmpdir(), 'nferd-release-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const manifest = { name: 'a', publisher: 'p', version: '1.0.0' };
for (const target of ['x', 'y']) writeFileSync(path.join(folder, `a-${target}-1.0.0.vsix`), '');
const identity = (file: string): Identity => {
  const target = path.basename(file).split('-')[1]!;
  return { id: 'p.a', version: '1.0.0', target, preRelease: target === 'y' };
};

test('a release is one package for each platform, or it says what is missing or other than it should be', () => {
  const found = (targets: string[], preRelease = false) =>
    packagesIn(folder, manifest, { targets, preRelease }, identity);
  assert.deepEqual(found(['x']), [path.join(folder, 'a-x-1.0.0.vsix')]);
  assert.throws(() => found(['x', 'z']), /a-z-1\.0\.0\.vsix: missing\. Run/);
  assert.throws(() => found(['x', 'y']), /a-y-1\.0\.0\.vsix: its preRelease is true, not false\.$/);
  assert.throws(() => found(['x'], true), /its preRelease is false, not true/);
});

test("a release's notes are its section of the changelog", () => {
  const changelog = '# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2027-01-01\n\n- One.\n\n## [0.9.0]\n\n- Two.\n';
  assert.equal(notesOf(changelog, '1.0.0'), '- One.');
  assert.equal(notesOf(changelog, '0.9.0'), '- Two.');
  assert.throws(() => notesOf(changelog, '1.0'), /no section/);
  assert.throws(() => notesOf('## [2.0.0]\n\n## [1.0.0]\n', '2.0.0'), /says nothing/);
  assert.throws(() => versionOf('v1.0.1', '1.0.0'), /its tag is v1\.0\.0/);
});

test('the changelog has a place for what is not released yet, or a section of this version', () => {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const changelog = textOf('CHANGELOG.md');
  assert.match(changelog, new RegExp(`^## \\[(Unreleased|${version.replaceAll('.', '\\.')})\\]`, 'm'));
});

test('a pre-release has an odd minor number, and later ones come later', () => {
  const at = (time: string) => preReleaseVersion('0.2.3', new Date(time));
  assert.equal(at('2026-12-01T10:30:00Z'), '0.3.2026120110');
  assert.ok(Number(at('2099-12-31T23:00:00Z').split('.')[2]) < 2 ** 31);
});
