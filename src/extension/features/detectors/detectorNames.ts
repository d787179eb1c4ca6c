import path from 'node:path';

/** `name`, or `name-2`, `name-3` … where that is taken. */
export async function freeName(name: string, isTaken: (name: string) => Promise<boolean>): Promise<string> {
  let free = name;
  for (let number = 2; await isTaken(free); number++) free = `${name}-${number}`;
  return free;
}

const trainFolders = ['train/good', 'train/ok', 'train/normal', 'train'];
const goodFolders = ['good', 'ok', 'normal'];
const levels = 5;

/**
 * The folder most likely to hold normal images of what `image` shows: a training folder nearby,
 * else a folder of good ones nearby, else the image's own. Looks no higher than `top`.
 */
export async function suggestNormalFolder(
  image: string,
  top: string | undefined,
  countImages: (folder: string) => Promise<number>,
): Promise<{ readonly folder: string; readonly images: number }> {
  const own = path.dirname(image);
  const above = [own];
  while (above.length < levels && above.at(-1) !== top && path.dirname(above.at(-1)!) !== above.at(-1)) {
    above.push(path.dirname(above.at(-1)!));
  }
  for (const names of [trainFolders, goodFolders]) {
    for (const folder of above) {
      for (const name of names) {
        const candidate = path.join(folder, name);
        const images = await countImages(candidate);
        if (images > 0) return { folder: candidate, images };
      }
    }
  }
  return { folder: own, images: await countImages(own) };
}
