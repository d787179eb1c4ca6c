const partsOf = (path: string): string[] => path.split(/[\\/]+/).filter((part) => part !== '' && part !== '.');

/**
 * Finds the images of a folder that another program's paths mean: absolute ones, or relative to another folder. The same path wins, then the
 * image whose path ends like the other's for the most parts; where several do, the one whose whole path is the other's end.
 * @param paths relative to the folder, with `/`
 * @returns for a path: the image, `several` where it could be more than one, undefined where it is none
 */
export function matchImages(paths: readonly string[]): (path: string) => { image: string } | 'several' | undefined {
  const exact = new Set(paths);
  const byName = new Map<string, string[]>();
  for (const path of paths) {
    const name = partsOf(path).at(-1)!;
    const same = byName.get(name);
    if (same) same.push(path);
    else byName.set(name, [path]);
  }
  return (other) => {
    if (exact.has(other)) return { image: other };
    const theirs = partsOf(other);
    const scored = (byName.get(theirs.at(-1) ?? '') ?? []).map((image) => {
      const ours = partsOf(image);
      let common = 0;
      while (common < Math.min(ours.length, theirs.length) && ours.at(-1 - common) === theirs.at(-1 - common)) common++;
      return { image, rank: 2 * common + +(common === ours.length) };
    });
    const top = Math.max(...scored.map(({ rank }) => rank));
    const best = scored.filter(({ rank }) => rank === top);
    return best.length > 1 ? 'several' : best[0] && { image: best[0].image };
  };
}
