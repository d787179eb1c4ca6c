/**
 * Draws a set of large parts with small defects in MVTec AD's layout, and prints its folder.
 *
 * npx tsx bench/resolution/draw.ts [--side 2048 | --size 4096x1024] [--train 24] [--normal 12]
 * [--defects 24] [--pit 12 | --pit 6-24] [--seed 1] [--format jpg|png|tif] [--out DIR]
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { drawSet } from './drawSet.ts';
import { formatOf, pixelsOf, whole } from './options.ts';

const { values: given } = parseArgs({
  options: {
    side: { type: 'string', default: '2048' },
    size: { type: 'string' },
    train: { type: 'string', default: '24' },
    normal: { type: 'string', default: '12' },
    defects: { type: 'string', default: '24' },
    pit: { type: 'string', default: '6-24' },
    seed: { type: 'string', default: '1' },
    format: { type: 'string', default: 'jpg' },
    out: { type: 'string' },
  },
});

const { width, height } = pixelsOf(given.size === undefined ? 'side' : 'size', given.size ?? given.side);
const [smallest, largest = smallest] = given.pit.split('-').map((pit) => whole('pit', pit, 2));
const out = given.out ?? mkdtempSync(path.join(tmpdir(), 'nferd-parts-'));
await drawSet(out, {
  width,
  height,
  pit: [smallest!, largest!],
  train: whole('train', given.train, 0),
  normal: whole('normal', given.normal, 0),
  defects: whole('defects', given.defects, 0),
  seed: whole('seed', given.seed, 0),
  format: formatOf(given.format),
});
console.log(out);
