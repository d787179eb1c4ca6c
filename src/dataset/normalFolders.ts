import type { FolderCount } from './dataset.ts';
import { foldersOf } from './folderNames.ts';

/**
 * What the user said of a dataset's folders.
 * @returns whether an image lies in one that is said to hold normal images; undefined where nothing
 * was said
 */
export type Said = (path: string) => boolean | undefined;

/**
 * @param folders each a path below the root, a name of folders at any depth, or `.` for the images
 * that lie in the root itself
 */
export function saidOf(folders: readonly string[]): Said {
  if (folders.length === 0) return () => undefined;
  const wanted = folders.map((folder) => composed(folder).replace(/^\.\/|\/+$/g, ''));
  return (path) => {
    const parts = foldersOf(composed(path));
    const whole = `${parts.join('/')}/`;
    return wanted.some((folder) => {
      if (folder === '.') return parts.length === 0;
      return folder.includes('/') ? whole.startsWith(`${folder}/`) : parts.includes(folder);
    });
  };
}

/** macOS writes names decomposed: `ü` as two characters. */
const composed = (name: string): string => name.normalize('NFC');

/** How many of `folders` there are, in the order in which they come first. */
export function countFolders(folders: readonly string[]): FolderCount[] {
  const counts = new Map<string, number>();
  for (const folder of folders) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  return [...counts].map(([folder, images]) => ({ folder, images }));
}

/** Whether some of `folders` lie beside others, not all of them one in the other. */
export const isSeveral = (folders: readonly string[]): boolean =>
  [...new Set(folders)].sort().some((folder, at, all) => at > 0 && !folder.startsWith(`${all[at - 1]!}/`));

const named = 12;

/** `a (12 images), b (1 image)`. */
export function folderList(folders: readonly FolderCount[]): string {
  const shown = folders
    .slice(0, named)
    .map(({ folder, images }) => `${folder} (${images} image${images === 1 ? '' : 's'})`);
  return [...shown, ...(folders.length > named ? [`${folders.length - named} more`] : [])].join(', ');
}
