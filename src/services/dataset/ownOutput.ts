import { detectOutput, detectorFile } from '../../dataset/onDisk.ts';
import { isImagePath } from '../../dataset/imagePath.ts';
import { foldersOf } from '../../dataset/folderNames.ts';

/**
 * Leaves out the images that NFERD itself wrote below a folder, or they would be learned as normal:
 * folders called `nferd-out`, detectors' folders (those with a detector.json), and heatmaps
 * (`x.heatmap.png` beside `x.map.npy`). The folder itself may be called anything.
 * @param paths files below the folder, relative, with `/`
 * @returns the rest, and one line for each place where images were left out
 */
export function withoutOwnOutput(paths: readonly string[]): { readonly paths: string[]; readonly notes: string[] } {
  if (!paths.some((path) => ours.test(path))) return { paths: [...paths], notes: [] };
  const all = new Set(paths);
  const left = new Map<string, number>();
  const kept = paths.filter((path) => {
    const place = isImagePath(path) ? ownPlace(path, all) : undefined;
    if (place !== undefined) left.set(place, (left.get(place) ?? 0) + 1);
    return place === undefined;
  });
  const count = (images: number): string => `${images} image${images === 1 ? '' : 's'}`;
  return { paths: kept, notes: [...left].map(([place, images]) => `${place}: ${count(images)} left out (${why})`) };
}

/** Where no path is like this, there is nothing to look for. */
const ours = new RegExp(`(^|/)${detectOutput}/|/detector\\.json$|\\.heatmap\\.png$`);
const why = 'written by NFERD, not products';

/**
 * The outermost folder of NFERD's that `path` lies in, or its own where it is a heatmap; undefined
 * where it is neither.
 */
function ownPlace(path: string, all: ReadonlySet<string>): string | undefined {
  const parts = foldersOf(path);
  const folders = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
  const own = folders.find((folder, at) => parts[at] === detectOutput || all.has(`${folder}/${detectorFile}`));
  if (own !== undefined) return own;
  const heatmap = /^(.*)\.heatmap\.png$/.exec(path);
  return heatmap && all.has(`${heatmap[1]!}.map.npy`) ? (folders.at(-1) ?? 'heatmaps') : undefined;
}
