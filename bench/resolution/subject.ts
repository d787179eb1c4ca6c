import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { enginePorts } from '../../src/runtime/ports.ts';
import { drawSet, type DrawnImage, type SetOptions } from './drawSet.ts';

// As deep in the repository as the bundles of this folder's scripts.
export const teachers = { shipped: path.resolve(import.meta.dirname, '../../models'), user: '' };
export const threads = 2;
export const ports = enginePorts({ executionProvider: 'cpu', threads });

/** A set of these options in a folder, drawn once. */
export async function drawnSet(folder: string, options: SetOptions): Promise<readonly DrawnImage[]> {
  const done = path.join(folder, 'drawn.json');
  const wanted = JSON.stringify(options);
  if (existsSync(done)) {
    const found = JSON.parse(readFileSync(done, 'utf8')) as { wanted: string; test: DrawnImage[] };
    if (found.wanted === wanted) return found.test;
    throw new Error(`${folder}: holds a set of other options. Remove it, or give another folder with --data.`);
  }
  const test = await drawSet(folder, options);
  writeFileSync(done, JSON.stringify({ wanted, test }));
  return test;
}
