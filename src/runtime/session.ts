import type * as Ort from 'onnxruntime-node';
import type { DataType, Tensor } from '../graph/tensor.ts';
import { tryProviders } from '../services/doctor.ts';
import { UserError } from '../services/errors.ts';
import type { OpenSession, Session, SessionOptions } from '../services/sessionPort.ts';
import { inHalves } from './halvedRun.ts';
import { modelCache, openOptimised } from './optimisedModels.ts';
import { ort } from './ort.ts';
import { brokenProviders, candidates, giveUp, prepareProvider, providerFailure, providerNames } from './providers.ts';
import { openSideBySide } from './sessionThreads.ts';
import type { StartThread } from './threads.ts';

export { brokenProviders, bundledProviders, candidates } from './providers.ts';

/** Opens a session with the first provider that works. @param start starts a thread for runs side by side */
export async function openSession(model: Uint8Array, options: SessionOptions, start?: StartThread): Promise<Session> {
  const automatically = options.executionProvider === 'auto';
  const failures: string[] = [];
  for (const provider of candidates(options.executionProvider)) {
    if (automatically && brokenProviders.has(provider)) continue;
    const problem = await prepareProvider(provider);
    if (problem) {
      failures.push(`${provider}: ${problem.why}`);
      giveUp(provider, problem.why, automatically && problem.expected);
      continue;
    }
    try {
      if (automatically && provider !== 'cpu') await tryFirst(provider);
      const several =
        provider === 'cpu' && options.sideBySide ? await openSideBySide(model, options, start) : undefined;
      const session = several ?? wrap(await create(model, provider, options), provider);
      return automatically && provider !== 'cpu' ? withFallback(session, model, options) : session;
    } catch (error) {
      const why = providerFailure(provider, (error as Error).message);
      failures.push(`${provider}: ${why}`);
      // Whoever asks for a provider by name hears why; `auto` tries it for itself.
      if (automatically && provider !== 'cpu') giveUp(provider, why, true);
    }
  }
  throw new UserError(
    `The model could not be loaded (${failures.join('; ')}). Set nferd.executionProvider to "cpu", or run the doctor.`,
  );
}

/** Opens a session on the processor, all in this thread. @throws Error saying what is wrong with the model */
export const openOnProcessor: OpenSession = async (model, options) => wrap(await create(model, 'cpu', options), 'cpu');

const tried = new Set<string>();

/** `auto` trusts a provider only after it computed a small model rightly. @throws Error saying what it did instead */
async function tryFirst(provider: string): Promise<void> {
  if (tried.has(provider)) return;
  const open: OpenSession = async (model, options) => wrap(await create(model, provider, options), provider);
  const [trial] = await tryProviders([provider], open);
  if (!trial?.works) throw new Error(trial?.why ?? 'it does not answer');
  tried.add(provider);
}

/** A session that goes on with the processor where its provider fails for good: smaller batches were tried by then. */
function withFallback(session: Session, model: Uint8Array, options: SessionOptions): Session {
  let other: Session | undefined;
  let opening: Promise<Session> | undefined;
  return {
    get executionProvider() {
      return (other ?? session).executionProvider;
    },
    outputNames: session.outputNames,
    atOnce: session.atOnce,
    async run(feeds, outputs) {
      if (other) return other.run(feeds, outputs);
      try {
        return await session.run(feeds, outputs);
      } catch (error) {
        const processor = await (opening ??= openOnProcessor(model, options));
        // What fails here as well is not the provider's fault.
        const found = await processor.run(feeds, outputs);
        if (!other) {
          giveUp(session.executionProvider, providerFailure(session.executionProvider, (error as Error).message), true);
          other = processor;
        }
        return found;
      }
    },
    async release() {
      const processor = await opening?.catch(() => undefined);
      await Promise.all([session.release(), processor?.release()]);
    },
  };
}

async function create(
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

function wrap(session: Ort.InferenceSession, executionProvider: string): Session {
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
