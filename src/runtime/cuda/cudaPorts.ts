import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { CudaPorts } from '../../services/cuda/cudaRuntime.ts';
import { UserError } from '../../services/ports/errors.ts';
import { Cancelled } from '../../services/ports/progress.ts';
import type { StopSignal } from '../../services/ports/teacherPorts.ts';
import { askCuda } from './cudaProcess.ts';
import { cudaPlace } from './cudaPlace.ts';
import { findCudaMachine } from './cudaProvider.ts';
import { locateCuda } from './cudaSource.ts';
import { createDownload } from '../net/download.ts';
import { files } from '../files/files.ts';
import { unzip } from '../net/unzip.ts';

/** @param check what askCuda runs: dist/cudaCheck.mjs, or src/worker/cudaCheck.ts from source */
export const cudaPorts = (check: string): CudaPorts => ({
  machine: findCudaMachine,
  locate: () => locateCuda(),
  download: createDownload(),
  sha512,
  unpack: unzip,
  async libraries(folder) {
    const answer = await askCuda(check, 'libraries', folder);
    if ('libraries' in answer) return answer.libraries;
    throw new Error('the check answered another question');
  },
  fetchLibraries,
  async prove(folder) {
    const answer = await askCuda(check, 'proof', folder);
    if ('proof' in answer) return answer.proof;
    throw new Error('the check answered another question');
  },
  writeFolder: files.writeFolder,
  writeText: files.write,
  exists: files.exists,
  remove: files.remove,
  folder: cudaPlace().folder,
  now: () => new Date().toISOString(),
});

async function sha512(file: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * Library → NVIDIA's package for pip; `-cu12` follows up to CUDA 12. Only cuDNN's has its CUDA in
 * its name from 13 on.
 */
const packages: Readonly<Record<string, string>> = {
  libcublas: 'nvidia-cublas',
  libcublasLt: 'nvidia-cublas',
  libcudart: 'nvidia-cuda-runtime',
  libcurand: 'nvidia-curand',
  libcufft: 'nvidia-cufft',
  libcudnn: 'nvidia-cudnn',
  libnvrtc: 'nvidia-cuda-nvrtc',
};
/** Version of each for a CUDA major version where it isn't CUDA's own. */
const versions: Readonly<Record<string, (cudaMajor: number) => string>> = {
  'nvidia-cudnn': () => '>=9,<10',
  'nvidia-curand': () => '>=10,<11',
  'nvidia-cufft': (major) => (major >= 13 ? '>=12,<13' : '>=11,<12'),
};

/**
 * What pip is asked for to get `libraries`. cuDNN compiles kernels at run time, so NVRTC comes with
 * it.
 */
export function pipRequirements(libraries: readonly string[], cudaMajor: number): string[] {
  const stems = libraries.map((library) => library.split('.')[0]!);
  const wanted = [...stems, ...(stems.includes('libcudnn') ? ['libnvrtc'] : [])].flatMap(
    (stem) => packages[stem] ?? [],
  );
  return [...new Set(wanted)].map((name) => {
    const named = cudaMajor <= 12 || name === 'nvidia-cudnn' ? `${name}-cu${cudaMajor}` : name;
    return named + (versions[name]?.(cudaMajor) ?? (cudaMajor >= 13 ? `>=${cudaMajor},<${cudaMajor + 1}` : ''));
  });
}

/**
 * By the user's own pip, with their index, proxy and cache. `NFERD_PYTHON` names another Python. It
 * runs in a fresh folder: Python imports from the current one first, which may be anyone's
 * repository with a `pip` of its own. Not isolated (`-I`): pip may be in the user's site-packages.
 * @throws UserError, Cancelled
 */
export async function fetchLibraries(
  libraries: readonly string[],
  cudaMajor: number,
  folder: string,
  signal?: StopSignal,
): Promise<void> {
  const named = process.env.NFERD_PYTHON || 'python3';
  const python = /[\\/]/.test(named) ? path.resolve(named) : named;
  const requirements = pipRequirements(libraries, cudaMajor);
  const options = ['--no-deps', '--only-binary=:all:', '--no-input', '--disable-pip-version-check', '--quiet'];
  const command = ['-m', 'pip', 'install', ...options, '--target', path.resolve(folder), ...requirements];
  const own = await mkdtemp(path.join(os.tmpdir(), 'nferd-pip-'));
  const aborter = new AbortController();
  const stop = (): void => aborter.abort();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    await promisify(execFile)(python, command, {
      maxBuffer: 2 ** 24,
      cwd: own,
      env: { ...process.env, PYTHONSAFEPATH: '1' },
      signal: aborter.signal,
    });
  } catch (error) {
    if (aborter.signal.aborted) throw new Cancelled();
    const { stderr, message } = error as Error & { readonly stderr?: string };
    const line = (stderr || message).trim().split('\n').at(-1);
    throw new UserError(
      `${requirements.join(', ')}: pip could not fetch them (${line}). Install CUDA ${cudaMajor} and ` +
        'cuDNN 9 yourself and point nferd.cuda.libraryPath at them.',
      { cause: error },
    );
  } finally {
    signal?.removeEventListener('abort', stop);
    await rm(own, { recursive: true, force: true });
  }
}
