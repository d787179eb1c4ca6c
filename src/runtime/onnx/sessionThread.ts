import { parentPort } from 'node:worker_threads';
import { connect } from '../../protocol/rpc.ts';
import type { Session, SessionOptions } from '../../services/ports/sessionPort.ts';
import { messagePort } from '../threads/messagePort.ts';
import { openOnProcessor } from './ownSession.ts';
import { handedOver, type Tensors } from './tensorMessages.ts';

/** A session in a thread: what Session has, by messages. */
export interface SessionThread {
  open(given: {
    readonly model: Uint8Array;
    readonly options: SessionOptions;
  }): Promise<Pick<Session, 'executionProvider' | 'outputNames'>>;
  /** @returns `feeds`: as given, for their memory */
  run(given: {
    readonly feeds: Tensors;
    readonly outputs?: readonly string[];
  }): Promise<{ readonly found: Tensors; readonly feeds: Tensors }>;
  release(): Promise<void>;
}

let session: Session | undefined;

connect<object, SessionThread>(messagePort(parentPort!, handedOver), {
  async open({ model, options }) {
    session = await openOnProcessor(model, options);
    const { executionProvider, outputNames } = session;
    return { executionProvider, outputNames };
  },
  run: async ({ feeds, outputs }) => ({ found: await session!.run(feeds, outputs), feeds }),
  release: () => session!.release(),
});
