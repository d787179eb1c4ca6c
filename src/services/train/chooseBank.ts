import type { BankJob, ChoiceWatch } from '../ports/bankPorts.ts';
import { float32 } from '../../graph/tensor.ts';
import { candidatesOf, select, type Bank } from '../../nferd/bank.ts';
import { kCentreCoreset, type NearestDistances } from '../../nferd/coreset.ts';
import { distanceModel } from '../../nferd/distanceModel.ts';
import { throwIfStopped } from '../ports/progress.ts';
import type { OpenSession, SessionOptions } from '../ports/sessionPort.ts';

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
