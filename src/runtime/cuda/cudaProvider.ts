import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseDriverFile, parseSmi, type CudaMachine } from '../../services/cuda/cudaMachine.ts';
import { cudaReason, knownReason, type CudaReason } from '../../services/cuda/cudaReasons.ts';
import { librariesReason } from '../../services/cuda/cudaRuntime.ts';
import { libraryFolders, loadLibraries } from './cudaLibraries.ts';
import { cudaPlace, providersFolder } from './cudaPlace.ts';
import { cudaLinkFailure } from './cudaLink.ts';
import { firstLine } from '../files/fileErrors.ts';

const driverFile = '/proc/driver/nvidia/version';
/** Any of them: a driver is loaded (the last is WSL's). */
const devices = [driverFile, '/dev/nvidiactl', '/dev/nvidia0', '/dev/dxg'];

/**
 * Windows looks for a bare name in the current folder first, which may be anyone's repository:
 * there it is named by its place.
 */
export const smiProgram = (platform: string, windows = 'C:\\Windows'): string =>
  platform === 'win32' ? path.win32.join(windows, 'System32', 'nvidia-smi.exe') : 'nvidia-smi';

/** What there is of NVIDIA's, asked of nvidia-smi and of the kernel. */
export async function findCudaMachine(): Promise<CudaMachine> {
  const target = `${process.platform}-${process.arch}`;
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits'];
  const program = smiProgram(process.platform, process.env.SystemRoot);
  const options = { timeout: 10_000, cwd: path.dirname(process.execPath) };
  const smi = await promisify(execFile)(program, query, options).then(
    ({ stdout }) => parseSmi(stdout),
    () => parseSmi(''),
  );
  const driver = smi.driver ?? parseDriverFile(await readFile(driverFile, 'utf8').catch(() => ''));
  return { target, gpus: smi.gpus, ...(driver && { driver }) };
}

/** Where CUDA's libraries are looked for, in order. */
export const cudaFolders = (providers: string): string[] => {
  const { libraryPath } = cudaPlace();
  return libraryFolders([...(libraryPath ? [libraryPath] : []), `${providers}/libraries`, providers]);
};

let problem: Promise<CudaReason | undefined> | undefined;

/**
 * Makes CUDA ready in this process, once: loads the libraries that its provider needs. Call it
 * before the first session on CUDA.
 * @param loadRuntime loads onnxruntime, which must be there, linked, before anything of CUDA is
 * @returns why that can't work, or undefined
 */
export const prepareCuda = (loadRuntime: () => unknown): Promise<CudaReason | undefined> =>
  (problem ??= prepare(loadRuntime));

async function prepare(loadRuntime: () => unknown): Promise<CudaReason | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return knownReason.unsupportedPlatform;
  if (!devices.some((file) => existsSync(file))) return knownReason.noGpu;
  const providers = providersFolder(cudaPlace());
  if (!providers) return knownReason.notInstalled;
  loadRuntime();
  const linkFailure = cudaLinkFailure();
  if (linkFailure) return cudaReason(linkFailure);
  // TensorFloat-32 rounds products to 10 bits: the maps would differ from the processor's by more
  // than we promise.
  process.env.NVIDIA_TF32_OVERRIDE ??= '0';
  try {
    const { failures } = await loadLibraries(providers, cudaFolders(providers));
    return failures.length > 0 ? librariesReason(failures) : undefined;
  } catch (error) {
    return cudaReason(firstLine(error));
  }
}
