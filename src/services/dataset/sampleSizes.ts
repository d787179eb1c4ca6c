import type { Images, Size } from '../ports/disk.ts';
import { orMessage } from '../ports/errors.ts';
import { ahead } from '../ports/progress.ts';

/** So many images, spread over all, tell the size of all. */
const asked = 64;
const readAhead = 8;

/** Sizes of some images, spread over all; those that can't be read have none. Of most formats only
 * headers are read. */
export async function sampleSizes(paths: readonly string[], images: Pick<Images, 'open'>): Promise<Size[]> {
  const count = Math.min(asked, paths.length);
  const chosen = Array.from({ length: count }, (_, at) => paths[Math.floor((at * paths.length) / count)]!);
  const sizes: Size[] = [];
  for await (const file of ahead(chosen, readAhead, (path) => orMessage(images.open(path))))
    if (typeof file !== 'string') sizes.push(file.size);
  return sizes;
}
