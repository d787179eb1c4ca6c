import os from 'node:os';
import { RpcError } from '../../protocol/rpc.ts';
import type { BankJob, BankThreads } from '../../services/ports/bankPorts.ts';
import { UserError } from '../../services/ports/errors.ts';
import { Cancelled } from '../../services/ports/progress.ts';
import type { SessionOptions } from '../../services/ports/sessionPort.ts';
import type { BankThread } from './bankThread.ts';
import { builtThread, connectThread, cores, shareOut, startThreads } from '../threads/threads.ts';

/** What a thread takes beside its job, with distances and onnxruntime's buffers. */
const threadBytes = 2 ** 27;

/**
 * Threads that choose banks, on the processor whatever the models run on. Much of choosing one is
 * JavaScript, which only threads do side by side.
 * @param jobBytes that one bank takes
 * @returns undefined where that is not possible or no use
 */
export function openBankThreads(
  { threads }: SessionOptions,
  jobBytes: number,
  start = builtThread('bankThread.mjs'),
): BankThreads | undefined {
  const fit = Math.floor(os.freemem() / 2 / (threadBytes + jobBytes));
  const { count, each } = shareOut(threads > 0 ? threads : cores(), fit);
  if (count < 2) return undefined;
  const workers = startThreads(count, start);
  if (!workers) return undefined;
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
