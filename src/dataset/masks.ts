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
 * `x_mask.*` beside an image `x.*`. A mask stands for the path without its mask folder, extension
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
    if (!inMaskFolder && (bare === stem || !stems.has(bare))) images.push(path);
    else masks.set(withoutMaskFolder(bare), path);
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

const withoutMaskFolder = (path: string): string =>
  path
    .split('/')
    .filter((part, i, all) => i === all.length - 1 || !isMaskFolder(part))
    .join('/');
