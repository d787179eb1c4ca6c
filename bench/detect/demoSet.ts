import { existsSync } from 'node:fs';
import path from 'node:path';
import { makeDemo } from '../../scripts/demo/makeDemo.ts';
import { ports } from './subject.ts';

const cache = path.resolve(import.meta.dirname, '../../.cache/bench-detect');

/**
 * The demo set with as many normal images as the memory is measured on; drawn once.
 * @returns the category's folder
 */
export async function demoSet(normals: number): Promise<string> {
  const folder = path.join(cache, `demo-${normals}`);
  const done = path.join(folder, 'done');
  if (!existsSync(done)) {
    await makeDemo(folder, { train: normals, testGood: 1, perDefect: 1 });
    await ports.files.write(done, '');
  }
  return path.join(folder, 'flange');
}
