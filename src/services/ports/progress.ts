import type { Progress } from '../../protocol/engine.ts';
import type { StopSignal } from './teacherPorts.ts';

/** Milliseconds of a clock that only moves forward. */
export type Clock = () => number;

/** What long work reports to and obeys. */
export interface Watch {
  readonly clock: Clock;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: StopSignal;
}

/** The work was stopped by its user; what it can resume is kept. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  constructor(message = 'Cancelled.') {
    super(message);
  }
}

/** Throws Cancelled where the user asked to stop. */
export function throwIfStopped({ signal }: Pick<Watch, 'signal'>): void {
  if (signal?.aborted) throw new Cancelled();
}

/** Reports one phase's progress with its rate and the time left, from the phase's own start. */
export function phase(watch: Watch, name: string, total: number, already = 0) {
  const start = watch.clock();
  return (done: number, loss?: number): void => {
    throwIfStopped(watch);
    const elapsedMs = watch.clock() - start;
    const fresh = done - already;
    const rate = fresh > 0 && elapsedMs > 0 ? (1000 * fresh) / elapsedMs : undefined;
    watch.onProgress?.({
      phase: name,
      done,
      total,
      ...(rate !== undefined && { rate, remainingMs: (1000 * (total - done)) / rate }),
      ...(loss !== undefined && { loss }),
    });
  };
}

/**
 * Calls `read` for each item, up to `depth` of them ahead of the consumer, and gives what it found
 * in the items' order: decoding overlaps with inference.
 */
export async function* ahead<In, Out>(
  items: Iterable<In> | AsyncIterable<In>,
  depth: number,
  read: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const waiting: Promise<{ readonly value: Out } | undefined>[] = [];
  const readNext = async (): Promise<{ readonly value: Out } | undefined> => {
    const next = await source.next();
    return next.done ? undefined : { value: await read(next.value) };
  };
  const start = (): void => {
    const promise = readNext();
    // Its failure is the consumer's, who awaits it later.
    promise.catch(() => undefined);
    waiting.push(promise);
  };
  try {
    while (waiting.length < depth) start();
    for (;;) {
      const found = await waiting.shift()!;
      if (!found) return;
      start();
      yield found.value;
    }
  } finally {
    // Nothing is still under way when the consumer goes on to free what `read` uses.
    await Promise.allSettled(waiting);
    await source.return?.();
  }
}

declare const setTimeout: (step: () => void, ms: number) => unknown;

/** Lets others of this process have their turn. */
export const breath = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));
