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

/** What a thread takes: the candidates of a bank twice (60,000 × 112 float32 each, as they are and whitened) and itself. */
const threadBytes = 2 ** 28;

/**
 * Threads that choose banks, on the processor whatever the models run on. Half of choosing one is JavaScript, which only threads do side by side.
 * @returns undefined where that is not possible or no use
 */
export function openBankThreads({ threads }: SessionOptions, start = startThread): BankThreads | undefined {
  const { count, each } = shareOut(threads > 0 ? threads : cores(), Math.floor(os.freemem() / 2 / threadBytes));
  if (count < 2) return undefined;
  const workers = Array.from({ length: count }, start).filter((worker) => worker !== undefined);
  if (workers.length < count) return undefined;
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
