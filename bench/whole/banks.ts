import { createRng } from '../../src/dataset/rng.ts';
import { decodeModel } from '../../src/graph/model.ts';
import { float32 } from '../../src/graph/tensor.ts';
import { candidatesOf, type Bank } from '../../src/nferd/bank.ts';
import { defaultConfig, type DetectorConfig } from '../../src/nferd/config.ts';
import { detectorModel, type TrainedView } from '../../src/nferd/detectorModel.ts';
import { teacherStrides, type Triple } from '../../src/nferd/teacher/spec.ts';
import type { Teacher } from '../../src/services/teacher/teacherStore.ts';
import { median } from '../report.ts';
import { ports } from '../inspect/subject.ts';

/** Most rows that whitening is worked out from. */
const whitened = 4096;

/** A bank of noise: searching it takes as long as one of features. */
function noiseBank(entries: number, channels: number): Bank {
  const rng = createRng(entries);
  const noise = (rows: number): Float32Array =>
    Float32Array.from({ length: rows * channels }, () => rng.uniform() - 0.5);
  const nowhere = (rows: number) => ({
    image: new Uint32Array(rows),
    row: new Uint16Array(rows),
    column: new Uint16Array(rows),
  });
  const few = Math.min(entries, whitened);
  const { whitening } = candidatesOf({ data: noise(few), channels }, nowhere(few));
  return { features: { data: noise(entries), channels }, provenance: nowhere(entries), whitening };
}

/**
 * Milliseconds of the session for one image with score and anomaly map alone, median of `rounds`.
 * @param entries of each weighted stage's bank, in each view
 */
export async function sessionMs(teacher: Teacher, inputSize: number, entries: number, rounds: number): Promise<number> {
  const config: DetectorConfig = {
    ...defaultConfig,
    inputSize,
    bank: { ...defaultConfig.bank, entries: [8, entries, entries] },
  };
  const channels = teacher.spec.outputs.map((output) => output.channels);
  const view: TrainedView = {
    statistics: channels.map((count) => ({
      mean: new Float32Array(count),
      deviation: new Float32Array(count).fill(1),
    })) as unknown as TrainedView['statistics'],
    banks: teacherStrides.map((_, stage) =>
      noiseBank(config.bank.entries[stage]!, channels[stage]!),
    ) as unknown as Triple<Bank>,
  };
  const model = detectorModel(
    { spec: teacher.spec, model: decodeModel(teacher.model) },
    config,
    config.views.map(() => view),
  );
  const session = await ports.openSession(model, ports.compute);
  const image = float32(new Float32Array(3 * inputSize * inputSize).fill(100), [1, 3, inputSize, inputSize]);
  const ms: number[] = [];
  for (let round = -2; round < rounds; round++) {
    const start = performance.now();
    await session.run({ image }, ['score', 'anomaly_map']);
    if (round >= 0) ms.push(performance.now() - start);
  }
  await session.release();
  return median(ms);
}
