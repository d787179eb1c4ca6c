import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** Times and losses of some steps. */
export interface Steps {
  readonly ms: readonly number[];
  /** Processor time of all threads. */
  readonly cpuMs: readonly number[];
  readonly loss: readonly number[];
}

export interface TorchPeer {
  readonly version: string;
  run(steps: number): Promise<Steps>;
  /** Ends the process. @returns Σ w² of the weights and of their running average */
  end(): Promise<{ readonly theta: number; readonly ema: number }>;
}

/** The interpreter of bench/peers/setup.sh; undefined where there is none. */
export function peersPython(): string | undefined {
  const python = process.env['NFERD_PEERS_PYTHON'] ?? path.resolve(import.meta.dirname, '../../.venv/peers/bin/python');
  return existsSync(python) ? python : undefined;
}

/** Starts torch_step.py on `folder`; it computes only between a call and its answer. */
export async function startTorch(python: string, folder: string): Promise<TorchPeer> {
  const child = spawn(python, [path.join(import.meta.dirname, 'torch_step.py'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // On cores shared with others, threads that spin at PyTorch's many barriers slow it several
    // times over.
    env: { OMP_WAIT_POLICY: 'PASSIVE', ...process.env },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => {
    const { value, done } = (await lines.next()) as { value: string; done?: boolean };
    if (done) throw new Error('torch_step.py ended before it answered; its message is above');
    return JSON.parse(value) as T;
  };
  const { torch } = await answer<{ torch: string }>();
  return {
    version: torch,
    run: (steps) => {
      child.stdin.write(`${steps}\n`);
      return answer<Steps>();
    },
    async end() {
      child.stdin.end('\n');
      const found = await answer<{ theta: number; ema: number }>();
      await once(child, 'exit');
      return found;
    },
  };
}
