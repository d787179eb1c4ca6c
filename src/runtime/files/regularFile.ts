import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { UserError } from '../../services/ports/errors.ts';
import { notRegular } from './fileErrors.ts';

/**
 * Opens a file to read. A named pipe would otherwise hold a thread until somebody writes to it.
 * @throws UserError where it is neither a regular file nor a folder, whose own error the reader
 * gives; system errors
 */
export async function openRegular(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK, opening a pipe waits already. Windows has neither.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await handle.stat();
    if (!found.isFile() && !found.isDirectory()) throw new UserError(`${path}: ${notRegular}`);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** All bytes of a regular file. @throws UserError, system errors */
export async function readRegular(path: string): Promise<Buffer> {
  const handle = await openRegular(path);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
