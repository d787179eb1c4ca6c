import type { MessagePort, TransferListItem, Worker } from 'node:worker_threads';
import type { Port } from '../../protocol/rpc.ts';

/**
 * The channel between a thread and the one that started it.
 * @param given what a message hands over instead of a copy
 */
export const messagePort = (
  port: Pick<MessagePort | Worker, 'postMessage' | 'on' | 'off'>,
  given: (message: unknown) => TransferListItem[] = () => [],
): Port => ({
  post(message) {
    port.postMessage(message, given(message));
  },
  listen(onMessage) {
    port.on('message', onMessage);
    return () => void port.off('message', onMessage);
  },
});
