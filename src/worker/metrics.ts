import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { connect, type Connection } from '../protocol/rpc.ts';
import { messagePort } from '../runtime/threads/messagePort.ts';
import type { Measuring } from './metricsThread.ts';

/** As built: Node runs no TypeScript. */
const entry = path.join(path.dirname(fileURLToPath(import.meta.url)), 'metricsThread.mjs');

/**
 * Metrics in a thread of their own, which starts when they are first asked for: they sort the
 * pixels of hundreds of images, and labels must not wait for that. A thread that broke is started
 * anew by the next request.
 * @param open starts metricsThread.ts
 */
export function metricsThread(open = () => new Worker(entry)): Measuring {
  let thread: { readonly worker: Worker; readonly connection: Connection<Measuring> } | undefined;
  let asked = 0;

  function start(): NonNullable<typeof thread> {
    const worker = open();
    const started = { worker, connection: connect<Measuring, object>(messagePort(worker), {}) };
    const end = (reason: string): void => {
      if (thread === started) thread = undefined;
      started.connection.dispose(reason);
    };
    worker.on('error', (error) => end(`The metrics were not computed: ${error.message}`));
    worker.on('exit', () => end('The metrics were not computed.'));
    return started;
  }

  return {
    async measure(request) {
      const { worker, connection } = (thread ??= start());
      // It keeps the process alive while somebody waits for it, and no longer.
      asked++;
      worker.ref();
      try {
        return await connection.remote.measure(request);
      } finally {
        if (--asked === 0) worker.unref();
      }
    },
  };
}
