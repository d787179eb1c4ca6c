import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Ran {
  readonly stdout: string;
  readonly ms: number;
  /** Most memory that the process had resident. */
  readonly peakMiB: number;
}

const hook = pathToFileURL(path.join(import.meta.dirname, 'peakAtExit.mjs')).href;

const root = path.resolve(import.meta.dirname, '..');

/**
 * Runs a script of bench/ in a process of its own, bundled as the product is: threads are built
 * only then, and what reads TypeScript takes memory and time in every one.
 */
export function runBundled(script: string, given: readonly (string | number)[]): Ran {
  // As deep in the repository as the scripts, so that they find the same from there.
  const file = path.join(root, '.cache/bench', `${path.parse(script).name}.mjs`);
  execFileSync(process.execPath, [path.join(root, 'esbuild.mjs'), '--bench', path.relative(root, script)], {
    cwd: root,
  });
  return runNode([file, ...given.map(String)]);
}

/**
 * Runs a program in a Node process of its own.
 * @param good exit codes that are no failure
 * @throws Error with the end of what it said
 */
export function runNode(given: readonly string[], good: readonly number[] = [0]): Ran {
  const folder = mkdtempSync(path.join(tmpdir(), 'nferd-bench-peak-'));
  const peak = path.join(folder, 'bytes');
  try {
    const start = performance.now();
    const ran = spawnSync(process.execPath, ['--import', hook, ...given], {
      encoding: 'utf8',
      env: { ...process.env, NFERD_BENCH_PEAK: peak },
    });
    const ms = performance.now() - start;
    if (!good.includes(ran.status ?? -1)) throw new Error(`${given.join(' ')} failed:\n${ran.stderr.slice(-2000)}`);
    return { stdout: ran.stdout, ms, peakMiB: Number(readFileSync(peak, 'utf8')) / 2 ** 20 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
