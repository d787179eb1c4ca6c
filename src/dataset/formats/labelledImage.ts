import { isNormalName } from '../folderNames.ts';

/** What exchange formats say of an image; none of them knows of more. */
const imageLabels = ['normal', 'anomalous', 'unsure', 'excluded'] as const;
export type ImageLabel = (typeof imageLabels)[number];

/** Who gave a label: the folder's name, or the user. Files of other programs do not say. */
export type LabelSource = 'user' | 'folder';

export interface LabelledImage {
  /** Path relative to the inspected folder, with `/`. */
  readonly image: string;
  /** Absent where nothing is known. */
  readonly label?: ImageLabel;
  /** Of an anomalous image. */
  readonly defectType?: string;
  readonly by?: LabelSource;
}

/**
 * A label as other programs spell it: ours in any case, `good`, `ok` and their like, anomalib's 0
 * and 1, False and True; undefined for others.
 */
export function readLabel(text: string): ImageLabel | undefined {
  const word = text.trim().toLowerCase();
  const own = imageLabels.find((label) => label === word);
  if (own) return own;
  if (/^(0(\.0*)?|false)$/.test(word) || isNormalName(word)) return 'normal';
  return /^(1(\.0*)?|true|anomaly|abnormal|defect(ive)?|ko|nok|ng|bad)$/.test(word) ? 'anomalous' : undefined;
}

/** Who gave a label, where a file says so. */
export const readSource = (value: unknown): LabelSource | undefined =>
  value === 'user' || value === 'folder' ? value : undefined;
