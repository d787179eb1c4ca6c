import { float32 } from '../graph/tensor.ts';
import { candidatesOf, select, type Bank, type Provenance } from '../nferd/bank.ts';
import { kCentreCoreset, type NearestDistances, type Rows } from '../nferd/coreset.ts';
import { distanceModel } from '../nferd/distanceModel.ts';
import { throwIfStopped } from './progress.ts';
import type { OpenSession, SessionOptions } from './sessionPort.ts';
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

/** Few enough that all their distances to some hundred centres stay in the processor's cache. */
const rowsAtOnce = 1024;

/** Whitens the candidates and takes their coreset. @throws Cancelled */
export async function chooseBank(
  { candidates: { features, provenance }, count }: BankJob,
  watch: ChoiceWatch,
  openSession: OpenSession,
  compute: SessionOptions,
): Promise<Bank> {
  const candidates = candidatesOf(features, provenance);
  const { channels, data } = candidates.features;
  const session = await openSession(distanceModel(channels), compute);
  const matrix = (values: Float32Array) => float32(values, [values.length / channels, channels]);
  const distances: NearestDistances = async (rows, centres) => {
    throwIfStopped(watch);
    const nearest = new Float32Array(rows.data.length / channels);
    const given = matrix(centres.data);
    for (let row = 0; row < nearest.length; row += rowsAtOnce) {
      const part = matrix(data.subarray(row * channels, (row + rowsAtOnce) * channels));
      nearest.set((await session.run({ rows: part, centres: given }))['nearest']!.data as Float32Array, row);
    }
    return nearest;
  };
  try {
    return select(
      candidates,
      await kCentreCoreset(candidates.features, { count, distances, onProgress: watch.onChosen }),
    );
  } finally {
    await session.release();
  }
}
