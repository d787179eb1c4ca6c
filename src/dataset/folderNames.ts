import type { Split } from './dataset.ts';

/** Folder name (lower case) → split. `test_public` and `test_private*` are MVTec AD 2's. */
const splits: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  test: 'test',
  testing: 'test',
  test_public: 'test',
  test_private: 'test',
  test_private_mixed: 'test',
};

/** `OK_2024-03` and `normal 1` too. */
const normalNames = [
  /(good|ok|okay|normals?|gut|良品|良|正常|合格品?)([_ -]?\d[\d_-]*)?/,
  /pass(ed)?|io|i\.o\.?|(no|non|not)[_ -]?(defect(s|ive)?|anomal(y|ies|ous))|defect[_ -]?free/,
  /un(cracked|damaged|broken|scratched)|buen[oa]s?|buon[oiae]|fehlerfrei/,
];
const normalName = new RegExp(`^(${normalNames.map(({ source }) => source).join('|')})$`, 'i');

const defectWords = [
  /ko|ng|nok|bad|defect(s|ive)?|anomal(y|ies|ous)|abnormal|fault(s|y)?|reject(s|ed)?|broken|damaged?/,
  /crack(s|ed)?|scratch(es|ed)?|dent(s|ed)?|holes?|blowholes?|stain(s|ed)?|contaminat(ion|ed)/,
  /missing|bent|fray(ed)?|def/,
  /nio|n\.i\.o\.?|schlecht|defekt|fehlerhaft|mal[oa]s?|不良品?|異常|异常|缺陷品?/,
];
const defectName = new RegExp(`(^|[_ -])(${defectWords.map(({ source }) => source).join('|')})([_ -]|$)`, 'i');

/** Names that say nothing about the images in them. */
const neutralName = /^(images?|imgs?|photos?|pictures?|data|raw|png|jpe?g|bmp|tiff?|\d+|category|rgb)$/i;

export const splitOf = (folder: string): Split | undefined => splits[folder.toLowerCase()];
export const isNormalName = perName((folder) => normalName.test(folder));
export const isDefectName = perName((folder) => !isNormalName(folder) && defectName.test(folder));
export const isNeutralName = perName((folder) => neutralName.test(folder));
export const isMaskFolder = perName((folder) => /^(ground[_ -]?truth|masks?|gt)([_ -](dir|folder))?$/i.test(folder));

/**
 * Asked for every path, of which a folder has thousands: the answer for each name is found once.
 */
function perName<T extends boolean | readonly string[]>(tell: (folder: string) => T): (folder: string) => T {
  const known = new Map<string, T>();
  return (folder) => {
    const before = known.get(folder);
    if (before !== undefined) return before;
    if (known.size >= 1000) known.clear();
    const answer = tell(folder);
    known.set(folder, answer);
    return answer;
  };
}

/** Folders of a path, the file name left out. */
export const foldersOf = (path: string): readonly string[] =>
  partsOf(path.slice(0, Math.max(0, path.lastIndexOf('/'))));

const partsOf = perName((folder): readonly string[] => (folder === '' ? [] : folder.split('/')));

/** Path without extension. */
export function stemOf(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot < 0 || path.includes('/', dot) ? path : path.slice(0, dot);
}

/**
 * Last part of a folder path as a user may give it (either slash, trailing slash allowed); `up`
 * steps towards the root.
 */
export const nameOfFolder = (root: string, up = 0): string =>
  root
    .split(/[\\/]+/)
    .filter((part) => part !== '' && part !== '.')
    .at(-1 - up) ?? '';
