import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { RpcError } from '../protocol/rpc.ts';
import type { BankJob, BankThreads } from '../services/chooseBank.ts';
import { UserError } from '../services/errors.ts';
import { Cancelled } from '../services/progress.ts';
import type { SessionOptions } from '../services/sessionPort.ts';
import type { BankThread } from './bankThread.ts';
import { connectThread } from './messagePort.ts';
import { cores, shareOut, type StartThread } from './sessionThreads.ts';

/** As built: Node runs no TypeScript. */
const entry = path.join(path.dirname(fileURLToPath(import.meta.url)), 'bankThread.mjs');

const startThread: StartThread = () => (existsSync(entry) ? new Worker(entry) : undefined);

/** What a thread takes beside its job, with distances and onnxruntime's buffers. */
const threadBytes = 2 ** 27;

/**
 * Threads that choose banks, on the processor whatever the models run on. Half of choosing one is JavaScript, which only threads do side by side.
 * @param jobBytes that one bank takes
 * @returns undefined where that is not possible or no use
 */
export function openBankThreads(
  { threads }: SessionOptions,
  jobBytes: number,
  start = startThread,
): BankThreads | undefined {
  const fit = Math.floor(os.freemem() / 2 / (threadBytes + jobBytes));
  const { count, each } = shareOut(threads > 0 ? threads : cores(), fit);
  if (count < 2) return undefined;
  const workers: Worker[] = [];
  while (workers.length < count) {
    const worker = start();
    // They are built or they are not: none was started then.
    if (!worker) return undefined;
    workers.push(worker);
  }
  const lanes = workers.map((worker) => connectThread<BankThread>(worker, 'chose a bank', handedOver));
  return {
    atOnce: count,
    async choose(job, { signal, onChosen }) {
      const { remote } = lanes.reduce((least, next) => (next.active < least.active ? next : least));
      // Until ended: a thread must not be terminated while it is inside onnxruntime.
      const how = { onProgress: onChosen, untilEnded: true, ...(signal && { signal }) };
      try {
        return await remote.choose({ job, threads: each }, how);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        if (error.ending === 'cancelled') throw new Cancelled();
        throw error.forUser ? new UserError(error.message) : error;
      }
    },
    async release() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** A job's candidates: it moves, nothing is copied. */
function handedOver(message: unknown): ArrayBuffer[] {
  const { argument } = message as { readonly argument?: { readonly job: BankJob } };
  if (!argument) return [];
  const { features, provenance } = argument.job.candidates;
  return [features.data, provenance.image, provenance.row, provenance.column].map(
    ({ buffer }) => buffer as ArrayBuffer,
  );
}
