import type { Item } from '../../dataset/dataset.ts';
import type { LabelLine } from '../../dataset/labels.ts';
import { UserError } from '../ports/errors.ts';
import type { LabelPorts } from '../ports/labelPorts.ts';
import { labelledFolders, ownMasks } from './labelStore.ts';

export interface ImageMask {
  readonly width: number;
  readonly height: number;
  /** [height, width], 1 where defective. */
  readonly mask: Uint8Array;
}

/**
 * Writes a user's mask as PNG, 0 or 255; an empty one as well: it says that nothing is defective
 * where the dataset's mask says something. The name has 8 digits of the content's hash, so that the
 * file which an earlier line names stays as it is and undo finds it. The image's extension stays in
 * the name: `a.jpg` and `a.png` are two images.
 * @returns its path for the label line
 * @throws UserError
 */
export async function writeMask(
  folder: string,
  image: string,
  { width, height, mask }: ImageMask,
  { files, images, sha256 }: Pick<LabelPorts, 'files' | 'images' | 'sha256'>,
): Promise<string> {
  if (mask.length !== width * height)
    throw new UserError(`${image}: a mask of ${mask.length} pixels does not fit ${width}×${height}. Draw it again.`);
  const data = mask.map((value) => (value ? 255 : 0));
  // Beside the label file that its line goes to.
  const place = (await labelledFolders(folder, [image], { files })).at(-1);
  const [before, name] = place === undefined ? ['', image] : [`${place}/`, image.slice(place.length + 1)];
  const path = `${before}${ownMasks}/${name}.${sha256(`${width}×${height} ${sha256(data)}`).slice(0, 8)}.png`;
  await images.writePng(`${folder}/${path}`, { width, height, channels: 1, data });
  return path;
}

/**
 * The mask that counts for an image: none where the user called it normal, whatever was drawn
 * before; else the user's; else the dataset's, unless the user called the image anything but
 * anomalous.
 * @returns its path relative to the folder
 */
export function maskOf(
  line: Pick<LabelLine, 'label' | 'mask'> | undefined,
  item: Pick<Item, 'maskPath'> | undefined,
): string | undefined {
  if (line?.mask !== undefined) return line.label === 'normal' ? undefined : line.mask;
  return line?.label && line.label !== 'anomalous' ? undefined : item?.maskPath;
}

/**
 * Reads a mask at its image's size. One of another size is stretched by nearest neighbour, and
 * `note` says so.
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
  const note =
    `${maskPath}: ${original.width}×${original.height}, its image ${image} ${width}×${height}. ` + 'Stretched to fit.';
  return { width, height, mask: data, ...(!same && { note }) };
}
