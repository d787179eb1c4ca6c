import { parentPort } from 'node:worker_threads';
import type { Bank } from '../nferd/bank.ts';
import { connect } from '../protocol/rpc.ts';
import { chooseBank, type BankJob } from '../services/chooseBank.ts';
import { messagePort } from './messagePort.ts';
import { openOnProcessor } from './session.ts';

/** Chooses banks in a thread; progress is the number of entries chosen. */
export interface BankThread {
  choose(given: { readonly job: BankJob; readonly threads: number }): Promise<Bank>;
}

connect<object, BankThread>(messagePort(parentPort!), {
  choose: ({ job, threads }, { signal, progress }) =>
    chooseBank(job, { signal, onChosen: progress }, openOnProcessor, { executionProvider: 'cpu', threads }),
});
