import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import path from 'node:path';
import type * as Ort from 'onnxruntime-node';
import { linkProviders } from './cudaLink.ts';
import { cudaPlace, providersFolder, runtime } from './cudaPlace.ts';
import { firstLine } from './fileErrors.ts';

const requireHere = createRequire(import.meta.url);
/**
 * onnxruntime's telemetry off: it queues events with the models' names in the user's cache folder,
 * and crashes on a long command line. The native library reads the process's real environment,
 * which only the main thread can change: it does so when this module is loaded, before any thread.
 */
const noTelemetry = 'ORT_DISABLE_TELEMETRY';
if (isMainThread) process.env[noTelemetry] = '1';

let loaded: typeof Ort | undefined;
let linkFailure: string | undefined;

/**
 * onnxruntime, loaded by the first call: by then it must be known where the CUDA provider is, for it is found beside the library
 * or not at all. Once per process.
 */
export function ort(): typeof Ort {
  if (loaded) return loaded;
  if (process.env[noTelemetry] !== '1') throw new Error(`${noTelemetry} is not set: load ort.ts before this thread.`);
  linkCuda();
  loaded = requireHere('onnxruntime-node') as typeof Ort;
  // What a provider says on stderr before it fails comes again, in one line, as the error.
  loaded.env.logLevel = 'fatal';
  return loaded;
}

/** Why the CUDA provider could not be put beside onnxruntime; undefined where it is there or none is installed. */
export const cudaLinkFailure = (): string | undefined => linkFailure;

function linkCuda(): void {
  if (process.platform !== 'linux') return;
  const place = cudaPlace();
  const { binaries } = runtime();
  const providers = providersFolder(place);
  if (!providers || providers === binaries) return;
  try {
    process.dlopen({ exports: {} }, linkProviders(path.join(place.folder, 'links'), binaries, providers));
  } catch (error) {
    linkFailure = firstLine(error);
  }
}
