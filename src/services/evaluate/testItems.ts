import type { Dataset, Item } from '../../dataset/dataset.ts';
import { assignSplits } from '../../dataset/split.ts';
import type { DetectorRecord } from '../detect/detectorStore.ts';
import type { Files } from '../ports/disk.ts';
import { ahead } from '../ports/progress.ts';

/** What of a detector tells which images it learned from. */
export interface Learned extends Partial<Pick<DetectorRecord, 'images' | 'source' | 'contents'>> {
  readonly calibration?: Pick<DetectorRecord['calibration'], 'images'>;
}

/**
 * `record` as this machine may believe it: without its source where that folder is still there.
 * Another folder is then another one, even where its files have the same names; where it is gone,
 * it was moved, or is another machine's.
 */
export async function learnedHere<T extends Learned>(record: T, files: Pick<Files, 'exists'>): Promise<T> {
  const there = record.source !== undefined && (await files.exists(record.source));
  return there ? { ...record, source: undefined } : record;
}

/**
 * Which images a detector learned from: those in its banks and those that calibrated it, and where
 * some of this dataset's are, its whole training split. Known by their absolute paths, and by their
 * paths below the folder that they came from where `source` tells it (learnedHere).
 * @param copies paths of images with the same content as some that it learned from
 */
export function learnedFrom(
  { root, items }: Pick<Dataset, 'root' | 'items'>,
  { images = [], calibration, source }: Learned,
  copies: ReadonlySet<string> = new Set(),
): (item: Item) => boolean {
  const all = [...images, ...(calibration?.images ?? [])].map(comparable);
  const known = new Set(all);
  const from = source === undefined ? '' : `${comparable(source).replace(/\/+$/, '')}/`;
  const below = new Set(
    source === undefined ? [] : all.flatMap((p) => (p.startsWith(from) ? [p.slice(from.length)] : [])),
  );
  const name = /[^/]+\/$/.exec(from)?.[0];
  const place = comparable(`${root}/`);
  const has = (path: string): boolean => {
    const whole = place + path;
    if (known.has(whole) || below.has(path)) return true;
    // The folder that was trained on may lie deeper than this one, or higher up.
    const parts = name === undefined || below.size === 0 ? [] : whole.split(`/${name}`);
    return parts.slice(1).some((_, at) => below.has(parts.slice(at + 1).join(`/${name}`)));
  };
  const direct = new Set(items.filter(({ path }) => has(path) || copies.has(path)).map(({ path }) => path));
  const here = items.some(({ path, split }) => split === 'train' && direct.has(path));
  return ({ path, split }) => (here && split === 'train') || direct.has(path);
}

/**
 * Images that could be tested on, but have the same content as some that the detector learned from:
 * copies, under whatever name.
 * @param known those that it is known to have learned from by their paths (learnedFrom)
 */
export async function copiesIn(
  { root, items }: Pick<Dataset, 'root' | 'items'>,
  { contents }: Learned,
  known: (item: Item) => boolean,
  files: Pick<Files, 'hash'>,
): Promise<ReadonlySet<string>> {
  const learned = new Set(contents);
  if (learned.size === 0) return new Set();
  const asked = items.filter((item) => item.label !== 'unknown' && item.split !== 'train' && !known(item));
  // What can't be read says so when it is looked at.
  const hash = ({ path }: Item) => files.hash(`${root}/${path}`).catch(() => '');
  const copies = new Set<string>();
  let at = 0;
  for await (const content of ahead(asked, hashedAtOnce, hash)) {
    const { path } = asked[at++]!;
    if (learned.has(content)) copies.add(path);
  }
  return copies;
}

/** Images that are hashed at once. */
const hashedAtOnce = 4;

/**
 * The labelled images that a detector is measured on, by `nferd evaluate` and by an inspection:
 * those of the test split and none that it learned from. Where a folder has no split, one is made;
 * or the detector has made it: all that it did not learn from.
 */
export function testItems(dataset: Dataset, learned: (item: Item) => boolean = () => false): Item[] {
  const ownSplit = dataset.items.some((item) => item.split === 'none' && learned(item));
  const { items } = ownSplit ? dataset : assignSplits(dataset, 0);
  const tests = (split: Item['split']): boolean => split === 'test' || (ownSplit && split === 'none');
  return items.filter((item) => item.label !== 'unknown' && tests(item.split) && !learned(item));
}

/** Windows tells drives in either case. */
const comparable = (path: string): string => path.replace(/^[a-z]:/, (drive) => drive.toUpperCase());
