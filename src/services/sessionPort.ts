import type { Tensor } from '../graph/tensor.ts';

export interface SessionOptions {
  /** Names as in the setting `nferd.executionProvider`. */
  readonly executionProvider: string;
  /** Threads inside an operator; 0: one per core. */
  readonly threads: number;
  /** The optimised model is kept on disk: for models that are opened again and again. */
  readonly cached?: boolean;
}

/** A loaded model. */
export interface Session {
  readonly executionProvider: string;
  readonly outputNames: readonly string[];
  /** Runs the model; only `outputs` are computed and returned where given. */
  run(feeds: Readonly<Record<string, Tensor>>, outputs?: readonly string[]): Promise<Record<string, Tensor>>;
  /** Frees it. */
  release(): Promise<void>;
}

/** Loads a model. Rejects with a UserError where no execution provider asked for can run it. */
export type OpenSession = (model: Uint8Array, options: SessionOptions) => Promise<Session>;
