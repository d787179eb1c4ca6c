import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeDemoSet } from './prepare.ts';

/** Normal images of the set that any detector of it flags. */
export const acceptedStains = 7;

/**
 * Draws a set for the dataset view, `folder/flange`: normal images, three kinds of defects, and
 * stained parts that lie among the normal test images, as where a stain is accepted. Those are
 * false alarms whatever a detector's numbers are.
 */
export async function drawParts(folder: string): Promise<void> {
  await makeDemoSet(folder, { train: 24, testGood: 10, perDefect: 5 });
  const other = await mkdtemp(path.join(tmpdir(), 'nferd-stains-'));
  try {
    await makeDemoSet(other, { seed: 11, train: 0, testGood: 0, perDefect: acceptedStains });
    const stains = path.join(other, 'flange/test/stain');
    for (const name of await readdir(stains))
      await copyFile(path.join(stains, name), path.join(folder, 'flange/test/good', `stain-${name}`));
  } finally {
    await rm(other, { recursive: true, force: true });
  }
}
