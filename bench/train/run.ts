/**
 * Time of one training step of the student (256 px, batch 8) on ONNX Runtime beside PyTorch: same
 * architecture, weights, features, optimiser, threads. The two take turns, so that noise hits both
 * alike; the target is a ratio of medians of at most 0.8.
 *
 * npm run bench:train -- [--rounds 10] [--steps 2] [--threads 2] [--dry]
 */
import { parseArgs } from 'node:util';
import { fixed, machine, writeReport } from '../report.ts';
import { callMs } from './call.ts';
import { checked, compareSteps } from './compare.ts';
import { stepOptions } from './step.ts';
import { peersPython } from './torchPeer.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    steps: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
    dry: { type: 'boolean', default: false },
  },
});
const [rounds, steps, threads] = [Number(options.rounds), Number(options.steps), Number(options.threads)];
const target = 0.8;

const python = peersPython();
if (!python) {
  console.log('skipped bench:train: no Python with PyTorch; run bench/peers/setup.sh or set NFERD_PEERS_PYTHON');
  process.exit(0);
}
const where = machine(`npm run bench:train -- --rounds ${rounds} --steps ${steps} --threads ${threads}`);
const found = await compareSteps(python, rounds, steps, threads);
const call = await callMs(threads, rounds * steps);
const { medianMs, medianCpuMs, torch } = found;
const ratio = medianMs.ours / medianMs.torch;
const cpuRatio = medianCpuMs.ours / medianCpuMs.torch;
const whole = (ms: number): string => `${fixed(ms, 0)} ms`;
const rows: [string, ...string[]][] = [
  ['', 'ONNX Runtime (ours)', `PyTorch ${torch}`, 'ours / PyTorch', 'target'],
  ['time', whole(medianMs.ours), whole(medianMs.torch), fixed(ratio), `≤ ${target}`],
  ['processor time', whole(medianCpuMs.ours), whole(medianCpuMs.torch), fixed(cpuRatio), ''],
  ['a call alone', `${whole(call)}, ${fixed((100 * call) / medianMs.ours, 0)} %`, '', '', ''],
];
rows.forEach((cells) => console.log(cells.join('  ')));
if (!options.dry)
  writeReport(
    'train',
    {
      machine: where,
      threads,
      batch: stepOptions.batch,
      size: stepOptions.size,
      target,
      ratio,
      call,
      ...found,
    } as Parameters<typeof writeReport>[1],
    `# Training step\n\nOne step of the default student (${stepOptions.size} px, batch ` +
      `${stepOptions.batch}, ${threads} threads): forward, gradients, clipping, Adam, running average; ` +
      `written by \`npm run bench:train\`. Same weights and features; losses of ${checked} steps agree ` +
      `within ${found.apart.toExponential(1)}. Medians of ${found.ms.ours.length} steps each, in turns. ` +
      '_A call alone_ takes what a step takes and returns the state, no more: what several steps in one ' +
      'call would save, at the most, for all but one of them.',
    rows,
  );
