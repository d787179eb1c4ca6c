import { parentPort } from 'node:worker_threads';
import type { Bank } from '../../nferd/bank.ts';
import { connect } from '../../protocol/rpc.ts';
import type { BankJob } from '../../services/ports/bankPorts.ts';
import { chooseBank } from '../../services/train/chooseBank.ts';
import { messagePort } from '../threads/messagePort.ts';
import { openOnProcessor } from '../onnx/ownSession.ts';

/** Chooses banks in a thread; progress is the number of entries chosen. */
export interface BankThread {
  choose(given: { readonly job: BankJob; readonly threads: number }): Promise<Bank>;
}

connect<object, BankThread>(messagePort(parentPort!), {
  choose: ({ job, threads }, { signal, progress }) =>
    chooseBank(job, { signal, onChosen: progress }, openOnProcessor, { executionProvider: 'cpu', threads }),
});
