/**
 * Time of one training step of the student (256 px, batch 8) on ONNX Runtime beside PyTorch: same architecture, weights, features,
 * optimiser, threads. The two take turns, so that noise hits both alike; the target is a ratio of medians of at most 1.
 *
 * npm run bench:train -- [--rounds 10] [--steps 2] [--threads 2] [--dry]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fixed, machine, median, writeReport } from '../report.ts';
import { startOurs, stepOptions, writeSetup } from './step.ts';
import { peersPython, startTorch, type Steps } from './torchPeer.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    steps: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
    dry: { type: 'boolean', default: false },
  },
});
const [rounds, steps, threads] = [Number(options.rounds), Number(options.steps), Number(options.threads)];
const target = 1;
/** Steps before the clock counts; their losses must agree. */
const checked = 5;
const tolerance = 1e-3;
/** Both runtimes' threads spin a little after their work. */
const settleMs = 100;

const python = peersPython();
if (!python) {
  console.log('skipped bench:train: no Python with PyTorch; run bench/peers/setup.sh or set NFERD_PEERS_PYTHON');
  process.exit(0);
}
const where = machine(`npm run bench:train -- --rounds ${rounds} --steps ${steps} --threads ${threads}`);
const folder = mkdtempSync(path.join(tmpdir(), 'nferd-bench-train-'));
try {
  await writeSetup(folder, threads);
  const ours = await startOurs(threads);
  const torch = await startTorch(python, folder);
  const first = { ours: await ours.run(checked), torch: await torch.run(checked) };
  const apart = first.ours.loss.map((loss, at) => Math.abs(loss - first.torch.loss[at]!));
  console.log(`loss of steps 1 … ${checked}: ours ${show(first.ours)}, PyTorch ${show(first.torch)}`);
  if (!apart.every((gap) => gap <= tolerance))
    throw new Error(`the two do not compute the same: losses differ by ${Math.max(...apart)}, allowed ${tolerance}`);

  const ms: Record<'ours' | 'torch', number[]> = { ours: [], torch: [] };
  const cpuMs: typeof ms = { ours: [], torch: [] };
  for (let round = 0; round < rounds; round++)
    for (const name of round % 2 ? (['torch', 'ours'] as const) : (['ours', 'torch'] as const)) {
      await pause(settleMs);
      const found = await { ours, torch }[name].run(steps);
      ms[name].push(...found.ms);
      cpuMs[name].push(...found.cpuMs);
    }
  const squares = { ours: await ours.end(), torch: await torch.end() };
  const [mine, peer] = [median(ms.ours), median(ms.torch)];
  const ratio = mine / peer;
  const cpu = { ours: median(cpuMs.ours), torch: median(cpuMs.torch) };
  console.log(`ours ${fixed(mine, 0)} ms, PyTorch ${fixed(peer, 0)} ms a step: ${fixed(ratio)} × (target ≤ ${target})`);
  console.log(`processor time ${fixed(cpu.ours, 0)} and ${fixed(cpu.torch, 0)} ms: ${fixed(cpu.ours / cpu.torch)} ×`);
  if (!options.dry)
    writeReport(
      'train',
      {
        machine: where,
        torch: torch.version,
        threads,
        batch: stepOptions.batch,
        size: stepOptions.size,
        target,
        ratio,
        medianMs: { ours: mine, torch: peer },
        medianCpuMs: cpu,
        ms,
        cpuMs,
        loss: { ours: first.ours.loss, torch: first.torch.loss },
        squares,
      } as Parameters<typeof writeReport>[1],
      `# Training step\n\nOne step of the default student (${stepOptions.size} px, batch ${stepOptions.batch}, ${threads} threads): forward, gradients, clipping, Adam, running average; written by \`npm run bench:train\`. Same weights and features; losses of ${checked} steps agree within ${Math.max(...apart).toExponential(1)}. Medians of ${ms.ours.length} steps each, in turns.`,
      [
        ['', 'ONNX Runtime (ours)', `PyTorch ${torch.version}`, 'ours / PyTorch', 'target'],
        ['time', `${fixed(mine, 0)} ms`, `${fixed(peer, 0)} ms`, fixed(ratio), `≤ ${fixed(target, 1)}`],
        ['processor time', `${fixed(cpu.ours, 0)} ms`, `${fixed(cpu.torch, 0)} ms`, fixed(cpu.ours / cpu.torch), ''],
      ],
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function show({ loss }: Steps): string {
  return loss.map((value) => value.toFixed(5)).join(' ');
}
