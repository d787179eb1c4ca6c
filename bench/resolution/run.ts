/**
 * Small defects in large images: trains as `nferd train` does by default on drawn parts (parts.ts)
 * of each size and looks at parts with pits of each diameter and scratches as hard to see.
 *
 * npm run bench:resolution -- [--sizes 1024,2048,4096,8192,12000x8000] [--pits 6,12,24]
 * [--train 40] [--normal 20] [--defects 20] [--timed 5] [--seed 1] [--format jpg] [--data DIR]
 * [--dry]
 *
 * `--data` keeps what was drawn, for the next time; else it goes into a temporary folder.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { inputShape } from '../../src/nferd/config.ts';
import { loadDetector, thresholdsOf } from '../../src/services/detect/detectorStore.ts';
import { runBundled } from '../nodeProcess.ts';
import { fixed, machine, median, table, writeReport } from '../report.ts';
import { costRows, explained, judged, qualityRows, type Measured } from './measured.ts';
import { formatOf, pixelsOf, whole } from './options.ts';
import { look, qualityOf } from './quality.ts';
import { drawnSet, ports, threads } from './subject.ts';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1024,2048,4096,8192,12000x8000' },
    pits: { type: 'string', default: '6,12,24' },
    train: { type: 'string', default: '40' },
    normal: { type: 'string', default: '20' },
    defects: { type: 'string', default: '20' },
    timed: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    format: { type: 'string', default: 'jpg' },
    data: { type: 'string' },
    dry: { type: 'boolean', default: false },
  },
});
const [train, normal, defects] = [
  whole('train', options.train, 1),
  whole('normal', options.normal, 1),
  whole('defects', options.defects, 2),
];
const timed = whole('timed', options.timed, 1);
const seed = whole('seed', options.seed, 0);
const format = formatOf(options.format);
const sizes = options.sizes.split(',').map((text) => pixelsOf('sizes', text));
const pits = options.pits.split(',').map((text) => whole('pits', text, 2));
if (timed >= normal + defects) throw new Error('--timed: more images than there are to look at.');

async function measure({ width, height }: (typeof sizes)[number], data: string): Promise<Measured> {
  const name = `${width}x${height}`;
  const set = { width, height, seed, format, train, normal, defects: 0 };
  const folder = path.join(data, name);
  const normals = await drawnSet(folder, set);
  const out = path.join(data, `${name}.nferd`);
  const trained = child<{ seconds: number }>('train.ts', folder, out);
  const detector = await loadDetector(out, ports);
  const thresholds = thresholdsOf(detector.record);
  const onNormal = await look(detector, normals);
  const quality = [];
  const images = [...onNormal.images];
  const defective = [];
  for (const pit of pits) {
    // Another seed: no background is seen twice.
    const own = { ...set, train: 0, normal: 0, defects, pit: [pit, pit] as const, seed: 1000 * (seed + 1) + pit };
    const drawn = await drawnSet(path.join(data, `${name}-pit-${pit}`), own);
    const found = await look(detector, drawn);
    quality.push({ pit, ...qualityOf(onNormal, found, thresholds.image) });
    images.push(...found.images);
    defective.push(...drawn);
    console.log(name, JSON.stringify(quality.at(-1)));
  }
  const looked = [...normals, ...defective].slice(0, timed + 1).map((image) => image.path);
  const detected = child<{ ms: number[] }>('time.ts', out, ...looked);
  const measured = {
    width,
    height,
    input: inputShape(detector.record.config),
    training: { seconds: trained.seconds, peakMiB: trained.peakMiB },
    secondsPerMegapixel: median(detected.ms) / 1000 / ((width * height) / 1e6),
    peakMiB: detected.peakMiB,
    thresholds,
    quality,
    images: images.map((image) => ({ ...image, path: path.relative(data, image.path) })),
  };
  console.log(name, `${fixed(measured.secondsPerMegapixel, 3)} s/Mpx, ${fixed(measured.peakMiB, 0)} MiB`);
  return measured;
}

/** Runs one of this folder's scripts, bundled. @returns its last line as JSON, and its peak */
function child<T>(script: string, ...args: readonly string[]): T & { readonly peakMiB: number } {
  const { stdout, peakMiB } = runBundled(path.join(import.meta.dirname, script), args);
  return { ...(JSON.parse(stdout.trim().split('\n').at(-1)!) as T), peakMiB };
}

const data = options.data ?? mkdtempSync(path.join(tmpdir(), 'nferd-bench-resolution-'));
const { sizes: bySize, pits: byPit } = options;
const where = machine(
  `npm run bench:resolution -- --sizes ${bySize} --pits ${byPit} --train ${train} --normal ${normal} ` +
    `--defects ${defects} --timed ${timed} --seed ${seed} --format ${format}`,
);
try {
  const measured: Measured[] = [];
  for (const size of sizes) measured.push(await measure(size, data));
  const lines = judged(measured);
  for (const each of lines) console.log(each.join('  '));
  if (!options.dry)
    writeReport(
      'resolution',
      { machine: where, threads, train, normal, defects, timed, seed, format, measured } as Parameters<
        typeof writeReport
      >[1],
      [explained({ train, normal, defects, timed }), table(qualityRows(measured)), table(costRows(measured))].join(
        '\n\n',
      ),
      [['what', 'measured', 'target', 'met'], ...lines],
    );
} finally {
  if (options.data === undefined) rmSync(data, { recursive: true, force: true });
}
