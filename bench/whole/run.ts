/**
 * The way from a folder of images to heatmaps as a whole, beside anomalib on the same images, backbone, threads and machine, in turns:
 * its PatchCore and ReverseDistillation by `Engine.predict` and as OpenVINO exports. Then the time to a detector, from a process's start
 * to its first heatmap, and how the cost grows with images, their size and the banks.
 *
 * npm run bench -- [--images 400] [--rounds 2] [--data magnetic_tile] [--train 60] [--growth 100,1000,10000] [--dry]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { resolveTeacher } from '../../src/services/teacherStore.ts';
import { demoSet } from '../detect/subject.ts';
import { anomalibPredict, inspectOnce, type Peer } from '../inspect/children.ts';
import { copies, dataSet, detectorOf, ports, threads } from '../inspect/subject.ts';
import { fixed, line, machine, median, writeReport, type Line } from '../report.ts';
import { sessionMs } from './banks.ts';

const { values: options } = parseArgs({
  options: {
    images: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '2' },
    data: { type: 'string', default: 'magnetic_tile' },
    train: { type: 'string', default: '60' },
    growth: { type: 'string', default: '100,1000,10000' },
    dry: { type: 'boolean', default: false },
  },
});
const [count, rounds, train] = [Number(options.images), Number(options.rounds), Number(options.train)];
const growing = options.growth.split(',').map(Number);
/** Normal images that a detector is timed on, and starts of the process. */
const [normals, starts] = [300, 7];
const targets = { predict: 2, openvino: 1, startMs: 1500, growth: 0.05 };
/** The default's banks, and input sizes and banks whose cost is measured. */
const [usual, sizes, banks] = [4096, [256, 512, 1024], [1000, 10_000, 100_000]];
const timings = 5;

const root = path.resolve(import.meta.dirname, '../..');
const where = machine(
  `npm run bench -- --images ${count} --rounds ${rounds} --data ${options.data} --train ${train} --growth ${options.growth}`,
);
const { all, normals: learnt } = dataSet(options.data, train);
const peers = ['patchcore', 'reverse_distillation'] as const;

