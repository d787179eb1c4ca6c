import type { Item } from '../dataset/dataset.ts';
import type { LabelLine } from '../protocol/inspection.ts';
import { UserError } from './errors.ts';
import type { LabelPorts } from './labelPorts.ts';

export interface ImageMask {
  readonly width: number;
  readonly height: number;
  /** [height, width], 1 where defective. */
  readonly mask: Uint8Array;
}

/** Where the user's mask of an image goes, relative to the folder. The extension stays in the name: `a.jpg` and `a.png` are two images. */
export const maskPathOf = (image: string): string => `.nferd/masks/${image}.png`;

/** Writes a user's mask as PNG, 0 or 255. @returns its path for the label line; undefined, and no file, where nothing is defective */
export async function writeMask(
  folder: string,
  image: string,
  { width, height, mask }: ImageMask,
  { images }: Pick<LabelPorts, 'images'>,
): Promise<string | undefined> {
  if (mask.length !== width * height)
    throw new UserError(`${image}: a mask of ${mask.length} pixels does not fit ${width}×${height}. Draw it again.`);
  if (!mask.some((value) => value !== 0)) return undefined;
  const path = maskPathOf(image);
  await images.writePng(`${folder}/${path}`, {
    width,
    height,
    channels: 1,
    data: mask.map((value) => (value ? 255 : 0)),
  });
  return path;
}

/**
 * The mask that counts for an image: the user's; none where the user called it anything but anomalous; else the dataset's.
 * @returns its path relative to the folder
 */
export function maskOf(line: LabelLine | undefined, item: Pick<Item, 'maskPath'> | undefined): string | undefined {
  if (line?.mask !== undefined) return line.mask;
  return line?.label && line.label !== 'anomalous' ? undefined : item?.maskPath;
}

/**
 * Reads a mask at its image's size. One of another size is stretched by nearest neighbour, and `note` says so.
 * @throws UserError where the image or the mask can't be read
 */
export async function readMaskAt(
  folder: string,
  image: string,
  maskPath: string,
  { images, labelFiles }: Pick<LabelPorts, 'images' | 'labelFiles'>,
): Promise<ImageMask & { readonly note?: string }> {
  const size = await labelFiles.imageSize(`${folder}/${image}`);
  const file = /^(\/|[a-z]:)/i.test(maskPath) ? maskPath : `${folder}/${maskPath}`;
  const { width, height, data, original } = await images.readMask(file, size);
  const same = original.width === width && original.height === height;
  const note = `${maskPath}: ${original.width}×${original.height}, its image ${image} ${width}×${height}. Stretched to fit.`;
  return { width, height, mask: data, ...(!same && { note }) };
}
