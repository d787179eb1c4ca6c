export type Split = 'train' | 'validation' | 'test' | 'none';
export type Label = 'normal' | 'anomalous' | 'unknown';

/** `mvtec-ad` also covers MPDD and VisA's one-class form, which have the same folders. */
export type Layout = 'mvtec-ad' | 'mvtec-ad-2' | 'btad' | 'visa' | 'kolektorsdd' | 'kolektorsdd2' | 'folder';

/** One image. Paths are relative to the dataset's root, with `/`. */
export interface Item {
  readonly path: string;
  readonly split: Split;
  /** From the folder, never from a mask, unless `maskDecidesLabel`. */
  readonly label: Label;
  /** Name of the folder of an anomalous image. */
  readonly defectType?: string;
  readonly maskPath?: string;
  /**
   * The label is `unknown` until the full-size mask was looked at: any defect pixel → anomalous
   * (see labelByMasks).
   */
  readonly maskDecidesLabel?: boolean;
}

/** A folder of images: its path below the root, or its name where that is a class of a split. */
export interface FolderCount {
  readonly folder: string;
  readonly images: number;
}

export interface Dataset {
  /** The folder as the user gave it; only for messages and for what its own name tells. */
  readonly root: string;
  readonly layout: Layout;
  /** Folders of the products found (`['']` where the root is one product). */
  readonly categories: readonly string[];
  /** In natural order of `path`. */
  readonly items: readonly Item[];
  /**
   * Folders whose names don't tell whether their images are normal, where there are several or
   * others are known; their images are `unknown`.
   */
  readonly undecided: readonly FolderCount[];
  /** The folders that the user said are of normal images. */
  readonly normalFolders: readonly string[];
  /** What the user may want to know: one line each. */
  readonly notes: readonly string[];
}

/**
 * `dataset` with the labels of its `maskDecidesLabel` items settled; `hasDefect(maskPath)` looks at
 * the full-size mask. Where it is undefined (the mask can't be read), nothing is known of the image.
 */
export function labelByMasks(dataset: Dataset, hasDefect: (maskPath: string) => boolean | undefined): Dataset {
  const settle = (item: Item): Item => {
    if (!item.maskDecidesLabel || item.maskPath === undefined) return item;
    const defect = hasDefect(item.maskPath);
    if (defect === undefined) return { path: item.path, split: item.split, label: 'unknown' };
    return defect ? { ...item, label: 'anomalous', defectType: 'defect' } : { ...item, label: 'normal' };
  };
  return { ...dataset, items: dataset.items.map(settle) };
}
