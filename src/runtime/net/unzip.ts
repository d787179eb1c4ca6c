import { createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import type { WantedFile } from '../../services/ports/teacherPorts.ts';
import { UserError } from '../../services/ports/errors.ts';
import { crc32 } from '../files/crc32.ts';
import { fileError, errorCode } from '../files/fileErrors.ts';

/**
 * Takes files out of a ZIP archive, however large, and checks each one's size and CRC-32. A file
 * that is not at its path is looked for by its name.
 * @throws UserError where the archive is damaged, lacks a file, or the disk is full
 */
export async function unzip(archive: string, files: readonly WantedFile[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  let zip: yauzl.ZipFile;
  try {
    zip = await yauzl.openPromise(archive, { lazyEntries: true, autoClose: false, strictFileNames: true });
  } catch (error) {
    if (errorCode(error)) throw fileError('read', archive, error);
    throw new UserError(`${archive}: no ZIP archive (${(error as Error).message}). Fetch it again.`, { cause: error });
  }
  try {
    const entries: yauzl.Entry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(entry);
    for (const { name, pathInPackage } of files) {
      const entry =
        entries.find(({ fileName }) => fileName === pathInPackage) ??
        entries.find(({ fileName }) => path.posix.basename(fileName) === name);
      if (!entry)
        throw new UserError(`${archive}: holds no ${name}. Give a package of onnxruntime with CUDA for Linux x64.`);
      await extract(zip, entry, path.join(folder, name), archive);
    }
  } finally {
    zip.close();
  }
}

async function extract(zip: yauzl.ZipFile, entry: yauzl.Entry, file: string, archive: string): Promise<void> {
  let crc = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      crc = crc32(chunk, crc);
      done(null, chunk);
    },
  });
  try {
    await pipeline(await zip.openReadStreamPromise(entry), check, createWriteStream(file));
    const handle = await open(file, 'r+');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (errorCode(error)?.startsWith('Z_')) throw damaged(archive, entry, error);
    throw errorCode(error) ? fileError('write', file, error) : damaged(archive, entry, error);
  }
  if (crc !== entry.crc32) throw damaged(archive, entry);
}

const damaged = (archive: string, { fileName }: yauzl.Entry, cause?: unknown): UserError =>
  new UserError(`${archive}: ${fileName} is damaged. Fetch the package again.`, { cause });
