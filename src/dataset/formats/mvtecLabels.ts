import type { Item, Split } from '../dataset.ts';
import { isNormalName, splitOf, stemOf } from '../folderNames.ts';
import type { LabelledImage } from './labelledImage.ts';

/** Where an image goes in a folder laid out like MVTec AD. */
export interface MvtecPlace {
  readonly image: string;
  /** `test/crack/000.png` */
  readonly file: string;
  /** `ground_truth/crack/000_mask.png` */
  readonly mask: string;
}

/** Beside the folders that MVTec AD has: what it can't say. Readers of the layout leave it out. */
const besideFolders = { unsure: 'unsure', excluded: 'excluded', unknown: 'unlabelled' } as const;

/** The class folder of anomalous images that nobody named a defect of. */
const unnamed = 'defect';

/**
 * Places for images: normal ones of the training split in `train/good`, others in `test/good`,
 * anomalous ones in `test/<defect>`, what MVTec AD can't say in folders beside. Names stay as they
 * are where they are free in their folder, else the folders they were in are put before.
 */
export function mvtecPlaces(images: readonly (LabelledImage & { readonly split: Split })[]): MvtecPlace[] {
  const taken = new Set<string>();
  const classes = new Map<string, string>();
  return images.map(({ image, label, defectType, split }) => {
    const kind =
      label === 'normal'
        ? 'good'
        : label === 'anomalous'
          ? classFolder(defectType ?? unnamed, classes)
          : besideFolders[label ?? 'unknown'];
    const folder =
      label === 'normal'
        ? `${split === 'train' ? 'train' : 'test'}/good`
        : label === 'anomalous'
          ? `test/${kind}`
          : kind;
    const name = freeName(folder, image, taken);
    const masks = label === 'normal' || label === 'anomalous' ? `ground_truth/${kind}` : `${kind}/masks`;
    return { image, file: `${folder}/${name}`, mask: `${masks}/${stemOf(name)}_mask.png` };
  });
}

/**
 * A folder name for a defect type: safe on every disk, not read as normal or as a split, and not
 * another type's.
 */
function classFolder(type: string, classes: Map<string, string>): string {
  const known = classes.get(type);
  if (known !== undefined) return known;
  // eslint-disable-next-line no-control-regex
  const safe = type.replace(/[<>:"/\\|?*\u0000-\u001f]/g, '_').replace(/^\.+|[. ]+$/g, '') || unnamed;
  const plain = isNormalName(safe) || splitOf(safe) ? `defect_${safe}` : safe;
  const others = new Set([...classes.values()].map((name) => name.toLowerCase()));
  let name = plain;
  for (let count = 2; others.has(name.toLowerCase()); count++) name = `${plain}_${count}`;
  classes.set(type, name);
  return name;
}

/**
 * Masks are named after stems, so two names in a folder differ in their stems, whatever the case.
 */
function freeName(folder: string, image: string, taken: Set<string>): string {
  const parts = image.split('/');
  const extension = image.slice(stemOf(image).length);
  const free = (name: string): boolean => {
    const key = `${folder}/${stemOf(name)}`.toLowerCase();
    if (taken.has(key)) return false;
    taken.add(key);
    return true;
  };
  for (let from = parts.length - 1; from >= 0; from--) {
    const name = parts.slice(from).join('_');
    if (free(name)) return name;
  }
  for (let count = 2; ; count++) {
    const name = `${stemOf(parts.join('_'))}_${count}${extension}`;
    if (free(name)) return name;
  }
}

/** What the folder of a file says of it; for files outside train and test. */
export function besideLabel(path: string): LabelledImage['label'] | 'unknown' {
  const folder = path.split('/').at(-2);
  const found = Object.entries(besideFolders).find(([, name]) => name === folder)?.[0];
  return found as LabelledImage['label'] | 'unknown';
}

/** What an item of a recognised dataset says. */
export const saidBy = ({ label, defectType }: Pick<Item, 'label' | 'defectType'>): Omit<LabelledImage, 'image'> =>
  label === 'unknown' ? {} : { label, ...(label === 'anomalous' && defectType !== undefined && { defectType }) };
