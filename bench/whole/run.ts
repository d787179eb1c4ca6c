/**
 * The way from a folder of images to heatmaps as a whole, beside anomalib on the same images,
 * backbone, threads and machine, in turns: its PatchCore and ReverseDistillation by
 * `Engine.predict` and as OpenVINO exports. One table of decode, inference, post-processing, end to
 * end, memory, time to a detector and start-up; then what is asked for, the training step beside
 * PyTorch's, and how the cost grows with images, their size and the banks.
 *
 * npm run bench -- [--images 400] [--rounds 2] [--data magnetic_tile] [--train 60] [--growth
 * 100,1000,10000] [--dry]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { resolveTeacher } from '../../src/services/teacher/teacherStore.ts';
import { demoSet } from '../detect/demoSet.ts';
import { anomalibPredict, inspectOnce, type Peer } from '../inspect/children.ts';
import { copies, dataSet, ports, threads } from '../inspect/subject.ts';
import { runBundled, runNode } from '../nodeProcess.ts';
import { fixed, line, machine, median, table, writeReport, type Line } from '../report.ts';
import { compareSteps } from '../train/compare.ts';
import { peersPython } from '../train/torchPeer.ts';
import { sessionMs } from './banks.ts';
import { predictWay, secondsAnImage, systemsTable } from './systems.ts';

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
const targets = { predict: 2, openvino: 1, session: 0.9, step: 0.8, startMs: 1500, growth: 0.05 };
/** The default's banks, and input sizes and banks whose cost is measured. */
const [usual, sizes, banks] = [4096, [256, 512, 1024], [1000, 10_000, 100_000]];
const timings = 5;
/** Of the training step: rounds of two steps each. */
const stepRounds = 10;

const root = path.resolve(import.meta.dirname, '../..');
const where = machine(
  `npm run bench -- --images ${count} --rounds ${rounds} --data ${options.data} --train ${train} ` +
    `--growth ${options.growth}`,
);
const { all, normals: learnt } = dataSet(options.data, train);
const peers = ['patchcore', 'reverse_distillation'] as const;

