/**
 * Inspecting a folder: images a second beside the detector's session alone (≥ 0.85 ×) and beside
 * anomalib's predict (≥ 2 ×), memory growth from image 200 to the end (≤ 50 MiB), a second run (≥
 * 50 × faster), and reading 100,000 stored rows (≤ 2 s, 60 thumbnails ≤ 50 ms).
 *
 * npm run bench:inspect -- [--images 2000] [--data magnetic_tile] [--train 60] [--rows 100000]
 * [--dry]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fixed, line, machine, writeReport, type Line } from '../report.ts';
import { anomalibPredict, child, inspectOnce, type Once } from './children.ts';
import { copies, dataSet, detectorOf, threads } from './subject.ts';

const { values: options } = parseArgs({
  options: {
    images: { type: 'string', default: '2000' },
    data: { type: 'string', default: 'magnetic_tile' },
    train: { type: 'string', default: '60' },
    rows: { type: 'string', default: '100000' },
    dry: { type: 'boolean', default: false },
  },
});
const [count, train, rows] = [Number(options.images), Number(options.train), Number(options.rows)];
const targets = { raw: 0.85, anomalib: 2, growthMiB: 50, second: 50, readMs: 2000, thumbnailsMs: 50 };
/** From here on memory must stay. */
const settledAt = Math.min(200, count / 2);
/** Of the session alone: the size with the most images a second of 1, 2 and 4. */
const rawBatch = 2;
const rawSeconds = Math.max(5, Math.min(30, count / 50));

const where = machine(
  `npm run bench:inspect -- --images ${count} --data ${options.data} --train ${train} --rows ${rows}`,
);
const { all, normals } = dataSet(options.data, train);

const folder = mkdtempSync(path.join(tmpdir(), 'nferd-bench-inspect-'));
try {
  const detector = await detectorOf(normals, path.join(folder, 'detector'));
  const images = path.join(folder, 'images');
  copies(all, count, images);

  // The session alone before and after, so that a machine that slows down meanwhile shows.
  const first = inspectOnce(images, detector);
  const alone = () =>
    child<{ imagesPerSecond: number; sideBySide: number }>('raw.ts', images, detector, rawBatch, rawSeconds);
  const raw = [alone()];
  const second = inspectOnce(images, detector);
  // A fresh store: the same work again, between two measurements of the session.
  rmSync(path.join(images, '.nferd'), { recursive: true });
  const again = inspectOnce(images, detector);
  raw.push(alone());
  rmSync(path.join(images, '.nferd'), { recursive: true });

  const speeds = [first, again].map(({ looked, lookingSeconds }) => looked / lookingSeconds);
  const rawSpeeds = raw.map((each) => each.imagesPerSecond);
  const [speed, rawSpeed, rawSideBySide] = [mean(speeds), mean(rawSpeeds), mean(raw.map((each) => each.sideBySide))];
  const growthMiB = Math.max(...[first, again].map(growth));
  console.log(`images/s: ${fixed(speed, 1)} (${speeds.map((value) => fixed(value, 1)).join(', ')})`);
  console.log(`session alone: ${fixed(rawSpeed, 1)} (${rawSpeeds.map((value) => fixed(value, 1)).join(', ')})`);
  console.log(
    `memory growth: ${fixed(growthMiB, 1)} MiB; second run ${fixed(first.seconds / second.seconds, 0)} × faster`,
  );

  const peer = anomalibPredict({ trainFolder: path.dirname(normals[0]!), train, images, scratch: folder });
  const peerSpeed = peer && peer.images / Math.min(peer.default.seconds, peer.batches.seconds);
  const stored = child<{ readMs: number; firstReadMs: number; thumbnailsMs: number; rows: number }>(
    'rows.ts',
    path.join(folder, 'many'),
    detector,
    rows,
  );
  const peerLines: Line[] = peer
    ? [
        [`images/s of anomalib ${peer.versions.anomalib}'s predict, PatchCore`, fixed(peerSpeed!, 1), '', ''],
        line(
          '  inspection beside it',
          `${fixed(speed / peerSpeed!)} ×`,
          `≥ ${targets.anomalib} ×`,
          speed / peerSpeed! >= targets.anomalib,
        ),
      ]
    : [];
  const lines: Line[] = [
    ['images/s', fixed(speed, 1), '', ''],
    ["images/s of the detector's session alone", fixed(rawSpeed, 1), '', ''],
    line(
      '  inspection beside it',
      `${fixed(speed / rawSpeed)} ×`,
      `≥ ${targets.raw} ×`,
      speed / rawSpeed >= targets.raw,
    ),
    ['images/s of sessions alone, runs side by side', fixed(rawSideBySide, 1), '', ''],
    ['  inspection beside them', `${fixed(speed / rawSideBySide)} ×`, '', ''],
    ...peerLines,
    line(
      `memory growth from image ${settledAt} to ${count}`,
      `${fixed(growthMiB, 1)} MiB`,
      `≤ ${targets.growthMiB} MiB`,
      growthMiB <= targets.growthMiB,
    ),
    line(
      'second run',
      `${fixed(second.seconds)} s, ${fixed(first.seconds / second.seconds, 0)} × faster`,
      `≥ ${targets.second} ×`,
      first.seconds / second.seconds >= targets.second,
    ),
    line(
      `reading ${stored.rows} stored rows`,
      `${fixed(stored.readMs, 0)} ms (first ${fixed(stored.firstReadMs, 0)} ms)`,
      `≤ ${targets.readMs} ms`,
      stored.readMs <= targets.readMs,
    ),
    line(
      '60 thumbnails with maps of these',
      `${fixed(stored.thumbnailsMs, 1)} ms`,
      `≤ ${targets.thumbnailsMs} ms`,
      stored.thumbnailsMs <= targets.thumbnailsMs,
    ),
  ];
  lines.forEach((cells) => console.log(cells.join('  ')));
  if (!options.dry)
    writeReport(
      'inspect',
      { machine: where, threads, targets, count, first, again, second, raw, peer, stored } as Parameters<
        typeof writeReport
      >[1],
      `# Inspecting a dataset\n\n${count} files (${options.data}, each made another content), instant ` +
        `detector of ${train} normal images at 256 px, ${threads} threads. ` +
        'The inspection hashes, decodes, detects, makes thumbnails and stores; its speed is the mean of ' +
        'two runs on an empty store, that of the session alone of two measurements around them on inputs ' +
        `that are ready: run after run, each of ${rawBatch} images on all threads; and runs side by side, ` +
        'one thread each, as the inspection has them. ' +
        `anomalib's is \`Engine.predict\` on the same files with PatchCore on the same backbone ` +
        `(EfficientNet-Lite0, ${train} training images, coreset ratio 0.1), pictures off: the faster of ` +
        `its own loader (one image a batch) and batches of 32 with ${threads} reading processes.`,
      [['what', 'measured', 'target', 'met'], ...lines],
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** MiB from the first measurement after `settledAt` to the largest one. */
function growth({ memory }: Once): number {
  const after = memory.filter(([done]) => done >= settledAt).map(([, bytes]) => bytes);
  return after.length === 0 ? 0 : (Math.max(...after) - after[0]!) / 2 ** 20;
}
