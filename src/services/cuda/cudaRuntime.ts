import { isOlder, oldestDriver, type CudaMachine } from './cudaMachine.ts';
import { cudaReason, knownReason, reasonLine, type CudaReason } from './cudaReasons.ts';
import { UserError } from '../ports/errors.ts';
import { throwIfStopped, type Watch } from '../ports/progress.ts';
import type { DownloadPort, StopSignal, WantedFile } from '../ports/teacherPorts.ts';

/** The package that has the provider of the bundled onnxruntime. */
export interface CudaPackage {
  /** onnxruntime's version. */
  readonly version: string;
  /** Absent where the source names none. */
  readonly cudaMajor?: number;
  /** An address, or the path of a file on this machine. */
  readonly source: string;
  readonly files: readonly WantedFile[];
  readonly bytes?: number;
  /** SHA-512 as 128 lower-case hex digits, as the source states it. */
  readonly sha512?: string;
}

export interface CudaLibraries {
  /** CUDA's and cuDNN's file names that the provider needs. */
  readonly needed: readonly string[];
  /** Those that could not be loaded and what the loader said. */
  readonly failures: readonly { readonly library: string; readonly message: string }[];
  readonly cudaMajor?: number;
}

/** One detection on CUDA beside the same on the processor. */
export interface CudaProof {
  /** Largest absolute difference of the anomaly maps, whose usual normal peak is 1. */
  readonly maxDifference: number;
  readonly cudaMs: number;
  readonly cpuMs: number;
}

/** What installing needs from the outside. */
export interface CudaPorts {
  readonly machine: () => Promise<CudaMachine>;
  /** Finds the package. @throws UserError */
  readonly locate: () => Promise<CudaPackage>;
  readonly download: DownloadPort;
  /** SHA-512 of a file, 128 lower-case hex digits. */
  readonly sha512: (file: string) => Promise<string>;
  /** Takes the files out of the package and checks each one's checksum. @throws UserError */
  readonly unpack: (archive: string, files: readonly WantedFile[], folder: string) => Promise<void>;
  /**
   * What a provider in a folder needs and whether this machine has it; looked at in a process of
   * its own.
   */
  readonly libraries: (folder: string) => Promise<CudaLibraries>;
  /** Fetches libraries by the user's pip into a folder. @throws UserError, Cancelled */
  readonly fetchLibraries: (
    libraries: readonly string[],
    cudaMajor: number,
    folder: string,
    signal?: StopSignal,
  ) => Promise<void>;
  /** In a process of its own. Rejects with what went wrong. */
  readonly prove: (folder: string) => Promise<CudaProof>;
  /** A folder that appears whole or not at all; an older one stays where `fill` fails. */
  readonly writeFolder: (folder: string, fill: (temporary: string) => Promise<void>) => Promise<void>;
  readonly writeText: (file: string, text: string) => Promise<void>;
  readonly exists: (path: string) => Promise<boolean>;
  readonly remove: (path: string) => Promise<void>;
  /** `cuda` below the extension's global storage or the user's data folder. */
  readonly folder: string;
  readonly now: () => string;
}

export interface CudaPlan {
  readonly machine: CudaMachine;
  readonly package: CudaPackage;
  /** The folder that will hold it. */
  readonly target: string;
}

const largestDifference = 1e-3;

/**
 * Looks at the machine and the source; changes nothing.
 * @throws UserError with the reason where CUDA can't work here
 */
export async function planCuda(ports: CudaPorts): Promise<CudaPlan> {
  const machine = await ports.machine();
  const refusal = machineReason(machine);
  if (refusal) throw cantInstall(refusal);
  const found = await ports.locate();
  const tooOld = driverReason(machine, found.cudaMajor);
  if (tooOld) throw cantInstall(tooOld);
  return { machine, package: found, target: `${ports.folder}/${found.version}` };
}

/** Why no CUDA can work on the machine, whatever is installed. */
function machineReason({ target, gpus, driver }: CudaMachine): CudaReason | undefined {
  if (target !== 'linux-x64') return knownReason.unsupportedPlatform;
  return gpus.length === 0 && driver === undefined ? knownReason.noGpu : undefined;
}

/** Why a CUDA major version can't run on the machine's driver. */
function driverReason({ target, driver }: CudaMachine, cudaMajor: number | undefined): CudaReason | undefined {
  const oldest = cudaMajor === undefined ? undefined : oldestDriver(cudaMajor, target.split('-')[0]!);
  if (!driver || !oldest || !isOlder(driver, oldest)) return undefined;
  return {
    kind: 'driverTooOld',
    text: `NVIDIA's driver ${driver} is too old: CUDA ${cudaMajor} needs ${oldest} or newer`,
    remedy: 'Update the driver of the GPU and restart the machine.',
  };
}

/** The plan in lines, for people. */
export function describePlan({ machine, package: found, target }: CudaPlan): string[] {
  const gpus = machine.gpus.map(({ name, memoryMiB }) => `${name} (${memoryMiB} MiB)`).join(', ') || 'not named';
  return [
    `GPU: ${gpus}; driver ${machine.driver ?? 'unknown'}`,
    `fetch: onnxruntime ${found.version}${found.cudaMajor ? ` for CUDA ${found.cudaMajor}` : ''} from ${found.source}`,
    `size: ${found.bytes === undefined ? 'not told by the source' : `${(found.bytes / 2 ** 20).toFixed(0)} MiB`}`,
    `checksum: ${found.sha512 ? 'SHA-512, stated by the source' : 'CRC-32 of each file'}`,
    `into: ${target}`,
  ];
}

