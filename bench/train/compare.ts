import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../report.ts';
import { startOurs, writeSetup } from './step.ts';
import { startTorch, type Steps } from './torchPeer.ts';

type Both<T> = Record<'ours' | 'torch', T>;

/** Our training step beside PyTorch's. Lists hold a number for each step. */
export interface Compared {
  readonly torch: string;
  readonly ms: Both<number[]>;
  readonly cpuMs: Both<number[]>;
  /** Medians. */
  readonly medianMs: Both<number>;
  readonly medianCpuMs: Both<number>;
  /** Of the first steps, which were not timed. */
  readonly loss: Both<readonly number[]>;
  /** The largest difference of those losses. */
  readonly apart: number;
  /** Σ w² of the weights and of their running average, at the end. */
  readonly squares: Both<{ readonly theta: number; readonly ema: number }>;
}

/** Steps before the clock counts; their losses must agree. */
export const checked = 5;
const tolerance = 1e-3;
/** Both runtimes' threads spin a little after their work. */
const settleMs = 100;

/**
 * `rounds` times `steps` steps of each, in turns, so that noise hits both alike.
 * @throws Error where the two don't compute the same
 */
export async function compareSteps(python: string, rounds: number, steps: number, threads: number): Promise<Compared> {
  const folder = mkdtempSync(path.join(tmpdir(), 'nferd-bench-train-'));
  try {
    await writeSetup(folder, threads);
    const ours = await startOurs(threads);
    const torch = await startTorch(python, folder);
    const first = { ours: await ours.run(checked), torch: await torch.run(checked) };
    const apart = Math.max(...first.ours.loss.map((loss, at) => Math.abs(loss - first.torch.loss[at]!)));
    console.log(`loss of steps 1 … ${checked}: ours ${show(first.ours)}, PyTorch ${show(first.torch)}`);
    if (!(apart <= tolerance))
      throw new Error(`the two do not compute the same: losses differ by ${apart}, allowed ${tolerance}`);

    const ms: Both<number[]> = { ours: [], torch: [] };
    const cpuMs: Both<number[]> = { ours: [], torch: [] };
    for (let round = 0; round < rounds; round++)
      for (const name of round % 2 ? (['torch', 'ours'] as const) : (['ours', 'torch'] as const)) {
        await pause(settleMs);
        const found = await { ours, torch }[name].run(steps);
        ms[name].push(...found.ms);
        cpuMs[name].push(...found.cpuMs);
      }
    return {
      torch: torch.version,
      ms,
      cpuMs,
      medianMs: { ours: median(ms.ours), torch: median(ms.torch) },
      medianCpuMs: { ours: median(cpuMs.ours), torch: median(cpuMs.torch) },
      loss: { ours: first.ours.loss, torch: first.torch.loss },
      apart,
      squares: { ours: await ours.end(), torch: await torch.end() },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const show = ({ loss }: Steps): string => loss.map((value) => value.toFixed(5)).join(' ');
