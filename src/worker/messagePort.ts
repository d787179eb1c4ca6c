import type { MessagePort, Worker } from 'node:worker_threads';
import type { Port } from '../protocol/rpc.ts';

/** The channel between a thread and the one that started it. */
export const messagePort = (port: Pick<MessagePort | Worker, 'postMessage' | 'on' | 'off'>): Port => ({
  post(message) {
    port.postMessage(message);
  },
  listen(onMessage) {
    port.on('message', onMessage);
    return () => void port.off('message', onMessage);
  },
});
