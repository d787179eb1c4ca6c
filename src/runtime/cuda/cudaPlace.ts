import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { dataDir } from '../files/dataDir.ts';

const requireHere = createRequire(import.meta.url);

/** Where CUDA's libraries are kept and looked for; never in the folder of the product. */
export interface CudaPlace {
  /**
   * Ours: the extension's global storage, or the user's data folder. Holds `VERSION/` and `links/`.
   */
  readonly folder: string;
  /** The user's (`nferd.cuda.libraryPath`), which goes first. */
  readonly libraryPath?: string;
  /** Goes before all: an install that is being proved. */
  readonly providers?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `NFERD_CUDA_FOLDER` and `NFERD_CUDA_LIBRARY_PATH`, which the extension sets for its engine, and
 * `NFERD_CUDA_PROVIDERS`.
 */
export function cudaPlace(env: Environment = process.env): CudaPlace {
  const own = dataDir({ platform: process.platform, home: os.homedir(), env });
  return {
    folder: env.NFERD_CUDA_FOLDER || path.join(own, 'cuda'),
    ...(env.NFERD_CUDA_LIBRARY_PATH && { libraryPath: env.NFERD_CUDA_LIBRARY_PATH }),
    ...(env.NFERD_CUDA_PROVIDERS && { providers: env.NFERD_CUDA_PROVIDERS }),
  };
}

/** The onnxruntime-node in use. */
export interface Runtime {
  /** Its package. */
  readonly folder: string;
  /** Where its binding and libonnxruntime are. */
  readonly binaries: string;
  readonly version: string;
}

let found: Runtime | undefined;

export function runtime(): Runtime {
  if (found) return found;
  const manifest = requireHere.resolve('onnxruntime-node/package.json');
  const { version, binary } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    version: string;
    binary: { napi_versions: readonly number[] };
  };
  const folder = path.dirname(manifest);
  const napi = `napi-v${binary.napi_versions[0]}`;
  return (found = { folder, version, binaries: path.join(folder, 'bin', napi, process.platform, process.arch) });
}

export const providerFiles = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const;

const holdsProviders = (folder: string): boolean => providerFiles.every((name) => existsSync(path.join(folder, name)));

/** Where an install for this onnxruntime goes. */
const installFolder = ({ folder }: CudaPlace, version: string): string => path.join(folder, version);

/** The folder with onnxruntime's CUDA provider: the user's, else the installed one. */
export function providersFolder(place: CudaPlace, { version, binaries } = runtime()): string | undefined {
  const folders = [place.providers, place.libraryPath, installFolder(place, version), binaries];
  return folders.find((folder) => folder !== undefined && holdsProviders(folder));
}
