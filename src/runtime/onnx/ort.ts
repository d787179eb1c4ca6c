import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import type * as Ort from 'onnxruntime-node';
import { linkCuda } from '../cuda/cudaLink.ts';

const requireHere = createRequire(import.meta.url);
/**
 * onnxruntime's telemetry off: it queues events with the models' names in the user's cache folder,
 * and crashes on a long command line. The native library reads the process's real environment,
 * which only the main thread can change: it does so when this module is loaded, before any thread.
 */
const noTelemetry = 'ORT_DISABLE_TELEMETRY';
if (isMainThread) process.env[noTelemetry] = '1';

let loaded: typeof Ort | undefined;

/**
 * onnxruntime, loaded by the first call: by then it must be known where the CUDA provider is, for
 * it is found beside the library or not at all. Once per process.
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
