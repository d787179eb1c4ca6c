import type * as Ort from 'onnxruntime-node';
import type { DataType, Tensor } from '../../graph/tensor.ts';
import type { OpenSession, Session, SessionOptions } from '../../services/ports/sessionPort.ts';
import { inHalves } from './halvedRun.ts';
import { modelCache, openOptimised } from './optimisedModels.ts';
import { ort } from './ort.ts';
import { providerNames } from './providers.ts';

/**
 * Opens a session on the processor, all in this thread.
 * @throws Error saying what is wrong with the model
 */
export const openOnProcessor: OpenSession = async (model, options) => wrap(await create(model, 'cpu', options), 'cpu');

/** A model as onnxruntime loads it, in this thread. @throws Error saying what is wrong with it */
export async function create(
  model: Uint8Array,
  provider: string,
  { threads, cached, anySize }: SessionOptions,
): Promise<Ort.InferenceSession> {
  const open = (bytes: Uint8Array, { optimised, saveTo }: { readonly optimised?: true; readonly saveTo?: string }) =>
    ort().InferenceSession.create(bytes, {
      executionProviders: [providerNames[provider]!],
      graphOptimizationLevel: optimised ? 'disabled' : 'all',
      ...(saveTo && { optimizedModelFilePath: saveTo }),
      logSeverityLevel: 3,
      // Threads that spin while they wait take cores from decoding and from everyone else.
      extra: { session: { intra_op: { spin_duration_us: '50' } } },
      ...(threads > 0 && { intraOpNumThreads: threads }),
      ...(anySize && { enableMemPattern: false }),
    });
  const cache = cached ? modelCache() : undefined;
  return cache ? (await openOptimised(model, provider, cache, open)).session : open(model, {});
}

/** Takes and gives our tensors. */
export function wrap(session: Ort.InferenceSession, executionProvider: string): Session {
  const run: Session['run'] = async (feeds, outputs = session.outputNames) => {
    const given = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
    const results = await session.run(given, outputs);
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrt(value)]));
  };
  return {
    executionProvider,
    outputNames: session.outputNames,
    atOnce: 1,
    run: executionProvider === 'cpu' ? run : inHalves(run),
    release: () => session.release(),
  };
}

const toOrt = ({ dtype, data, dims }: Tensor): Ort.Tensor =>
  new (ort().Tensor)(dtype as 'float32', data as Float32Array, [...dims]);

const fromOrt = (value: Ort.Tensor): Tensor => ({
  dtype: value.type as DataType,
  dims: value.dims,
  data: value.data as Float32Array,
});
