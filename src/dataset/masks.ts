import { foldersOf, isMaskFolder, stemOf } from './folderNames.ts';

export interface Masks {
  /** Images that are not masks. */
  readonly images: readonly string[];
  /**
   * The mask of an image, looked up under each of the places where it would lie beside
   * `ground_truth`.
   */
  find(...places: readonly string[]): string | undefined;
  /** How many masks nobody asked for. */
  unused(): number;
}

/**
 * Tells masks from images: files in a mask folder (`ground_truth`, `Masks`, `gt`) and files
 * `x_mask.*` or `folder_masks/x.*` beside an image `x.*` or `folder/x.*`. A class whose name ends so,
 * such as `missing_solder_mask`, is none. A mask stands for the path without its mask folder, extension
 * and suffix: `c/ground_truth/crack/000_mask.png` → `c/crack/000`.
 */
export function separateMasks(paths: readonly string[]): Masks {
  const stems = new Set(paths.map(stemOf));
  const masks = new Map<string, string>();
  const images: string[] = [];
  for (const path of paths) {
    const inMaskFolder = foldersOf(path).some(isMaskFolder);
    const stem = stemOf(path);
    const bare = stem.replace(/_(mask|gt|label)$/i, '');
    const beside = withoutMaskEnding(bare);
    if (inMaskFolder) masks.set(withoutMaskFolder(bare), path);
    else if (beside !== stem && stems.has(beside)) masks.set(withoutMaskFolder(beside), path);
    else images.push(path);
  }
  const used = new Set<string>();
  return {
    images,
    find(...places) {
      const mask = places.map((place) => masks.get(stemOf(place))).find((path) => path !== undefined);
      if (mask !== undefined) used.add(mask);
      return mask;
    },
    unused: () => masks.size - used.size,
  };
}

/** `bad_masks/000` → `bad/000` */
const withoutMaskEnding = (stem: string): string => stem.replace(/[_ -]masks?(?=\/)/gi, '');

const withoutMaskFolder = (path: string): string =>
  path
    .split('/')
    .filter((part, i, all) => i === all.length - 1 || !isMaskFolder(part))
    .join('/');
