const partsOf = (path: string): string[] => path.split(/[\\/]+/).filter((part) => part !== '' && part !== '.');

/**
 * An image of the folder, or why there is none: no image has the name, several could be meant, or
 * another path fits the image better.
 */
export type Match =
  | { readonly image: string }
  | { readonly fault: 'none' | 'several' }
  | { readonly fault: 'taken'; readonly image: string; readonly by: string };

interface Fit {
  readonly image: string;
  /** 1: the names alone are the same. */
  readonly rank: number;
  /** What stands before the image's whole path, where the other path ends with it. */
  readonly root?: string | undefined;
}

/**
 * Finds the images of a folder that another program's paths mean: absolute ones, or relative to
 * another folder. The same path wins, then the image whose path ends like the other's for the most
 * parts. A name alone tells an image only where it is unique on both sides, or where other paths
 * show that the folder is there. Of paths that mean the same image the best one counts; of the same
 * path, given twice, the last. Where no name is the same, names are compared in any case and however
 * their letters are composed, then as URLs write them, then without the hash that Label Studio puts
 * before them.
 * @param paths relative to the folder, with `/`
 * @returns one for each of `others`
 */
export function matchImages(paths: readonly string[], others: readonly string[]): Match[] {
  const named = readings.map(({ ours }) => grouped(paths, ours));
  const theirs = grouped(others);
  const exact = new Set(paths);
  const fits = new Map(
    [...new Set(others)].map((other) => [other, exact.has(other) ? [exactFit(other)] : fitsOf(other, named)] as const),
  );
  const roots = new Set(
    [...fits.values()].flatMap((found) => found.flatMap(({ rank, root }) => (rank > 1 ? root : []))),
  );
  const chosen = new Map<string, Fit | 'none' | 'several'>();
  const best = new Map<string, { readonly other: string; readonly rank: number; readonly tied: boolean }>();
  for (const [other, found] of fits) {
    const like = found.filter(({ rank }) => rank === found[0]!.rank);
    const rooted = like.find(({ root }) => root !== undefined && roots.has(root));
    const top = rooted ?? like[0];
    const sharesName = top?.rank === 1 && theirs.get(nameOf(other))!.length > 1;
    const unsure = !rooted && (sharesName || like.length > 1);
    chosen.set(other, top === undefined ? 'none' : unsure ? 'several' : top);
    if (top === undefined || unsure) continue;
    const before = best.get(top.image);
    if (!before || top.rank >= before.rank)
      best.set(top.image, { other, rank: top.rank, tied: before?.rank === top.rank });
  }
  const last = new Map(others.map((other, at) => [other, at]));
  return others.map((other, at): Match => {
    const fit = chosen.get(other)!;
    if (typeof fit === 'string') return { fault: fit };
    const winner = best.get(fit.image)!;
    if (winner.rank === fit.rank && winner.tied) return { fault: 'several' };
    if (winner.other === other && last.get(other) === at) return { image: fit.image };
    return { fault: 'taken', image: fit.image, by: winner.other };
  });
}

const nameOf = (path: string): string => partsOf(path).at(-1) ?? '';
const exactFit = (image: string): Fit => ({ image, rank: Infinity, root: '' });

interface Reading {
  readonly ours: (path: string) => string;
  readonly theirs: (path: string) => string;
}

const plain = (path: string): string => path;
const folded = (path: string): string => path.normalize('NFC').toLowerCase();
const unhashed = (path: string): string => path.replace(/(^|[\\/])[0-9a-f]{8}-(?=[^\\/]*$)/i, '$1');

function fromUrl(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** How paths are read, the nearest first. */
const readings: readonly Reading[] = [
  { ours: plain, theirs: plain },
  { ours: folded, theirs: folded },
  { ours: folded, theirs: (path) => folded(fromUrl(path)) },
  { ours: folded, theirs: (path) => folded(unhashed(fromUrl(path))) },
];

/** Best first, by the nearest reading that finds any. */
function fitsOf(other: string, named: readonly ReadonlyMap<string, readonly string[]>[]): Fit[] {
  for (const [at, reading] of readings.entries()) {
    const found = fitsBy(reading, other, named[at]!);
    if (found.length > 0) return found;
  }
  return [];
}

function fitsBy(reading: Reading, other: string, byName: ReadonlyMap<string, readonly string[]>): Fit[] {
  const theirs = partsOf(reading.theirs(other));
  return (byName.get(theirs.at(-1) ?? '') ?? [])
    .map((image): Fit => {
      const ours = partsOf(reading.ours(image));
      let rank = 0;
      while (rank < Math.min(ours.length, theirs.length) && ours.at(-1 - rank) === theirs.at(-1 - rank)) rank++;
      return { image, rank, root: rank === ours.length ? theirs.slice(0, -rank).join('/') : undefined };
    })
    .sort((a, b) => b.rank - a.rank || +(b.root !== undefined) - +(a.root !== undefined));
}

/** Distinct paths by their names as they are read. */
function grouped(paths: readonly string[], read: (path: string) => string = plain): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const path of new Set(paths)) {
    const name = nameOf(read(path));
    const same = byName.get(name);
    if (same) same.push(path);
    else byName.set(name, [path]);
  }
  return byName;
}
