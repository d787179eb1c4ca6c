import { stat } from 'node:fs/promises';
import type { FileStamp, InspectionDisk } from '../../services/ports/inspectPorts.ts';
import type { RgbImage } from '../../services/ports/disk.ts';
import { errorCode, fileError } from '../files/fileErrors.ts';
import { resample } from '../images/imageResample.ts';
import { encodeJpeg } from '../images/imageWrite.ts';
import { openInspectionStore, storeFileOf } from './inspectionStore.ts';

async function stamp(file: string): Promise<FileStamp | undefined> {
  try {
    const { size, mtimeMs } = await stat(file);
    return { size, modifiedMs: mtimeMs };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
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
  encodeThumbnail,
};
