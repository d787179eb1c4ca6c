import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cudaFolders, prepareCuda } from '../runtime/cuda/cudaProvider.ts';
import { loadLibraries } from '../runtime/cuda/cudaLibraries.ts';
import type { CudaAnswer } from '../runtime/cuda/cudaProcess.ts';
import { ort } from '../runtime/onnx/ort.ts';
import { enginePorts } from '../runtime/ports.ts';
import { compareProviders } from '../services/doctor/cudaProof.ts';
import { reasonLine } from '../services/cuda/cudaReasons.ts';
import { resolveTeacher } from '../services/teacher/teacherStore.ts';

// dist/cudaCheck.mjs as built, src/worker/cudaCheck.ts from source.
const here = fileURLToPath(import.meta.url);
const models = path.resolve(path.dirname(here), here.endsWith('.ts') ? '../../models' : '../models');

async function answer(question: string | undefined, providers: string): Promise<CudaAnswer> {
  if (question === 'libraries') return { libraries: await loadLibraries(providers, cudaFolders(providers)) };
  ort().env.logLevel = 'error';
  const problem = await prepareCuda(ort);
  if (problem) return { error: reasonLine(problem) };
  const ports = enginePorts({ executionProvider: 'cpu', threads: 0 });
  const teacher = await resolveTeacher('efficientnet-lite0', { shipped: models, user: models }, ports);
  return { proof: await compareProviders('cuda', teacher, ports, () => performance.now()) };
}

const found = await answer(process.argv[2], process.env.NFERD_CUDA_PROVIDERS ?? '').catch(
  (error: Error): CudaAnswer => ({ error: error.message }),
);
process.stdout.write(`${JSON.stringify(found)}\n`);
