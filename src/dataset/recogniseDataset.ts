import type { Dataset } from './dataset.ts';
import { isImagePath } from './imagePath.ts';
import { readers } from './layouts.ts';
import { naturalOrder } from './naturalOrder.ts';

/**
 * Recognises the layout of a folder from its file names alone.
 *
 * @param paths files below the root, relative, with `/`; files that are no images are ignored
 * @param root the folder as the user gave it: names messages, and its name may tell what a plain
 * folder holds (`test/crack`)
 * @throws Error where there is no image
 */
export function recogniseDataset(paths: readonly string[], root = ''): Dataset {
  const images = paths.filter(isImagePath).toSorted(naturalOrder);
  for (const read of readers) {
    const found = images.length > 0 ? read(images, root) : undefined;
    if (found && found.items.length > 0) return { root, ...found };
  }
  const seen = paths.length === 0 ? 'the folder is empty' : `none of its ${paths.length} files is an image`;
  throw new Error(`${root || 'folder'}: ${seen}. Choose a folder with PNG, JPEG, BMP, TIFF or WebP images.`);
}