const folder = mkdtempSync(path.join(tmpdir(), 'nferd-bench-whole-'));
try {
  const detector = await detectorOf(learnt, path.join(folder, 'detector'));
  const images = path.join(folder, 'images');

  copies(all, count, images);
  const ours: number[] = [];
  const theirs: Record<(typeof peers)[number], Peer[]> = { patchcore: [], reverse_distillation: [] };
  for (let round = 0; round < rounds; round++) {
    ours.push(secondsAnImage(images, detector));
    for (const name of peers) {
      const run = anomalibPredict(
        { trainFolder: path.dirname(learnt[0]!), train, images, scratch: folder },
        name,
        'openvino',
      );
      if (run) theirs[name].push(run);
    }
  }
  const speed = 1 / median(ours);
  const beside = (what: string, seconds: readonly number[], images: number, target: number): Line[] => {
    const theirSpeed = images / median(seconds);
    return [
      [`images/s, ${what}`, fixed(theirSpeed, 1), '', ''],
      line('  ours beside it', `${fixed(speed / theirSpeed)} ×`, `≥ ${target} ×`, speed / theirSpeed >= target),
    ];
  };
  const lines: Line[] = [['images/s, ours: hash, decode, detect, thumbnail, store', fixed(speed, 1), '', '']];
  for (const name of peers) {
    const runs = theirs[name];
    if (runs.length === 0) continue;
    const title = `anomalib ${runs[0]!.versions.anomalib} ${name}`;
    const best = runs.map((run) => Math.min(run.default, run.batches));
    const exported = runs.map((run) => run.openvino!);
    lines.push(...beside(`${title}, Engine.predict`, best, runs[0]!.images, targets.predict));
    lines.push(...beside(`${title}, OpenVINO export`, exported, runs[0]!.images, targets.openvino));
  }

  const demo = await demoSet(normals);
  const train300 = nferd('train', path.join(demo, 'train/good'), '--out', path.join(folder, 'flange'));
  lines.push([`time to a detector, ${normals} images, instant mode`, `${fixed(train300 / 1000, 1)} s`, '', '']);
  const scratch = path.join(demo, 'test/scratch/000.jpg');
  const detect = ['detect', scratch, '--model', path.join(folder, 'flange'), '--out', path.join(folder, 'out')];
  // The first one may have to optimise the model and store it.
  const startMs = Array.from({ length: starts + 1 }, () => nferd(...detect)).slice(1);
  const first = median(startMs);
  lines.push(
    line(
      'process start → first heatmap written',
      `${fixed(first, 0)} ms`,
      `≤ ${targets.startMs} ms`,
      first <= targets.startMs,
    ),
  );

  const costs = growing.map((images) => {
    const grown = path.join(folder, 'grown');
    copies(all, images, grown);
    return 1000 * secondsAnImage(grown, detector);
  });
  const middle = (Math.max(...costs) + Math.min(...costs)) / 2;
  const spread = (Math.max(...costs) - middle) / middle;
  growing.forEach((images, at) => lines.push([`an image of ${images}`, `${fixed(costs[at]!, 1)} ms`, '', '']));
  lines.push(
    line(
      '  spread',
      `± ${fixed(100 * spread, 1)} %`,
      `± ${fixed(100 * targets.growth, 0)} %`,
      spread <= targets.growth,
    ),
  );

  const teacher = await resolveTeacher('efficientnet-lite0', { shipped: path.join(root, 'models'), user: '' }, ports);
  const session: Record<string, number> = {};
  const measure = async (what: string, size: number, entries: number): Promise<void> => {
    session[what] = await sessionMs(teacher, size, entries, timings);
    lines.push([`session of one image, ${what}`, `${fixed(session[what], 1)} ms`, '', '']);
  };
  for (const size of sizes) await measure(`${size} px, banks of ${usual}`, size, usual);
  for (const entries of banks) await measure(`256 px, banks of ${entries}`, 256, entries);

  lines.forEach((cells) => console.log(cells.join('  ')));
  const result = {
    machine: where,
    threads,
    targets,
    count,
    ours,
    theirs,
    train300,
    startMs,
    growing,
    costs,
    session,
  };
  if (!options.dry)
    writeReport(
      'whole',
      result,
      `# From a folder to heatmaps\n\n${count} files (${options.data}, each made another content), instant detector of ${train} normal images at 256 px, ${threads} threads; medians of ${rounds} rounds, ours and anomalib's in turns. ` +
        `Ours is the inspection of a folder: it also hashes, makes thumbnails and stores. anomalib's models stand on the same backbone (EfficientNet-Lite0): PatchCore with coreset ratio 0.1 of the same images, ReverseDistillation untrained, which is as fast; \`Engine.predict\` with the faster of its own loader and batches of 32 with ${threads} reading processes, pictures off; the OpenVINO exports run on what Pillow reads, without drawing or storing anything. ` +
        `Growth in images is the inspection again; in size and banks the session alone, on banks of noise, median of ${timings}.`,
      [['what', 'measured', 'target', 'met'], ...lines],
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Of an inspection of the folder in a process of its own, with nothing stored from before. */
function secondsAnImage(images: string, detector: string): number {
  const { looked, lookingSeconds } = inspectOnce(images, detector);
  rmSync(path.join(images, '.nferd'), { recursive: true });
  return lookingSeconds / looked;
}

/** Milliseconds of one command of the built product. */
function nferd(...given: readonly string[]): number {
  const start = performance.now();
  const ran = spawnSync(process.execPath, [path.join(root, 'dist/cli.mjs'), ...given], { encoding: 'utf8' });
  // 1: an anomaly was found.
  if (ran.status !== 0 && ran.status !== 1) throw new Error(`nferd ${given[0]} failed:\n${ran.stderr.slice(-2000)}`);
  return performance.now() - start;
}
