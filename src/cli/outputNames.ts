import path from 'node:path';

/**
 * A name for each image's results: its stem; where two would be the same (on a disk that ignores
 * case, too), with the folder's name before it, and a number where that is not enough.
 */
export function outputNames(images: readonly string[]): string[] {
  const count = new Map<string, number>();
  const stems = images.map((image) => path.parse(image).name);
  for (const stem of stems) count.set(key(stem), (count.get(key(stem)) ?? 0) + 1);
  const taken = new Set<string>();
  return images.map((image, at) => {
    const stem = stems[at]!;
    const parent = path.basename(path.dirname(path.resolve(image)));
    const wanted = count.get(key(stem)) === 1 || parent === '' ? stem : `${parent}-${stem}`;
    let name = wanted;
    for (let n = 2; taken.has(key(name)); n++) name = `${wanted}-${n}`;
    taken.add(key(name));
    return name;
  });
}

const key = (name: string): string => name.normalize('NFC').toLowerCase();
