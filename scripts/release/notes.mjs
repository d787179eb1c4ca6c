// What a release says of itself: the changelog's section of a version.
//   node scripts/release/notes.mjs v0.1.0
// It fails where package.json has another version or the changelog no such section.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** @throws Error where there is no such section, or it is empty */
export function notesOf(changelog, version) {
  const lines = changelog.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`## [${version}]`));
  if (from < 0) throw new Error(`CHANGELOG.md: has no section "## [${version}]".`);
  const length = lines.slice(from + 1).findIndex((line) => line.startsWith('## '));
  const notes = lines
    .slice(from + 1, length < 0 ? undefined : from + 1 + length)
    .join('\n')
    .trim();
  if (notes === '') throw new Error(`CHANGELOG.md: says nothing of ${version}.`);
  return notes;
}

/** @throws Error where the tag is not of this version */
export function versionOf(tag, version) {
  if (tag !== `v${version}`) throw new Error(`${tag}: package.json has version ${version}; its tag is v${version}.`);
  return version;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = path.resolve(import.meta.dirname, '../..');
  const read = (name) => readFileSync(path.join(root, name), 'utf8');
  try {
    const version = versionOf(process.argv[2] ?? '', JSON.parse(read('package.json')).version);
    console.log(notesOf(read('CHANGELOG.md'), version));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
