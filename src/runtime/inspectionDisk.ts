import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { FileStamp, InspectionDisk } from '../services/inspectPorts.ts';
import type { RgbImage } from '../services/ports.ts';
import { errorCode, fileError } from './fileErrors.ts';
import { resample } from './imageResample.ts';
import { encodeJpeg } from './imageWrite.ts';
import { openInspectionStore, storeFileOf } from './inspectionStore.ts';
import { openRegular } from './regularFile.ts';

const chunkBytes = 2 ** 20;

async function stamp(file: string): Promise<FileStamp | undefined> {
  try {
    const { size, mtimeMs } = await stat(file);
    return { size, modifiedMs: mtimeMs };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileError('read', file, error);
  }
}

/** Read in pieces: a large file never lies in memory as a whole. */
async function hash(file: string): Promise<string> {
  try {
    const handle = await openRegular(file);
    try {
      const digest = createHash('sha256');
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, (await handle.stat()).size + 1));
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
        digest.update(buffer.subarray(0, bytesRead));
        // A short read is the end of a plain file; of others, another read tells.
        if (bytesRead === 0) return digest.digest('hex');
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError('read', file, error);
  }
}

const thumbnailQuality = 80;

async function encodeThumbnail(image: RgbImage, side: number): Promise<Uint8Array> {
  const { grey, width, height, original } = image;
  const scale = Math.min(1, side / Math.max(original.width, original.height));
  const [toWidth, toHeight] = [original.width, original.height].map((px) => Math.max(1, Math.round(px * scale)));
  const to = { width: toWidth!, height: toHeight! };
  const pixels = grey ? ({ channels: 1, data: grey } as const) : ({ channels: 3, data: image.data } as const);
  return encodeJpeg(await resample({ width, height, ...pixels }, to), thumbnailQuality);
}

/** Files and stored results on the local disk. */
export const inspectionDisk: InspectionDisk = {
  openStore: (folder) => openInspectionStore(storeFileOf(folder)),
  stamp,
  hash,
  encodeThumbnail,
};
