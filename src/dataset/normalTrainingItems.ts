import type { Dataset, FolderCount, Item } from './dataset.ts';
import { folderList } from './normalFolders.ts';

/** Fewer normal images than this say nothing about what is normal. */
export const fewestNormals = 5;

/**
 * The folders that the user has to decide on before there is anything to learn from: no image is
 * known to be normal, and their names don't say which are.
 */
export const foldersToDecide = ({ items, undecided }: Dataset): readonly FolderCount[] =>
  items.some(({ label, split }) => label === 'normal' && split !== 'test') ? [] : undecided;

/**
 * The images to learn from: the normal ones of the training split, or of a folder without splits,
 * or all of a plain folder that says nothing about its images.
 *
 * @throws Error where the folder is the wrong one: several products, defect images, test images,
 * labels not settled yet
 */
export function normalTrainingItems(dataset: Dataset): Item[] {
  const { root, categories, items } = dataset;
  const where = root || 'folder';
  if (categories.length > 1) {
    const names = `${categories.slice(0, 3).join(', ')}${categories.length > 3 ? ', …' : ''}`;
    throw new Error(`${where}: holds ${categories.length} products (${names}). Choose the folder of one of them.`);
  }
  if (items.some((item) => item.maskDecidesLabel && item.label === 'unknown')) {
    throw new Error(`${where}: the masks decide which images are normal and were not read yet (labelByMasks).`);
  }
  const open = foldersToDecide(dataset);
  if (open.length > 0) {
    throw new Error(
      `${where}: no name says which of its folders hold normal images: ${folderList(open)}. ` +
        'Say it: --normal FOLDER, once for each; the others are taken as defects.',
    );
  }
  const normal = items.filter((item) => item.label === 'normal');
  const choices = [
    normal.filter((item) => item.split === 'train'),
    normal.filter((item) => item.split === 'none'),
    items.some((item) => item.label !== 'unknown') ? [] : items.filter((item) => item.split === 'none'),
  ];
  const chosen = choices.find((choice) => choice.length > 0);
  if (chosen) return chosen;
  if (normal.length > 0) {
    throw new Error(
      `${where}: holds test images only. Choose the folder with normal training images, such as train/good.`,
    );
  }
  const defect = items.find((item) => item.defectType !== undefined)?.defectType;
  throw new Error(
    defect === undefined
      ? `${where}: no image is known to be normal. Choose the folder with normal images, such as train/good.`
      : `${where}: looks like defect images (folder '${defect}'). Choose the folder with normal images, ` +
          'such as train/good.',
  );
}

/**
 * One line that says that there are too few normal images, or undefined. The caller sets the
 * minimum and how hard to fail.
 */
export function tooFewNormals(root: string, count: number, minimum: number): string | undefined {
  if (count >= minimum) return undefined;
  const found = count === 1 ? '1 normal image' : `${count} normal images`;
  return `${root || 'folder'}: only ${found}, at least ${minimum} are needed. Add images of good products.`;
}
