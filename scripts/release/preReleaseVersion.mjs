// Prints the version of a pre-release made now, of package.json's:
//   npm version --no-git-tag-version "$(node scripts/release/preReleaseVersion.mjs)"
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The Marketplace wants versions of three numbers, and advises odd minor ones for pre-releases. The
 * third is the hour it was made in (UTC).
 * @param now a Date
 */
export function preReleaseVersion(version, now) {
  const [major, minor] = version.split('.').map(Number);
  const hour = now.toISOString().slice(0, 13).replaceAll(/[-T]/g, '');
  return `${major}.${minor % 2 === 0 ? minor + 1 : minor}.${hour}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = path.resolve(import.meta.dirname, '../../package.json');
  console.log(preReleaseVersion(JSON.parse(readFileSync(file, 'utf8')).version, new Date()));
}
