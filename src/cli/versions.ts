import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The installed version of a package, whatever it exports; `unknown` where it can't be told. */
export function versionOf(name: string, from: string): string {
  try {
    let folder = path.dirname(createRequire(from).resolve(name));
    while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
    return (
      (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version?: string }).version ?? 'unknown'
    );
  } catch {
    return 'unknown';
  }
}
