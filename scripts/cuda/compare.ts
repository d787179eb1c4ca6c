/**
 * Detection and training on CUDA beside the processor, on drawn images; run by check.sh. Prints JSON; exits with 1 where maps or losses differ
 * by more than 1e-3 (after training: the maps of two detectors trained apart may, and are only told).
 */
import path from 'node:path';
import { enginePorts } from '../../src/runtime/ports.ts';
import { defaultConfig } from '../../src/nferd/config.ts';
import { decodeModel } from '../../src/graph/model.ts';
import { featureModel } from '../../src/nferd/detectorModel.ts';
import { float32 } from '../../src/graph/tensor.ts';
import { compareProviders, compareTraining } from '../../src/services/cudaProof.ts';
import { resolveTeacher } from '../../src/services/teacherStore.ts';

const clock = () => performance.now();
const other = process.argv[2] ?? 'cuda';
const ports = enginePorts({ executionProvider: 'cpu', threads: 0 });
const models = path.resolve(import.meta.dirname, '../../models');
const teacher = await resolveTeacher('efficientnet-lite0', { shipped: models, user: models }, ports);

/** Images a second of the teacher's three views at 256 px, warm. */
async function imagesPerSecond(executionProvider: string, batch: number): Promise<number> {
  const model = featureModel({ spec: teacher.spec, model: decodeModel(teacher.model) }, defaultConfig);
  const session = await ports.openSession(model, { executionProvider, threads: 0 });
  const image = float32(new Float32Array(batch * 3 * 256 * 256).fill(127), [batch, 3, 256, 256]);
  for (let i = 0; i < 3; i++) await session.run({ image });
  const start = clock();
  let done = 0;
  while (clock() - start < 5000) {
    await session.run({ image });
    done += batch;
  }
  const rate = (1000 * done) / (clock() - start);
  await session.release();
  return rate;
}

const detection = await compareProviders(other, teacher, ports, clock);
const training = await compareTraining(other, teacher, ports, clock);
const rates: Record<string, Record<number, number>> = {};
for (const provider of ['cpu', other]) {
  rates[provider] = {};
  for (const batch of provider === 'cpu' ? [1, 8] : [1, 8, 32, 64])
    rates[provider][batch] = await imagesPerSecond(provider, batch);
}
process.stdout.write(`${JSON.stringify({ detection, training, imagesPerSecond: rates }, undefined, 2)}\n`);
if (!(detection.maxDifference <= 1e-3 && training.maxLossDifference <= 1e-3)) process.exitCode = 1;