export interface CudaInstalled extends CudaProof {
  readonly target: string;
}

/**
 * Fetches the provider, proves it with one detection and puts it in place; where anything fails,
 * nothing is left but what an interrupted download can resume.
 * @param fetchMissing fetch CUDA's and cuDNN's libraries as well, where this machine lacks them
 * @throws UserError with the reason
 */
export async function installCuda(
  plan: CudaPlan,
  { fetchMissing }: { readonly fetchMissing: boolean },
  ports: CudaPorts,
  watch: Watch,
): Promise<CudaInstalled> {
  const { package: found, target } = plan;
  const archive = await fetchPackage(found, ports, watch);
  let proof: CudaProof | undefined;
  try {
    await ports.writeFolder(target, async (folder) => {
      throwIfStopped(watch);
      step(watch, 'Unpacking');
      await ports.unpack(archive.file, found.files, folder);
      throwIfStopped(watch);
      step(watch, 'Looking for the CUDA libraries');
      await completeLibraries(folder, plan, fetchMissing, ports, watch);
      throwIfStopped(watch);
      step(watch, 'Proving it with one detection');
      proof = await prove(folder, ports);
      const record = { version: found.version, source: found.source, installedAt: ports.now(), proof };
      await ports.writeText(`${folder}/cuda.json`, `${JSON.stringify(record, undefined, 2)}\n`);
    });
  } finally {
    if (archive.ours) await ports.remove(archive.file);
  }
  return { ...proof!, target };
}

async function fetchPackage(found: CudaPackage, ports: CudaPorts, watch: Watch) {
  if (!/^https?:/.test(found.source)) return { file: found.source, ours: false };
  const file = `${ports.folder}/onnxruntime-cuda-${found.version}.zip`;
  await ports.download({
    url: found.source,
    target: file,
    ...(watch.signal && { signal: watch.signal }),
    onProgress: ({ receivedBytes, totalBytes = found.bytes ?? 0, bytesPerSecond, secondsLeft }) =>
      watch.onProgress?.({
        phase: 'Fetching the CUDA provider (MB)',
        done: Math.round(receivedBytes / 1e6),
        total: Math.round(totalBytes / 1e6),
        rate: bytesPerSecond / 1e6,
        ...(secondsLeft !== undefined && { remainingMs: 1000 * secondsLeft }),
      }),
  });
  const sha512 = found.sha512 && (await ports.sha512(file));
  if (sha512 !== found.sha512) {
    await ports.remove(file);
    throw new UserError(
      `${found.source}: its sha512 is ${sha512}, expected ${found.sha512}. It was deleted. Try again.`,
    );
  }
  return { file, ours: true };
}

/** @throws UserError naming each library that is missing or broken */
async function completeLibraries(
  folder: string,
  { machine }: CudaPlan,
  fetchMissing: boolean,
  ports: CudaPorts,
  watch: Watch,
): Promise<void> {
  const { failures: lacking, cudaMajor } = await ports.libraries(folder);
  const tooOld = driverReason(machine, cudaMajor);
  if (tooOld) throw cantInstall(tooOld);
  let failures = lacking;
  const fetchable = lacking.map(({ library }) => library).filter((name) => !name.startsWith('libcuda.so'));
  if (fetchMissing && cudaMajor !== undefined && fetchable.length > 0) {
    step(watch, `Fetching ${fetchable.length} CUDA libraries by pip`);
    await ports.fetchLibraries(fetchable, cudaMajor, `${folder}/libraries`, watch.signal);
    throwIfStopped(watch);
    ({ failures } = await ports.libraries(folder));
  }
  if (failures.length > 0) throw cantInstall(librariesReason(failures));
}

/** One reason for all libraries that could not be loaded. */
export function librariesReason(failures: CudaLibraries['failures']): CudaReason {
  const reasons = failures.map(({ message }) => cudaReason(message));
  const first = reasons[0]!;
  const others = failures.slice(1).map(({ library }) => library);
  return others.length === 0 || first.kind === 'driverMissing'
    ? first
    : { ...first, text: `${first.text}; also missing or broken: ${others.join(', ')}` };
}

async function prove(folder: string, ports: CudaPorts): Promise<CudaProof> {
  let proof: CudaProof;
  try {
    proof = await ports.prove(folder);
  } catch (error) {
    throw cantInstall(cudaReason((error as Error).message));
  }
  if (!(proof.maxDifference <= largestDifference))
    throw new UserError(
      `CUDA was not installed: its anomaly map differs from the processor's by ${proof.maxDifference} ` +
        `(at most ${largestDifference} is right). Update NVIDIA's driver and try again.`,
    );
  return proof;
}

/**
 * Removes what was installed, interrupted downloads included.
 * @returns whether there was anything
 */
export async function removeCuda(ports: Pick<CudaPorts, 'exists' | 'remove' | 'folder'>): Promise<boolean> {
  const there = await ports.exists(ports.folder);
  if (there) await ports.remove(ports.folder);
  return there;
}

const step = (watch: Watch, name: string): void => watch.onProgress?.({ phase: name, done: 0, total: 1 });

const cantInstall = (reason: CudaReason): UserError => new UserError(`CUDA was not installed: ${reasonLine(reason)}`);
