import type { ImageFile, Images, Mask, Size } from '../ports/disk.ts';
import { orMessage } from '../ports/errors.ts';

/** A mask that lies on its image, or why there is none; `note` where it may lie otherwise. */
export interface LaidMask {
  readonly mask?: Mask | undefined;
  /** One line. */
  readonly note?: string;
}

/**
 * The mask of an image, as metrics take it. One of another size can't be laid on its image: it may
 * be cropped, or turned otherwise, so it is left out.
 * @param image its path, and its sizes as it is seen and as it is stored
 * @param mask absolute
 * @throws UserError where the mask can't be read
 */
export async function maskOn(
  { path, size, stored }: { readonly path: string } & Pick<ImageFile, 'size' | 'stored'>,
  mask: string,
  side: Size,
  images: Pick<Images, 'readMask'>,
): Promise<LaidMask> {
  const found = await images.readMask(mask, side);
  const { original } = found;
  if (!isSame(original, size))
    return { note: `${mask}: ${sizeText(original)}, its image ${path} ${sizeText(size)}. Left out of pixel metrics.` };
  if (found.hasDefect && !found.data.includes(1))
    return { note: `${mask}: marks less than can be measured at ${sizeText(side)}. Left out of pixel metrics.` };
  if (stored && isSame(original, stored))
    return { mask: found, note: `${mask}: its image ${path} is turned by EXIF. Taken as upright; look at one.` };
  return { mask: found };
}

/** The same of an image on the disk; a mask that can't be read is left out as well. */
export async function maskOrNote(
  path: string,
  mask: string,
  side: Size,
  images: Pick<Images, 'open' | 'readMask'>,
): Promise<LaidMask> {
  const laid = await orMessage(images.open(path).then((file) => maskOn({ ...file, path }, mask, side, images)));
  return typeof laid === 'string' ? { note: `${laid} Left out of pixel metrics.` } : laid;
}

const isSame = (a: Size, b: Size): boolean => a.width === b.width && a.height === b.height;
const sizeText = ({ width, height }: Size): string => `${width}×${height}`;

/** So many masks are named. */
const named = 5;

/** Notes of masks, of which there may be thousands: the first ones, and how many more. */
export function fewNotes(notes: readonly string[]): string[] {
  const more = notes.length - named;
  return [...notes.slice(0, named), ...(more > 0 ? [`${more} more masks like these.`] : [])];
}
