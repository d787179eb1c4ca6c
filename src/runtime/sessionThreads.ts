import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { connect, RpcError, type Connection } from '../protocol/rpc.ts';
import { UserError } from '../services/errors.ts';
import type { Session, SessionOptions } from '../services/sessionPort.ts';
import { messagePort } from './messagePort.ts';
import type { SessionThread } from './sessionThread.ts';
import { handedOver, TensorCopies } from './tensorMessages.ts';

/** As built: Node runs no TypeScript. */
const entry = path.join(path.dirname(fileURLToPath(import.meta.url)), 'sessionThread.mjs');

/** Starts sessionThread.ts; undefined where it is not built. */
export type StartThread = () => Worker | undefined;

export const startThread: StartThread = () => (existsSync(entry) ? new Worker(entry) : undefined);

/** Threads that hold a copy of the model each. */
const most = 4;

/** Cores by which to count threads: of many, half are taken for a second thread of a core. */
const cores = (): number => {
  const all = os.availableParallelism();
  return all > 4 ? all >> 1 : all;
};

interface Lane {
  readonly worker: Worker;
  readonly connection: Connection<SessionThread>;
  readonly copies: TensorCopies;
  /** Runs under way. */
  busy: number;
}

/**
 * A model on the processor, once in each of several threads, so that several runs go on at once and none on the caller's thread.
 * onnxruntime-node's `run` holds its thread until it is done, and the threads inside an operator wait for each other: two runs side by side
 * on one thread each take 0.8 × the time of two runs on two threads, one after the other (`npm run bench:inspect`).
 *
 * @param threads of all together; 0: one per core
 * @returns undefined where side by side is not possible, or there is one thread only
 */
export async function openSideBySide(
  model: Uint8Array,
  { threads, cached }: SessionOptions,
  start = startThread,
): Promise<Session | undefined> {
  const all = threads > 0 ? threads : cores();
  const count = Math.min(most, all);
  if (count < 2) return undefined;
  const workers = Array.from({ length: count }, start);
  const lanes = workers.flatMap((worker) => (worker ? [laneOf(worker)] : []));
  if (lanes.length === 0) return undefined;
  const end = () => Promise.all(lanes.map(({ worker }) => worker.terminate()));
  const options = { executionProvider: 'cpu', threads: Math.floor(all / count), ...(cached && { cached }) };
  const open = ({ connection }: Lane) => connection.remote.open({ model, options }).catch(rethrown);
  try {
    // The first one may have to optimise the model; the others then find it.
    const [first, ...others] = lanes;
    const opened = await open(first!);
    await Promise.all(others.map(open));
    return {
      ...opened,
      atOnce: lanes.length,
      async run(feeds, outputs) {
        const lane = lanes.reduce((least, next) => (next.busy < least.busy ? next : least));
        lane.busy++;
        try {
          const given = { feeds: lane.copies.of(feeds), ...(outputs && { outputs }) };
          const answer = await lane.connection.remote.run(given).catch(rethrown);
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
  } catch (error) {
    await end();
    throw error;
  }
}

/** As if it had happened here. */
function rethrown(error: unknown): never {
  if (!(error instanceof RpcError)) throw error;
  throw error.forUser ? new UserError(error.message) : new Error(error.message, { cause: error });
}

function laneOf(worker: Worker): Lane {
  const connection = connect<SessionThread>(messagePort(worker, handedOver), {});
  const end = (reason: string): void => connection.dispose(reason);
  worker.on('error', (error) => end(`A thread that ran the detector broke (${error.message}). Try it again.`));
  worker.on('exit', () => end('A thread that ran the detector ended. Try it again.'));
  return { worker, connection, copies: new TensorCopies(), busy: 0 };
}
