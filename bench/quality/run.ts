/**
 * Quality on real defects: instant, plain reverse distillation, NFERD, and anomalib's PatchCore and
 * ReverseDistillation with the same teacher weights, images and input size. One JSON per run in
 * bench/results/quality (a finished run is not repeated; delete it to measure again), one table in
 * bench/results/quality.md. Methods `bank`, `channel` and `spatial` take parts of the fusion away.
 *
 * npm run bench:quality -- [--seeds 0,1,2] [--data a,b] [--methods nferd,rd] [--steps 200]
 * [--table]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  defaultConfig,
  defaultStudent,
  withStudent,
  type DetectorConfig,
  type Fusion,
} from '../../src/nferd/config.ts';
import { enginePorts } from '../../src/runtime/ports.ts';
import { resolveTeacher } from '../../src/services/teacher/teacherStore.ts';
import { writeTable } from './table.ts';
import { trainedQuality } from './trained.ts';
import type { Quality, Variant } from './variants.ts';

const root = path.resolve(import.meta.dirname, '../..');
const results = path.join(root, 'bench/results/quality');
const data = path.resolve(root, '../shared/data');
const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '0,1,2' },
    data: { type: 'string', default: 'mvtec_screw,magnetic_tile' },
    methods: { type: 'string', default: 'nferd,rd,anomalib-patchcore,anomalib-rd' },
    steps: { type: 'string', default: `${defaultStudent.steps}` },
    table: { type: 'boolean', default: false },
  },
});
const steps = Number(options.steps);
const threads = 2;
const size = defaultConfig.inputSize;
const ports = enginePorts({ executionProvider: 'cpu', threads });

const { bankWeights, studentWeights } = defaultConfig.map;
const none = [0, 0, 0];
const equal = [1, 1, 1];

/** A student of that fusion, measured alone. */
const studentOf = (fusion: Fusion) => ({
  config: withStudent(defaultConfig, { ...defaultStudent, steps, fusion }),
  variants: { [fusion === 'none' ? 'rd' : `fusion-${fusion}`]: { bank: none, student: equal } },
});

/** What one training is measured as. */
const ours: Readonly<Record<string, { config: DetectorConfig; variants: Readonly<Record<string, Variant>> }>> = {
  nferd: {
    config: withStudent(defaultConfig, { ...defaultStudent, steps }),
    variants: {
      instant: { bank: bankWeights, student: none },
      'nferd-student': { bank: none, student: equal },
      nferd: { bank: bankWeights, student: studentWeights },
    },
  },
  rd: studentOf('none'),
  // What each part of the fusion gives; the whole of it is `nferd-student`.
  bank: studentOf('bank'),
  channel: studentOf('channel'),
  spatial: studentOf('spatial'),
};

async function runOurs(method: string, dataset: string, seed: number): Promise<Record<string, Quality>> {
  const { config, variants } = ours[method]!;
  const trial = {
    folder: path.join(data, dataset),
    out: path.join(tmpdir(), `nferd-quality-${dataset}-${method}-${seed}`),
    name: method,
    teacher: await resolveTeacher('efficientnet-lite0', { shipped: path.join(root, 'models'), user: '' }, ports),
    config,
    seed,
  };
  return trainedQuality(trial, variants, ports);
}

const peerArguments: Readonly<Record<string, readonly string[]>> = {
  'anomalib-patchcore': ['--method', 'patchcore', '--coreset-ratio', '0.01'],
  'anomalib-rd': ['--method', 'rd', '--steps', `${steps}`, '--batch', `${defaultStudent.batch}`],
};

function runPeer(method: string, dataset: string, seed: number): Record<string, Quality> {
  const python = process.env['NFERD_PEERS_PYTHON'] ?? path.join(root, '.venv/peers/bin/python');
  if (!existsSync(python)) {
    console.log(`skipped ${method}: ${python} is missing; run bench/peers/setup.sh`);
    return {};
  }
  const out = path.join(tmpdir(), `peer-${dataset}-${method}-${seed}.json`);
  const run = spawnSync(
    python,
    [
      path.join(root, 'bench/peers/anomalib_peer.py'),
      ...peerArguments[method]!,
      ...['--data', path.join(data, dataset), '--size', `${size}`, '--seed', `${seed}`],
      ...['--threads', `${threads}`, '--out', out],
    ],
    { encoding: 'utf8' },
  );
  if (run.status !== 0) throw new Error(`${method} failed:\n${run.stderr.slice(-2000)}`);
  return { [method]: (JSON.parse(readFileSync(out, 'utf8')) as { metrics: Quality }).metrics };
}

mkdirSync(results, { recursive: true });
for (const seed of options.table ? [] : options.seeds.split(',').map(Number))
  for (const dataset of options.data.split(','))
    for (const method of options.methods.split(',')) {
      const file = path.join(results, `${dataset}.${method}.${seed}.json`);
      if (existsSync(file)) continue;
      if (!existsSync(path.join(data, dataset))) {
        console.log(`skipped ${dataset}: not in ${data}`);
        continue;
      }
      const start = performance.now();
      const found = method in ours ? await runOurs(method, dataset, seed) : runPeer(method, dataset, seed);
      const seconds = Math.round((performance.now() - start) / 1000);
      if (Object.keys(found).length === 0) continue;
      writeFileSync(file, `${JSON.stringify({ dataset, seed, size, steps, seconds, found }, null, 1)}\n`);
      console.log(dataset, seed, JSON.stringify(found), `${seconds} s`);
      writeTable(results);
    }
writeTable(results);
