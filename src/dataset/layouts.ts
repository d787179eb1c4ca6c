import type { FolderCount, Item, Label, Layout, Split } from './dataset.ts';
import {
  foldersOf,
  isDefectName,
  isMaskFolder,
  isNeutralName,
  isNormalName,
  nameOfFolder,
  splitOf,
  stemOf,
} from './folderNames.ts';
import { separateMasks } from './masks.ts';
import { countFolders, folderList, isSeveral, type Said } from './normalFolders.ts';

interface Found {
  readonly layout: Layout;
  readonly categories: readonly string[];
  readonly items: readonly Item[];
  readonly undecided: readonly FolderCount[];
  readonly notes: readonly string[];
}

/**
 * Reads `paths` (images and masks, natural order) as one layout, or finds that they are not in it.
 */
type Reader = (paths: readonly string[], root: string, said: Said) => Found | undefined;

/**
 * KolektorSDD (`kos01/Part0.jpg` + `Part0_label.bmp`) and KolektorSDD2 (`train/10000.png` +
 * `10000_GT.png`): each image has a mask beside it and the mask's content is the label.
 * KolektorSDD2's copies such as `10301_GT (copy).png` are no images.
 */
function besideMasks(layout: Layout, mask: RegExp): Reader {
  return (paths, root) => {
    const masks = new Map(paths.filter((p) => mask.test(stemOf(p))).map((p) => [stemOf(p).replace(mask, ''), p]));
    const images = paths.filter((path) => !mask.test(stemOf(path)));
    const unmasked = images.filter((path) => !masks.has(stemOf(path)));
    if (masks.size === 0 || unmasked.length * 2 > images.length) return undefined;
    const items = images.map((path): Item => {
      const split = [...foldersOf(path).toReversed(), nameOfFolder(root)].map(splitOf).find(Boolean) ?? 'none';
      const maskPath = masks.get(stemOf(path));
      return { path, split, label: 'unknown', ...(maskPath !== undefined && { maskPath, maskDecidesLabel: true }) };
    });
    const notes = unmasked.length ? [`${count(unmasked.length, 'image')} without a mask, such as ${unmasked[0]}`] : [];
    return { layout, categories: [''], items, undecided: [], notes };
  };
}

/**
 * VisA as published: `candle/Data/Images/{Normal,Anomaly}/000.JPG`,
 * `candle/Data/Masks/Anomaly/000.png`; it has no split.
 */
const visa: Reader = (paths) => {
  const place = /^(.*?)(?:\/|^)((?:Data\/)?)Images\/(Normal|Anomaly)\/(.+)$/i;
  const found = paths.map((path) => place.exec(path)).filter((match) => match !== null);
  if (found.length === 0) return undefined;
  const masks = new Map(paths.filter((p) => foldersOf(p).some(isMaskFolder)).map((p) => [stemOf(p).toLowerCase(), p]));
  const items = found.map(([path, category, data, kind, rest]): Item => {
    if (kind!.toLowerCase() === 'normal') return { path, split: 'none', label: 'normal' };
    const stem = `${category ? `${category}/` : ''}${data}Masks/Anomaly/${stemOf(rest!)}`.toLowerCase();
    const maskPath = masks.get(stem);
    return { path, split: 'none', label: 'anomalous', defectType: 'anomaly', ...(maskPath && { maskPath }) };
  });
  const categories = unique(found.map((match) => match[1]!));
  return { layout: 'visa', categories, items, undecided: [], notes: maskNotes(items) };
};

/** An image in a split folder; `kind` is the folder in it, where there is one. */
interface InSplit {
  readonly path: string;
  readonly split: Split;
  readonly kind: string | undefined;
  readonly folder: string;
  readonly category: string;
  readonly mask: string | undefined;
}

/**
 * `<category>/<split>/<class>/…` with `ground_truth/<class>` beside the split (MVTec AD, MPDD,
 * BTAD, VisA's one-class form) or inside it (MVTec AD 2). The root may be the split folder itself.
 */
const splitFolders: Reader = (paths, root, said) => {
  const outer = splitOf(nameOfFolder(root)) ? [nameOfFolder(root)] : [];
  const { images, find, unused } = separateMasks(paths);
  const read = images.map((path): InSplit | undefined => {
    const parts = [...outer, ...path.split('/')];
    const at = parts.findLastIndex((part, i) => i < parts.length - 1 && splitOf(part) !== undefined);
    if (at < 0) return undefined;
    const split = splitOf(parts[at]!)!;
    const kind = at + 2 < parts.length ? parts[at + 1] : undefined;
    const inSplit = [...parts.slice(0, at), ...parts.slice(at + 1)].join('/');
    return { path, split, kind, folder: parts[at]!, category: parts.slice(0, at).join('/'), mask: find(inSplit, path) };
  });
  const known = read.filter((entry) => entry !== undefined);
  const telling = known.some(
    ({ split, kind, mask }) => split === 'train' || mask || (kind && (isNormalName(kind) || isDefectName(kind))),
  );
  if (!telling) return undefined;
  const categories = unique(known.map(({ category }) => category));
  const labels = new Map(
    categories.map((name) => [
      name,
      kindLabels(
        known.filter((e) => e.category === name),
        said,
      ),
    ]),
  );
  const items = known.map(({ path, split, kind, category, mask }): Item => {
    const label = labels.get(category)!(path, split, kind);
    if (label !== 'anomalous') return { path, split, label };
    return { path, split, label, ...(kind && { defectType: kind }), ...(mask && { maskPath: mask }) };
  });
  const undecided = countFolders(known.flatMap(({ kind }, at) => (kind && items[at]!.label === 'unknown' ? kind : [])));
  const besides = countFolders(
    known.flatMap(({ kind, split }, at) =>
      kind && split === 'train' && items[at]!.label === 'anomalous' && !isDefectName(kind) ? kind : [],
    ),
  );
  const outside = read.length - known.length;
  const notes = [
    ...(outside ? [`${count(outside, 'image')} outside the train and test folders left out`] : []),
    ...(besides.length && said('') === undefined
      ? [`taken as defects, being beside normal images: ${folderList(besides)}`]
      : []),
    ...maskNotes(items),
    ...(unused() ? [`${count(unused(), 'mask')} without an image left out`] : []),
  ];
  const layout = known.some(({ folder, split }) => /^test_p/i.test(folder) || split === 'validation')
    ? 'mvtec-ad-2'
    : known.some(({ kind }) => kind && /^(ok|ko)$/i.test(kind))
      ? 'btad'
      : 'mvtec-ad';
  return { layout, categories, items, undecided, notes };
};

