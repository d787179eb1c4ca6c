/**
 * Would 8-bit weights and activations pay on this processor, or 16-bit floats? The teacher,
 * quantised by ONNX Runtime's own tool and calibrated on normal images alone (quantise.py), beside
 * itself in 32-bit numbers: time of a session at 256 px, batches of 1 and 2, in turns; and with
 * --seeds what becomes of instant detectors on it (at most 0.2 points of AUROC may be lost).
 *
 * npm run bench:int8 -- [--rounds 40] [--data mvtec_screw,magnetic_tile] [--images 60] [--seeds 0]
 * [--threads 2] [--dry]
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { float32 } from '../../src/graph/tensor.ts';
import { openSession } from '../../src/runtime/onnx/session.ts';
import { imageInput } from '../../src/services/detect/imageInput.ts';
import { resolveTeacher } from '../../src/services/teacher/teacherStore.ts';
import { dataSet, ports } from '../inspect/subject.ts';
import { qualities, type Quality } from '../quality/variants.ts';
import { fixed, machine, median, table, writeReport } from '../report.ts';
import { peersPython } from '../train/torchPeer.ts';
import { instantQuality } from './quality.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    data: { type: 'string', default: 'mvtec_screw,magnetic_tile' },
    images: { type: 'string', default: '60' },
    seeds: { type: 'string', default: '0' },
    threads: { type: 'string', default: '2' },
    dry: { type: 'boolean', default: false },
  },
});
const [rounds, count, threads] = [Number(options.rounds), Number(options.images), Number(options.threads)];
const sets = options.data.split(',');
const seeds = options.seeds.split(',').filter(Boolean).map(Number);
/** From here on it would be worth its trouble: so many times as fast. */
const target = 1.25;
const size = 256;
const warming = 5;
const models = path.resolve(import.meta.dirname, '../../models');

const python = peersPython();
if (!python) {
  console.log('skipped bench:int8: no Python with onnxruntime; run bench/peers/setup.sh or set NFERD_PEERS_PYTHON');
  process.exit(0);
}
const where = machine(
  `npm run bench:int8 -- --rounds ${rounds} --data ${options.data} --images ${count} --seeds ` +
    `${options.seeds} --threads ${threads}`,
);
const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8').split(/\s+/) : [];
const dots = ['avx512_vnni', 'avx_vnni'].filter((flag) => flags.includes(flag));

