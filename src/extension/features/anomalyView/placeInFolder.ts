import { opendir } from 'node:fs/promises';
import path from 'node:path';
import { isImagePath } from '../../../dataset/imagePath.ts';

let collator: Intl.Collator | undefined;
/** The first one reads its rules, which takes milliseconds: not while the extension loads. */
const compare = (a: string, b: string): number =>
  (collator ??= new Intl.Collator('en', { numeric: true })).compare(a, b) || (a < b ? -1 : Number(a > b));
/** Read at a time: the extension host, which others share, is never held up for long. */
const batch = 256;

/**
 * Where an image stands among the images of its folder, in the Explorer's order; the first follows
 * the last.
 */
export interface FolderPlace {
  /** From 1; 0 where the image is gone. */
  readonly place: number;
  readonly count: number;
  readonly previous?: string;
  readonly next?: string;
}

export async function placeInFolder(image: string): Promise<FolderPlace> {
  const { dir: folder, base: own } = path.parse(image);
  let [count, before, found] = [0, 0, false];
  let first, last, previous, next: string | undefined;
  try {
    for await (const { name } of await opendir(folder, { bufferSize: batch })) {
      if (!isImagePath(name)) continue;
      count++;
      const order = compare(name, own);
      if (name === own) found = true;
      else if (order < 0) {
        before++;
        if (previous === undefined || compare(name, previous) > 0) previous = name;
      } else if (next === undefined || compare(name, next) < 0) next = name;
      if (first === undefined || compare(name, first) < 0) first = name;
      if (last === undefined || compare(name, last) > 0) last = name;
    }
  } catch {
    return { place: 0, count: 0 };
  }
  const at = (name: string | undefined) => (name === undefined ? undefined : path.join(folder, name));
  const [toPrevious, toNext] = [at(previous ?? last), at(next ?? first)];
  return {
    place: found ? before + 1 : 0,
    count,
    ...(toPrevious !== undefined && { previous: toPrevious }),
    ...(toNext !== undefined && { next: toNext }),
  };
}
