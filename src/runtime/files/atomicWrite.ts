import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from './fileErrors.ts';
import { locked } from './lockFile.ts';

/** The file system calls of a write; a test replaces one to make it fail. */
export interface WriteCalls {
  readonly mkdir: typeof mkdir;
  readonly open: typeof open;
  readonly rename: typeof rename;
}

const nodeCalls: WriteCalls = { mkdir, open, rename };

/**
 * Writes a file under a temporary name in the same folder, flushes it to the disk and renames it:
 * the final name never holds half a file. Makes the folders above. On failure the temporary file is
 * removed and an older file is untouched.
 *
 * @param flush false for what can be made again: its content may be lost in a power cut, and it
 * saves milliseconds
 * @throws UserError
 */
export async function atomicWrite(
  file: string,
  content: Uint8Array | string,
  { flush = true, calls = nodeCalls }: { readonly flush?: boolean; readonly calls?: WriteCalls } = {},
): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await calls.mkdir(path.dirname(file), { recursive: true });
    const handle = await calls.open(temporary, 'wx');
    try {
      await handle.writeFile(content);
      if (flush) await handle.sync();
    } finally {
      await handle.close();
    }
    await calls.rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError('write', file, error);
  }
}

/**
 * Fills a new folder beside `folder` and puts it in its place. Where `fill` or a rename fails the
 * new folder is removed and the old one stays. Of several that write the same folder at once each
 * succeeds, and that of the last one stays, whole.
 *
 * @throws UserError, or what `fill` throws
 */
export async function atomicFolder(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const target = path.resolve(folder);
  const temporary = temporaryName(target);
  try {
    await mkdir(temporary, { recursive: true }).catch((error: unknown) => {
      throw fileError('write', folder, error);
    });
    await fill(temporary);
    await locked(target, () => replace(target, temporary)).catch((error: unknown) => {
      throw fileError('write', folder, error);
    });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

async function replace(target: string, temporary: string): Promise<void> {
  const old = temporaryName(target);
  const hadOne = await rename(target, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(temporary, target);
  } catch (error) {
    if (hadOne) await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

/** Hidden and in the same folder, so on the same disk. */
const temporaryName = (file: string): string =>
  path.join(path.dirname(file), `.${path.basename(file).slice(0, 80)}.${randomUUID().slice(0, 8)}.tmp`);
