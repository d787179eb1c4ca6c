import type { Bank, Provenance } from '../../nferd/bank.ts';
import type { Rows } from '../../nferd/coreset.ts';
import type { StopSignal } from './teacherPorts.ts';

/** A bank to be chosen. */
export interface BankJob {
  /** Standardised features of the candidates, and where each was seen. */
  readonly candidates: { readonly features: Rows; readonly provenance: Provenance };
  /** Most entries. */
  readonly count: number;
}

export interface ChoiceWatch {
  readonly signal?: StopSignal;
  /** Told how many entries are chosen so far. */
  readonly onChosen: (count: number) => void;
}

/** Threads that choose banks. */
export interface BankThreads {
  /** How many banks are worth having under way. */
  readonly atOnce: number;
  /** As `chooseBank`. The job's memory is handed over: it must not be used any more. */
  choose(job: BankJob, watch: ChoiceWatch): Promise<Bank>;
  release(): Promise<void>;
}
