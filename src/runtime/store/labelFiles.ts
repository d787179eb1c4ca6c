import { copyFile, link, lstat, mkdir, open, readdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import type { FileStamp } from '../../services/ports/inspectPorts.ts';
import type { LabelFiles } from '../../services/ports/labelPorts.ts';
import { fileError } from '../files/fileErrors.ts';
import { foreignText } from '../files/foreignText.ts';
import { openImage } from '../images/imageSource.ts';
import { encodePng } from '../images/imageWrite.ts';
import { locked } from '../files/lockFile.ts';
import { readRegular } from '../files/regularFile.ts';

async function append(file: string, text: string): Promise<{ before: number; after: number }> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(file, 'a+');
    try {
      const { size } = await handle.stat();
      const { buffer } = size > 0 ? await handle.read(new Uint8Array(1), 0, 1, size - 1) : { buffer: [newline] };
      const bytes = Buffer.from(buffer[0] === newline ? text : `\n${text}`);
      for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done)).bytesWritten;
      await handle.sync();
      return { before: size, after: size + bytes.length };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError('write', file, error);
  }
}

const newline = 0x0a;

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await mkdir(path.dirname(to), { recursive: true });
    await rm(to, { force: true });
    // Another disk, or one without links: a copy does as well.
    await link(await realpath(from), to).catch(() => copyFile(from, to));
  } catch (error) {
    throw fileError('write', to, error);
  }
}

async function stamps(folder: string): Promise<Map<string, FileStamp>> {
  const found = new Map<string, FileStamp>();
  const folders = [''];
  try {
    for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
      const entries = await readdir(path.join(folder, at), { withFileTypes: true });
      const looks = entries.map(async (entry) => {
        const relative = `${at}${entry.name}`;
        if (entry.isDirectory()) folders.push(`${relative}/`);
        else {
          const { size, mtimeMs } = await lstat(path.join(folder, relative));
          found.set(relative, { size, modifiedMs: mtimeMs });
        }
      });
      await Promise.all(looks);
    }
  } catch (error) {
    throw fileError('read', folder, error);
  }
  return found;
}

/** Labels on the local disk. */
export const labelFiles: LabelFiles = {
  append,
  locked,
  stamps,
  link: linkOrCopy,
  imageSize: async (file) => (await openImage(file)).size,
  readForeign: (file) =>
    readRegular(file).then(foreignText, (error: unknown) => {
      throw fileError('read', file, error);
    }),
  encodePng,
  base64: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
};
