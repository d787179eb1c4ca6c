import { tryProviders } from '../../services/provider/tryProviders.ts';
import { UserError } from '../../services/ports/errors.ts';
import type { OpenSession, Session, SessionOptions } from '../../services/ports/sessionPort.ts';
import { brokenProviders, candidates, giveUp, prepareProvider, providerFailure } from './providers.ts';
import { create, openOnProcessor, wrap } from './ownSession.ts';
import { openSideBySide } from './sessionThreads.ts';
import type { StartThread } from '../threads/threads.ts';

/**
 * Opens a session with the first provider that works.
 * @param start starts a thread for runs side by side
 */
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

const tried = new Set<string>();

/**
 * `auto` trusts a provider only after it computed a small model rightly.
 * @throws Error saying what it did instead
 */
async function tryFirst(provider: string): Promise<void> {
  if (tried.has(provider)) return;
  const open: OpenSession = async (model, options) => wrap(await create(model, provider, options), provider);
  const [trial] = await tryProviders([provider], open);
  if (!trial?.works) throw new Error(trial?.why ?? 'it does not answer');
  tried.add(provider);
}

/**
 * A session that goes on with the processor where its provider fails for good: smaller batches were
 * tried by then.
 */
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
