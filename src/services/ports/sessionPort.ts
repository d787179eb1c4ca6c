import type { Tensor } from '../../graph/tensor.ts';

export interface SessionOptions {
  /** Names as in the setting `nferd.executionProvider`. */
  readonly executionProvider: string;
  /** Threads inside an operator; 0: one per core. */
  readonly threads: number;
  /** The optimised model is kept on disk: for models that are opened again and again. */
  readonly cached?: boolean;
  /** Inputs of many sizes are to come: nothing is to be kept for each. */
  readonly anySize?: boolean;
  /** Many runs are to come: where that is faster, the session takes several at once. */
  readonly sideBySide?: boolean;
}

/** A loaded model. */
export interface Session {
  readonly executionProvider: string;
  readonly outputNames: readonly string[];
  /** How many runs are worth having under way. */
  readonly atOnce: number;
  /** Runs the model; only `outputs` are computed and returned where given. */
  run(feeds: Readonly<Record<string, Tensor>>, outputs?: readonly string[]): Promise<Record<string, Tensor>>;
  /** Frees it. */
  release(): Promise<void>;
}

/** Runs from which on opening the model several times is made up for. */
const manyRuns = 8;

/** Whether so many runs are to be had side by side. */
export const paysSideBySide = (runs: number): boolean => runs >= manyRuns;

/** Images to read before their results are taken, so that the session never waits for one. */
export const imagesAhead = ({ atOnce }: Session): number => atOnce + 2;

/** Loads a model. Rejects with a UserError where no execution provider asked for can run it. */
export type OpenSession = (model: Uint8Array, options: SessionOptions) => Promise<Session>;
