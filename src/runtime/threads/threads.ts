import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type TransferListItem } from 'node:worker_threads';
import { connect, type Connection } from '../../protocol/rpc.ts';
import { messagePort } from './messagePort.ts';

/** Starts a thread; undefined where it is not built. */
export type StartThread = () => Worker | undefined;

/**
 * A thread as built, beside what starts it: Node runs no TypeScript.
 * @param file such as `bankThread.mjs`
 */
export function builtThread(file: string): StartThread {
  const entry = path.join(path.dirname(fileURLToPath(import.meta.url)), file);
  return () => (existsSync(entry) ? new Worker(entry) : undefined);
}

/** `count` threads, or undefined and none where one of them can't be started. */
export function startThreads(count: number, start: StartThread): Worker[] | undefined {
  const workers: Worker[] = [];
  try {
    while (workers.length < count) {
      const worker = start();
      if (!worker) break;
      workers.push(worker);
    }
  } catch {
    // As if it were not built.
  }
  if (workers.length === count) return workers;
  workers.forEach((worker) => void worker.terminate());
  return undefined;
}

/**
 * A thread's methods. Each call ends when the thread does.
 * @param task for the user: "A thread that TASK ended."
 * @param given what a message hands over instead of a copy
 */
export function connectThread<Theirs>(
  worker: Worker,
  task: string,
  given?: (message: unknown) => TransferListItem[],
): Connection<Theirs> {
  const connection = connect<Theirs>(messagePort(worker, given), {});
  const end = (how: string): void => connection.dispose(`A thread that ${task} ${how}. Try it again.`);
  worker.on('error', (error) => end(`broke (${error.message})`));
  worker.on('messageerror', () => end('could not be reached'));
  worker.on('exit', () => end('ended'));
  return connection;
}

/** Threads that share work. */
const most = 4;

/**
 * Cores by which to count threads: of many, half are taken for a second thread of a core, which
 * ARM's have not.
 */
export const cores = (): number => {
  const all = os.availableParallelism();
  return all > 4 && process.arch !== 'arm64' ? all >> 1 : all;
};

/**
 * How many threads run side by side and how many work inside each run: as many of `all` as can be
 * used evenly.
 * @param fit as many as have room in memory
 */
export function shareOut(all: number, fit = most): { readonly count: number; readonly each: number } {
  const counts = Array.from({ length: Math.min(most, fit, all) }, (_, i) => i + 1).filter((count) => count > 1);
  const used = (count: number): number => count * Math.floor(all / count);
  const count = counts.reduce((best, next) => (used(next) >= used(best) ? next : best), counts[0] ?? 1);
  return { count, each: Math.floor(all / count) };
}
