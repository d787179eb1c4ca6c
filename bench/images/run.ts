/**
 * Reading an image for the detector, and its thumbnail: ours beside one sharp pipeline that does
 * the same, in turns, on real files of each kind. Processor time of all threads, as an inspection
 * pays it; and how much of a grey level our pixels are from Pillow-like exact decoding.
 *
 * npm run bench:images -- [--rounds 5] [--dry]
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { images } from '../../src/runtime/images/images.ts';
import { inspectionDisk } from '../../src/runtime/store/inspectionDisk.ts';
import type { RgbImage } from '../../src/services/ports/disk.ts';
import { demoSet } from '../detect/demoSet.ts';
import { twoMegapixels } from '../detect/subject.ts';
import { fixed, machine, median, writeReport } from '../report.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, dry: { type: 'boolean', default: false } },
});
const rounds = Number(options.rounds);
const many = 40;
const side = 256;
const thumbnailSide = 160;
const data = path.resolve(import.meta.dirname, '../../../shared/data');

const firstOf = (folder: string): string[] =>
  readdirSync(folder)
    .slice(0, many)
    .map((name) => path.join(folder, name));
const demo = await demoSet(20);
const large = await twoMegapixels(demo, path.join(demo, '../large.jpg'));
const sets: Readonly<Record<string, readonly string[]>> = {
  'magnetic tile, grey JPEG, 0.1 megapixels': firstOf(path.join(data, 'magnetic_tile/train/good')),
  'screw, grey PNG, 512 × 512': firstOf(path.join(data, 'mvtec_screw/train/good')),
  'demo, colour JPEG, 320 × 320': firstOf(path.join(demo, 'train/good')),
  'photograph, colour JPEG, 1600 × 1280': Array.from({ length: 10 }, () => large),
};

const bySharp = (file: string): Promise<Buffer> =>
  sharp(file, { sequentialRead: true })
    .autoOrient()
    .resize(side, side, { fit: 'fill', kernel: 'linear' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
const thumbnailBySharp = ({ data: pixels, width, height }: RgbImage): Promise<Buffer> =>
  sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize(thumbnailSide, thumbnailSide, { fit: 'fill', kernel: 'linear' })
    .jpeg({ quality: 80 })
    .toBuffer();

/** Milliseconds of processor time for one of `items`. */
async function cost<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  for (const item of items) await work(item);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / items.length;
}

/** Mean difference in grey levels. */
async function difference(files: readonly string[]): Promise<number> {
  let [sum, count] = [0, 0];
  for (const file of files) {
    const ours = await images.readImage(file, { width: side, height: side });
    const theirs = await bySharp(file);
    ours.data.forEach((value, at) => (sum += Math.abs(value - theirs[at]!)));
    count += theirs.length;
  }
  return sum / count;
}

const measured = [];
for (const [name, files] of Object.entries(sets)) {
  const read = await Promise.all(files.map((file) => images.readImage(file, { width: side, height: side })));
  const square = read.map((image) => ({ ...image, original: { width: side, height: side } }));
  const ways = {
    ours: () => cost(files, (file) => images.readImage(file, { width: side, height: side })),
    sharp: () => cost(files, bySharp),
    oursThumbnail: () => cost(square, (image) => inspectionDisk.encodeThumbnail(image, thumbnailSide)),
    sharpThumbnail: () => cost(square, thumbnailBySharp),
  };
  const ms = Object.fromEntries(Object.keys(ways).map((way) => [way, [] as number[]]));
  for (let round = -1; round < rounds; round++)
    for (const [way, work] of Object.entries(ways)) {
      const found = await work();
      if (round >= 0) ms[way]!.push(found);
    }
  const of = (way: keyof typeof ways): number => median(ms[way]!);
  const levels = await difference(files);
  measured.push({
    name,
    levels,
    ms,
    ours: of('ours'),
    sharp: of('sharp'),
    oursThumbnail: of('oursThumbnail'),
    sharpThumbnail: of('sharpThumbnail'),
  });
  console.log(
    name,
    `${fixed(of('ours'))} ms, sharp ${fixed(of('sharp'))}; thumbnail ${fixed(of('oursThumbnail'))}, ` +
      `sharp ${fixed(of('sharpThumbnail'))}; ${fixed(levels)} levels`,
  );
}
if (!options.dry)
  writeReport(
    'images',
    { machine: machine(`npm run bench:images -- --rounds ${rounds}`), measured } as Parameters<typeof writeReport>[1],
    `# Reading images\n\nProcessor milliseconds (all threads) for an image read at ${side} × ${side}, ` +
      `and for its thumbnail of ${thumbnailSide} px, beside one sharp pipeline each that does the same; ` +
      `in turns, medians of ${rounds} rounds. The last column is how far our pixels are from sharp's, ` +
      'in grey levels, on average: the fast cosine transform.',
    [
      ['images', 'read', 'by sharp', 'ratio', 'thumbnail', 'by sharp', 'ratio', 'levels'],
      ...measured.map(({ name, ours, sharp: theirs, oursThumbnail, sharpThumbnail, levels }): [string, ...string[]] => [
        name,
        fixed(ours),
        fixed(theirs),
        fixed(ours / theirs),
        fixed(oursThumbnail),
        fixed(sharpThumbnail),
        fixed(oursThumbnail / sharpThumbnail),
        fixed(levels),
      ]),
    ],
  );