/**
 * What the classes of one product say. A class is normal by its name, because the user said so, or
 * because it is the only one of the training folder. Beside normal ones all others are defects.
 * Where none is normal, those whose names say nothing are unknown.
 */
function kindLabels(
  entries: readonly InSplit[],
  said: Said,
): (path: string, split: Split, kind: string | undefined) => Label {
  const answered = said('') !== undefined;
  const defect = new Set(entries.flatMap(({ kind, mask }) => (kind && (mask || isDefectName(kind)) ? kind : [])));
  const normal = new Set(entries.flatMap(({ kind, path }) => (kind && (isNormalName(kind) || said(path)) ? kind : [])));
  const training = new Set(entries.flatMap(({ split, kind }) => (split === 'train' && kind ? kind : [])));
  const [only, ...more] = training;
  if (!answered && only !== undefined && more.length === 0 && !defect.has(only)) normal.add(only);
  const trained = answered || training.size === 0 || [...training].some((kind) => normal.has(kind));
  // The user may have named a part of a class: the rest of it is not normal by that.
  const named = new Set(entries.flatMap(({ kind, path }) => (kind && said(path) && !isNormalName(kind) ? kind : [])));
  return (path, split, kind) => {
    if (kind === undefined) return split === 'train' ? 'normal' : 'unknown';
    if (answered && named.has(kind) && split === 'train') return said(path) ? 'normal' : 'anomalous';
    if (normal.has(kind)) return 'normal';
    if (defect.has(kind)) return 'anomalous';
    return normal.size > 0 && (trained || !training.has(kind)) ? 'anomalous' : 'unknown';
  };
}

/**
 * Any folder of images, nested as it likes. A folder called normal (`good`, `ok`…) makes its images
 * normal and its sister folders anomalous; a folder called after a defect is anomalous; all else is
 * unknown. The root's own name counts too. Where the user said which folders are normal, all others
 * are anomalous.
 */
const folder: Reader = (paths, root, said) => {
  const { images, find, unused } = separateMasks(paths);
  const besideNormal = new Set(
    images.flatMap((path) => {
      const parts = foldersOf(path);
      const at = parts.findIndex(isNormalName);
      return at < 0 ? [] : [parts.slice(0, at).join('/')];
    }),
  );
  const rootKind = rootClass(root);
  const items = images.map((path): Item => {
    const parts = foldersOf(path);
    const answer = said(path);
    if (answer || parts.some(isNormalName)) return { path, split: 'none', label: 'normal' };
    const sister = (part: string, i: number): boolean =>
      isDefectName(part) || (besideNormal.has(parts.slice(0, i).join('/')) && !isNeutralName(part));
    const defectType = parts.find(sister) ?? rootKind.defectType ?? (answer === false ? parts.at(-1) : undefined);
    if (defectType === undefined) return { path, split: 'none', label: answer === false ? 'unknown' : rootKind.label };
    const maskPath = find(path);
    return { path, split: 'none', label: 'anomalous', defectType, ...(maskPath && { maskPath }) };
  });
  const open = items.filter(({ label }) => label === 'unknown').map(({ path }) => foldersOf(path).join('/'));
  const within = open.filter((name) => name !== '');
  const others = items.length > open.length && within.length > 0;
  const notes = [
    ...(!others && within.length > 0 && within.length < open.length && !isSeveral(within)
      ? [`taken like the images beside it: ${folderList(countFolders(within))}`]
      : []),
    ...(unused() ? [`${count(unused(), 'mask')} without an image left out`] : []),
  ];
  const undecided = others || isSeveral(within) ? countFolders(open.map((name) => name || '.')) : [];
  return { layout: 'folder', categories: [''], items, undecided, notes };
};

function rootClass(root: string): { label: Label; defectType?: string } {
  const name = nameOfFolder(root);
  if (isNormalName(name)) return { label: 'normal' };
  const inTest = splitOf(nameOfFolder(root, 1)) === 'test' && !isNeutralName(name);
  return inTest || isDefectName(name) ? { label: 'anomalous', defectType: name } : { label: 'unknown' };
}

/** The first reader that recognises the paths wins; `folder` takes anything. */
export const readers: readonly Reader[] = [
  besideMasks('kolektorsdd2', /_GT\b.*$/i),
  besideMasks('kolektorsdd', /_label$/i),
  visa,
  splitFolders,
  folder,
];

function maskNotes(items: readonly Item[]): string[] {
  const missing = items.filter((item) => item.label === 'anomalous' && item.maskPath === undefined);
  return missing.length
    ? [`${count(missing.length, 'anomalous image')} without a mask, such as ${missing[0]!.path}`]
    : [];
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];
const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
