import type { MessagePort, TransferListItem, Worker } from 'node:worker_threads';
import { connect, type Connection, type Port } from '../protocol/rpc.ts';

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
