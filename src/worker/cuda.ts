import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../protocol/engine.ts';
import type { Handlers } from '../protocol/rpc.ts';
import { cudaPorts } from '../runtime/cuda/cudaPorts.ts';
import { describePlan, installCuda, planCuda, removeCuda } from '../services/cuda/cudaRuntime.ts';

// dist/cudaCheck.mjs as built, src/worker/cudaCheck.ts from source.
const here = fileURLToPath(import.meta.url);
const check = path.join(path.dirname(here), here.endsWith('.ts') ? 'cudaCheck.ts' : 'cudaCheck.mjs');
const ports = cudaPorts(check);

export const cudaHandlers: Pick<Handlers<Engine>, 'planCuda' | 'installCuda' | 'removeCuda'> = {
  planCuda: async () => describePlan(await planCuda(ports)),
  async installCuda({ libraries }, { signal, progress }) {
    const watch = { clock: () => performance.now(), signal, onProgress: progress };
    const { cudaMs, cpuMs, maxDifference } = await installCuda(
      await planCuda(ports),
      { fetchMissing: libraries },
      ports,
      watch,
    );
    return { cudaMs, cpuMs, maxDifference };
  },
  removeCuda: () => removeCuda(ports),
};