const folder = mkdtempSync(path.join(tmpdir(), 'nferd-bench-whole-'));
try {
  const detector = path.join(folder, 'detector');
  const training = runBundled(path.join(import.meta.dirname, 'trainDetector.ts'), [options.data, train, detector]);
  const trainSeconds = Number(training.stdout);
  const images = path.join(folder, 'images');
  copies(all, count, images);
  const whole: ReturnType<typeof inspect>[] = [];
  const theirs: Record<(typeof peers)[number], Peer[]> = { patchcore: [], reverse_distillation: [] };
  for (let round = 0; round < rounds; round++) {
    whole.push(inspect(images, detector));
    for (const name of peers) {
      const task = { trainFolder: path.dirname(learnt[0]!), train, images, scratch: folder };
      const run = anomalibPredict(task, name, 'openvino');
      if (run) theirs[name].push(run);
    }
  }
  const apart = inspect(images, detector, 'apart');

  const demo = await demoSet(normals);
  const flange = path.join(folder, 'flange');
  const train300 = nferd('train', path.join(demo, 'train/good'), '--out', flange);
  const shares = phaseShares(demo, normals);
  const scratch = path.join(demo, 'test/scratch/000.jpg');
  const detect = ['detect', scratch, '--model', flange, '--out', path.join(folder, 'out')];
  // The first one may have to optimise the model and store it.
  const detections = Array.from({ length: starts + 1 }, () => nferd(...detect)).slice(1);
  const startMs = median(detections.map(({ ms }) => ms));
  const python = peersPython();
  const step = python === undefined ? undefined : await compareSteps(python, stepRounds, 2, threads);

  const ours = { whole, apart, trainSeconds, startMs };
  const systems = systemsTable(ours, theirs);
  const lines: Line[] = [];
  const speed = 1 / median(whole.map(secondsAnImage));
  const beside = (what: string, seconds: readonly number[], images: number, target: number): void => {
    const ratio = speed / (images / median(seconds));
    lines.push(line(`images/s beside ${what}`, `${fixed(ratio)} ×`, `≥ ${target} ×`, ratio >= target));
  };
  for (const name of peers) {
    const runs = theirs[name];
    if (runs.length === 0) continue;
    const title = `anomalib ${runs[0]!.versions.anomalib} ${name}`;
    beside(
      `${title}, Engine.predict`,
      runs.map((run) => predictWay(run).seconds),
      runs[0]!.images,
      targets.predict,
    );
    beside(
      `${title}, OpenVINO export`,
      runs.map((run) => run.openvino!.seconds),
      runs[0]!.images,
      targets.openvino,
    );
  }
  const inside = median(whole.map(({ parts, lookingSeconds }) => parts.session / parts.atOnce / 1000 / lookingSeconds));
  lines.push(
    line(
      'share of an inspection inside session.run',
      `${fixed(100 * inside, 0)} %`,
      `≥ ${100 * targets.session} %`,
      inside >= targets.session,
    ),
  );
  if (step) {
    const ratio = step.medianMs.ours / step.medianMs.torch;
    const both = `${fixed(step.medianMs.ours, 0)} and ${fixed(step.medianMs.torch, 0)} ms: ${fixed(ratio)} ×`;
    lines.push(line(`training step beside PyTorch ${step.torch}`, both, `≤ ${targets.step} ×`, ratio <= targets.step));
  }
  lines.push(
    [`time to a detector, ${normals} images, instant mode`, `${fixed(train300.ms / 1000, 1)} s`, '', ''],
    [
      `  of it ${Object.keys(shares).join(', ')}`,
      Object.values(shares)
        .map((share) => `${fixed(100 * share, 0)} %`)
        .join(', '),
      '',
      '',
    ],
    ['  its peak memory', `${fixed(train300.peakMiB, 0)} MiB`, '', ''],
    line(
      'process start → first heatmap written',
      `${fixed(startMs, 0)} ms`,
      `≤ ${targets.startMs} ms`,
      startMs <= targets.startMs,
    ),
    ['  its peak memory', `${fixed(Math.max(...detections.map(({ peakMiB }) => peakMiB)), 0)} MiB`, '', ''],
  );

  // There and back, the short ones several times: a machine that gets slower meanwhile looks like a
  // cost that grows.
  const runs = new Map(growing.map((images): [number, number[]] => [images, []]));
  for (const images of [...growing, ...growing.slice(0, -1).reverse()]) {
    const grown = path.join(folder, 'grown');
    copies(all, images, grown);
    const times = Math.max(1, Math.min(5, Math.round(1000 / images)));
    for (let i = 0; i < times; i++) runs.get(images)!.push(1000 * secondsAnImage(inspect(grown, detector)));
  }
  const costs = growing.map((images) => median(runs.get(images)!));
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

  [...systems, ...lines].forEach((cells) => console.log(cells.join('  ')));
  const { stdout: _, ...trained } = train300;
  const result = {
    machine: where,
    threads,
    targets,
    count,
    ours,
    theirs,
    train300: trained,
    shares,
    step,
    growing,
    costs,
    session,
  };
  if (!options.dry)
    writeReport(
      'whole',
      result,
      `# From a folder to heatmaps\n\n${count} files (${options.data}, each made another content), ` +
        `detectors of ${train} normal images at 256 px, ${threads} threads; medians of ${rounds} rounds, ` +
        `ours and anomalib's in turns. ` +
        'Ours is the inspection of a folder: it also hashes, makes thumbnails and stores. Its parts are ' +
        'those of a run that does one after the other; end to end they overlap. ' +
        `anomalib's models stand on the same backbone (EfficientNet-Lite0): PatchCore with coreset ratio ` +
        `0.1 of the same images, ReverseDistillation untrained, which is as fast; \`Engine.predict\` with ` +
        `the faster of its own loader and batches of 32 with ${threads} reading processes, pictures off: ` +
        `decode is waiting for the loader and resizing, inference the model's forward pass with its map. ` +
        'The OpenVINO exports run on what Pillow reads, without drawing or storing anything, in the ' +
        'process that exported them. ' +
        `Memory is the most that was resident, of anomalib's readers what they have for themselves. Time ` +
        `to a detector: from the same ${train} files, without the start of the process. First result: ` +
        `ours is a heatmap that \`nferd detect\` wrote, anomalib's the first prediction, by a model that ` +
        'is not yet trained.\n\n' +
        `${table(systems)}\n\nWhat is asked for. Growth in images is the inspection again; in size and ` +
        `banks the session alone, on banks of noise, median of ${timings}.`,
      [['what', 'measured', 'target', 'met'], ...lines],
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** An inspection of the folder in a process of its own, with nothing stored from before. */
function inspect(images: string, detector: string, ...how: readonly 'apart'[]) {
  const found = inspectOnce(images, detector, ...how);
  rmSync(path.join(images, '.nferd'), { recursive: true });
  return found;
}

/** Of the time to an instant detector, by phase. */
function phaseShares(demo: string, count: number): Record<string, number> {
  const { stdout } = runBundled(path.join(import.meta.dirname, 'phases.ts'), [demo, count]);
  return JSON.parse(stdout) as Record<string, number>;
}

/** One command of the built product. Exit code 1: an anomaly was found. */
function nferd(...given: readonly string[]) {
  return runNode([path.join(root, 'dist/cli.mjs'), ...given], [0, 1]);
}