const folder = mkdtempSync(path.join(tmpdir(), 'nferd-bench-int8-'));
try {
  const { names, at } = quantised(sets[0]!);
  const times = [await timesOf(at, names, 1), await timesOf(at, names, 2)];
  const best = Math.max(...times.flatMap(({ ms }) => ms.slice(1).map((value) => ms[0]! / value)));
  const rows: [string, ...string[]][] = [
    ['teacher', ...times.flatMap(({ batch }) => [`batch ${batch}, ms an image`, 'times as fast', 'processor ms'])],
    ...names.map((name, at): [string, ...string[]] => [
      name,
      ...times.flatMap(({ ms, cpuMs }) => [fixed(ms[at]!, 1), `${fixed(ms[0]! / ms[at]!)} ×`, fixed(cpuMs[at]!, 1)]),
    ]),
  ];
  rows.forEach((cells) => console.log(cells.join('  ')));
  // Without VNNI sums of 8-bit products saturate: 7 bits are what such a processor could use. The
  // last is what 8 bits can do.
  const quality = seeds.length > 0 ? await qualityOf(['fp32', 'u8s8-7bit', 'u8u8']) : [];
  const points = (value: number): string => fixed(100 * value, 1);
  const qualityRows = [
    ['instant detectors', 'teacher', 'I-AUROC, %', 'P-AUROC, %', 'AUPRO, %'],
    ...quality.map(({ set, name, found }) => [
      set,
      name,
      ...[found.imageAuroc, found.pixelAuroc, found.aupro].map(points),
    ]),
  ];
  qualityRows.forEach((cells) => console.log(cells.join('  ')));
  if (!options.dry)
    writeReport(
      'int8',
      { machine: where, threads, size, count, target, flags: dots, names, times, quality } as Parameters<
        typeof writeReport
      >[1],
      `# 8-bit teacher, and one in 16-bit floats\n\nEfficientNet-Lite0 at ${size} px: in 16-bit floats ` +
        `(\`fp16\`, by ONNX Runtime's converter), and by static QDQ quantisation by ONNX Runtime's tool ` +
        `(weights per channel, activations unsigned), calibrated on ${count} normal images; ${threads} ` +
        `threads, medians of ${rounds} runs in turns. ` +
        'This processor ' +
        `${dots.length > 0 ? `has ${dots.join(', ')}` : 'has no VNNI (neither avx512_vnni nor avx_vnni)'}. ` +
        `Worth a try from ${target} × on: the best is **${fixed(best)} ×**. ` +
        `Detectors on such teachers may lose 0.2 points of AUROC; means of the seeds ${seeds.join(', ')}.\n\n` +
        table(qualityRows),
      rows,
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The teacher's kinds, calibrated on a set's normal images. */
function quantised(set: string): { readonly names: string[]; readonly at: (name: string) => Uint8Array } {
  const { normals } = dataSet(set, count);
  const given = [
    path.join(models, 'efficientnet-lite0.onnx'),
    path.dirname(normals[0]!),
    `${count}`,
    `${size}`,
    folder,
  ];
  const told = execFileSync(python!, [path.join(import.meta.dirname, 'quantise.py'), ...given], { encoding: 'utf8' });
  return {
    names: JSON.parse(told.trim().split('\n').at(-1)!) as string[],
    at: (name) => readFileSync(path.join(folder, `${name}.onnx`)),
  };
}

/** Medians in milliseconds an image; the kinds take turns. */
async function timesOf(at: (name: string) => Uint8Array, names: readonly string[], batch: number) {
  const sessions = await Promise.all(names.map((name) => openSession(at(name), { executionProvider: 'cpu', threads })));
  const { normals } = dataSet(sets[0]!, batch);
  const images = await Promise.all(normals.map((file) => ports.images.readImage(file, { width: size, height: size })));
  const { data, dims } = imageInput(images);
  const image = float32(
    (data as Float32Array).map((value) => (value - 127) / 128),
    dims,
  );
  const ms: number[][] = names.map(() => []);
  const cpuMs: number[][] = names.map(() => []);
  for (let round = -warming; round < rounds; round++)
    for (const [at, session] of sessions.entries()) {
      await pause(5);
      const [start, used] = [performance.now(), process.cpuUsage()];
      await session.run({ image });
      const [elapsed, { user, system }] = [performance.now() - start, process.cpuUsage(used)];
      if (round < 0) continue;
      ms[at]!.push(elapsed / batch);
      cpuMs[at]!.push((user + system) / 1000 / batch);
    }
  await Promise.all(sessions.map((session) => session.release()));
  return { batch, ms: ms.map(median), cpuMs: cpuMs.map(median) };
}

/** Means over the seeds. */
async function qualityOf(kinds: readonly string[]) {
  const teacher = await resolveTeacher('efficientnet-lite0', { shipped: models, user: '' }, ports);
  const found: { set: string; name: string; found: Quality }[] = [];
  for (const set of sets) {
    const { at } = quantised(set);
    for (const name of kinds) {
      const model = name === 'fp32' ? teacher.model : at(`${name}-float`);
      const runs: Quality[] = [];
      for (const seed of seeds)
        runs.push(await instantQuality(dataSet(set, 1).folder, { ...teacher, model }, seed, folder));
      const mean = (of: keyof Quality): number => runs.reduce((sum, run) => sum + run[of], 0) / runs.length;
      found.push({ set, name, found: Object.fromEntries(qualities.map((of) => [of, mean(of)])) as unknown as Quality });
    }
  }
  return found;
}
