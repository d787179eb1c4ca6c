import type { Dataset } from './dataset.ts';
import { isImagePath } from './imagePath.ts';
import { readers } from './layouts.ts';
import { naturalOrder } from './naturalOrder.ts';
import { folderList, saidOf } from './normalFolders.ts';

/**
 * Recognises the layout of a folder from its file names alone.
 *
 * @param paths files below the root, relative, with `/`; files that are no images are ignored
 * @param root the folder as the user gave it: names messages, and its name may tell what a plain
 * folder holds (`test/crack`)
 * @param normalFolders what the user said of its folders (saidOf)
 * @throws Error where there is no image
 */
export function recogniseDataset(paths: readonly string[], root = '', normalFolders: readonly string[] = []): Dataset {
  const said = saidOf(normalFolders);
  const images = paths.filter(isImagePath).toSorted(naturalOrder);
  for (const read of readers) {
    const found = images.length > 0 ? read(images, root, said) : undefined;
    if (!found || found.items.length === 0) continue;
    const { undecided } = found;
    const note = `names that don't say whether the images are normal: ${folderList(undecided)}`;
    return { root, normalFolders, ...found, notes: [...(undecided.length > 0 ? [note] : []), ...found.notes] };
  }
  const seen = paths.length === 0 ? 'the folder is empty' : `none of its ${paths.length} files is an image`;
  throw new Error(`${root || 'folder'}: ${seen}. Choose a folder with PNG, JPEG, BMP, TIFF or WebP images.`);
}
