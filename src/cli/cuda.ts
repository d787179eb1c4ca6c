import { describePlan, installCuda, planCuda, removeCuda, type CudaPorts } from '../services/cuda/cudaRuntime.ts';
import { exitCode, type Context } from './context.ts';

export interface CudaOptions {
  readonly installCuda?: boolean;
  readonly withCudaLibraries?: boolean;
  readonly removeCuda?: boolean;
}

/**
 * `doctor --install-cuda`: says what will be fetched, fetches and proves it.
 * @throws UserError with the reason; nothing is left then
 */
export async function install({ withCudaLibraries = false }: CudaOptions, ports: CudaPorts, context: Context) {
  const plan = await planCuda(ports);
  describePlan(plan).forEach((line) => context.say(line));
  const { target, maxDifference, cudaMs, cpuMs } = await installCuda(
    plan,
    { fetchMissing: withCudaLibraries },
    ports,
    context.watch,
  );
  context.print(`CUDA works: ${target}`);
  context.print(
    `One detection takes ${cudaMs.toFixed(1)} ms on CUDA, ${cpuMs.toFixed(1)} ms on the processor; ` +
      `the maps differ by at most ${maxDifference.toExponential(1)}.`,
  );
  return exitCode.normal;
}

/** `doctor --remove-cuda` */
export async function remove(ports: CudaPorts, context: Context) {
  const removed = await removeCuda(ports);
  context.print(removed ? `Removed ${ports.folder}.` : `There was nothing to remove in ${ports.folder}.`);
  return exitCode.normal;
}
