import os from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { Connection } from '../../protocol/rpc.ts';
import type { Session, SessionOptions } from '../../services/ports/sessionPort.ts';
import type { SessionThread } from './sessionThread.ts';
import { handedOver, TensorCopies } from './tensorMessages.ts';
import { builtThread, connectThread, cores, shareOut, startThreads } from '../threads/threads.ts';

/**
 * What a thread takes beside the model, and how often the model: its bytes, its weights, and these
 * packed for the processor.
 */
const [threadBytes, modelCopies] = [2 ** 28, 3];

interface Lane {
  readonly worker: Worker;
  readonly connection: Connection<SessionThread>;
  readonly copies: TensorCopies;
  /** Runs under way. */
  busy: number;
}

/**
 * A model on the processor, once in each of several threads, so that several runs go on at once and
 * none on the caller's thread. onnxruntime-node's `run` holds its thread until it is done, and the
 * threads inside an operator wait for each other: two runs side by side on one thread each take 0.8
 * to 0.9 × the time of two runs on two threads, one after the other (`npm run bench:inspect`).
 *
 * @param threads of all together; 0: one per core
 * @returns undefined where side by side is not possible, is no use, or fails: a plain session then
 * says what is wrong with the model
 */
export async function openSideBySide(
  model: Uint8Array,
  { threads, cached }: SessionOptions,
  start = builtThread('sessionThread.mjs'),
): Promise<Session | undefined> {
  const fit = Math.floor(os.freemem() / 2 / (modelCopies * model.length + threadBytes));
  const { count, each } = shareOut(threads > 0 ? threads : cores(), fit);
  if (count < 2) return undefined;
  const options = { executionProvider: 'cpu', threads: each, ...(cached && { cached }) };
  const workers = startThreads(count, start);
  if (!workers) return undefined;
  const lanes = workers.map(laneOf);
  const end = () => Promise.all(lanes.map(({ worker }) => worker.terminate()));
  const open = ({ connection }: Lane) => connection.remote.open({ model, options });
  try {
    const [first, ...others] = lanes;
    const begun = open(first!);
    // Where optimised models are kept the first one may have to make it; the others then find it.
    if (cached) await begun;
    // All of them: a thread must not be terminated while it is inside onnxruntime.
    const ends = await Promise.allSettled([begun, ...others.map(open)]);
    const failed = ends.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    const opened = await begun;
    return {
      ...opened,
      atOnce: lanes.length,
      async run(feeds, outputs) {
        const lane = lanes.reduce((least, next) => (next.busy < least.busy ? next : least));
        lane.busy++;
        try {
          const given = { feeds: lane.copies.of(feeds), ...(outputs && { outputs }) };
          const answer = await lane.connection.remote.run(given);
          lane.copies.back(answer.feeds);
          return answer.found;
        } finally {
          lane.busy--;
        }
      },
      async release() {
        // One that broke has nothing left to release.
        await Promise.allSettled(lanes.map(({ connection }) => connection.remote.release()));
        await end();
      },
    };
  } catch {
    await end();
    return undefined;
  }
}

function laneOf(worker: Worker): Lane {
  const connection = connectThread<SessionThread>(worker, 'ran the detector', handedOver);
  return { worker, connection, copies: new TensorCopies(), busy: 0 };
}
