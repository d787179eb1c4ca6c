/**
 * Detection and training on CUDA, or another provider, beside the processor, on drawn images; run
 * by check.sh. Prints JSON; exits with 1 where maps or losses differ by more than 1e-3 (after
 * training: the maps of two detectors trained apart may, and are only told).
 *
 *   npx tsx scripts/cuda/compare.ts [PROVIDER [SIZE]]
 *
 * SIZE: pixels of the images that training sees, for a provider so slow that images/s are of no
 * interest, such as WebGPU without a GPU: VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json
 * npx tsx scripts/cuda/compare.ts webgpu 128
 */
import path from 'node:path';
import { enginePorts } from '../../src/runtime/ports.ts';
import { defaultConfig } from '../../src/nferd/config.ts';
import { featureModel } from '../../src/nferd/detectorModel.ts';
import { float32 } from '../../src/graph/tensor.ts';
import { teacherModelOf } from '../../src/services/train/precision.ts';
import { compareProviders, compareTraining } from '../../src/services/doctor/cudaProof.ts';
import { resolveTeacher } from '../../src/services/teacher/teacherStore.ts';

const clock = () => performance.now();
const other = process.argv[2] ?? 'cuda';
const slowSize = process.argv[3] === undefined ? undefined : Number(process.argv[3]);
const ports = enginePorts({ executionProvider: 'cpu', threads: 0 });
const models = path.resolve(import.meta.dirname, '../../models');
const teacher = await resolveTeacher('efficientnet-lite0', { shipped: models, user: models }, ports);

const features = featureModel(teacherModelOf(teacher, {}), defaultConfig);
const halfFeatures = featureModel(teacherModelOf(teacher, { precision: 'float16' }), defaultConfig);

/** Images a second of the teacher's three views at 256 px, warm. */
async function imagesPerSecond(model: Uint8Array, executionProvider: string, batch: number): Promise<number> {
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
const training = await compareTraining(other, teacher, ports, clock, slowSize);
const rates: Record<string, Record<number, number>> = {};
if (slowSize === undefined)
  for (const [name, model, provider, batches] of [
    ['cpu', features, 'cpu', [1, 8]],
    [other, features, other, [1, 8, 32, 64]],
    [`${other}, 16-bit floats`, halfFeatures, other, [1, 8, 32, 64]],
  ] as const) {
    rates[name] = {};
    for (const batch of batches)
      rates[name][batch] = await imagesPerSecond(model, provider, batch).catch((error: Error) => {
        console.error(`${name}, ${batch} at once: ${error.message}`);
        return 0;
      });
  }
process.stdout.write(`${JSON.stringify({ detection, training, imagesPerSecond: rates }, undefined, 2)}\n`);
if (!(detection.maxDifference <= 1e-3 && training.maxLossDifference <= 1e-3)) process.exitCode = 1;
