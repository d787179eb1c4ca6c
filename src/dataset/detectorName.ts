import { isNeutralName, isNormalName, splitOf } from './folderNames.ts';

/**
 * A detector's name for the normal images in a folder: the last part of its path that says of what
 * they are, `screw` for `…/screw/train/good` and `…/screw/photos`. Distilled ones say so.
 * @param folder absolute, with either slash
 * @returns letters, digits, `.`, `_` and `-` alone: it becomes a folder's name
 */
export function detectorName(folder: string, mode: 'instant' | 'distilled' = 'instant'): string {
  const parts = folder.split(/[\\/]/).filter(Boolean);
  const says = (part: string): boolean => !splitOf(part) && !isNormalName(part) && !isNeutralName(part);
  const part = parts.findLast(says) ?? parts.at(-1) ?? '';
  const name = part.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+|[.-]+$/g, '') || 'detector';
  return mode === 'distilled' ? `${name}-distilled` : name;
}
