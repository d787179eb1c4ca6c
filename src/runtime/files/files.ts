import type { Dirent, Stats } from 'node:fs';
import { access, readdir, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { naturalOrder } from '../../dataset/naturalOrder.ts';
import { UserError } from '../../services/ports/errors.ts';
import type { Files, Listing } from '../../services/ports/disk.ts';
import { atomicFolder, atomicWrite } from './atomicWrite.ts';
import { fileError, notRegular } from './fileErrors.ts';
import { readRegular } from './regularFile.ts';
import { hashFile } from './sha256.ts';

/** Left out of listings: hidden entries (also macOS's `._x.png`) and archives' leftovers. */
const isHidden = (name: string): boolean => name.startsWith('.') || name === '__MACOSX';

/**
 * All regular files below `folder`, in natural order. Links are followed, each real folder is read
 * once (so loops end, and a link beside the real folder gives no doubles); an entry that can't be
 * read becomes a note.
 *
 * @throws UserError where `folder` itself can't be read
 */
export async function listFiles(folder: string): Promise<Listing> {
  const paths: string[] = [];
  const notes: string[] = [];
  const seen = new Set<string>();
  // Real folders first, so that a path through a link is only used where there is no other.
  const [real, linked] = [[''], [] as string[]];
  for (let at = real.pop(); at !== undefined; at = real.pop() ?? linked.shift()) {
    const here = path.join(folder, at);
    try {
      const identity = await realpath(here);
      if (seen.has(identity)) continue;
      seen.add(identity);
      for (const entry of await readdir(here, { withFileTypes: true })) {
        const relative = at === '' ? entry.name : `${at}/${entry.name}`;
        if (isHidden(entry.name)) continue;
        if (entry.name.includes('\ufffd')) {
          notes.push(`${relative}: has a name that is not valid UTF-8. Rename it.`);
          continue;
        }
        const target = await targetOf(entry, path.join(here, entry.name));
        if (target?.isDirectory()) (entry.isDirectory() ? real : linked).push(relative);
        // A link that leads nowhere is named when it is read.
        else if (!target || target.isFile()) paths.push(relative);
        else notes.push(`${relative}: ${notRegular}`);
      }
    } catch (error) {
      if (at === '') throw notAFolder(folder, error);
      notes.push(fileError('read', here, error).message);
    }
  }
  return { paths: paths.sort(naturalOrder), notes: notes.sort(naturalOrder) };
}

/** What an entry is, or what its link leads to; undefined where that is nothing. */
const targetOf = async (entry: Dirent, full: string): Promise<Dirent | Stats | undefined> =>
  entry.isSymbolicLink() ? stat(full).catch(() => undefined) : entry;

function notAFolder(folder: string, error: unknown): UserError {
  const failed = fileError('read', folder, error);
  return /is a file/.test(failed.message)
    ? new UserError(`${folder}: is a file. Give a folder.`, { cause: error })
    : failed;
}

const reading =
  <T>(read: (file: string) => Promise<T>) =>
  (file: string): Promise<T> =>
    read(file).catch((error: unknown) => {
      throw fileError('read', file, error);
    });

/** Files on the local disk. */
export const files: Files = {
  list: listFiles,
  exists: (file) =>
    access(file).then(
      () => true,
      () => false,
    ),
  read: reading<Uint8Array>(readRegular),
  readText: reading(async (file) => (await readRegular(file)).toString('utf8')),
  write: (file, content) => atomicWrite(file, content),
  writeFolder: atomicFolder,
  hash: hashFile,
  remove: (file) =>
    rm(file, { recursive: true, force: true }).catch((error: unknown) => {
      throw fileError('write', file, error);
    }),
};
