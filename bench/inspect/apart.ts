import type { InspectPorts } from '../../src/services/ports/inspectPorts.ts';

/** Milliseconds. */
export interface Parts {
  /** Sessions side by side, each of which is timed. */
  atOnce: number;
  /** Hashing, decoding and resizing. */
  decode: number;
  /** Inside session.run. */
  session: number;
}

type Call<A extends unknown[], R> = (...given: A) => Promise<R>;

/**
 * Ports with a clock on each call.
 * @param inTurn no two calls at once: each then takes what it takes alone, and the rest of the
 * whole is what goes on between them
 */
export function clocked(ports: InspectPorts, inTurn: boolean): { readonly ports: InspectPorts; readonly spent: Parts } {
  const spent: Parts = { atOnce: 1, decode: 0, session: 0 };
  let last: Promise<unknown> = Promise.resolve();
  const on =
    <A extends unknown[], R>(part: 'decode' | 'session' | undefined, call: Call<A, R>): Call<A, R> =>
    (...given) => {
      const timed = async (): Promise<R> => {
        const start = performance.now();
        try {
          return await call(...given);
        } finally {
          if (part) spent[part] += performance.now() - start;
        }
      };
      if (!inTurn) return timed();
      const turn = last.then(timed);
      last = turn.catch(() => undefined);
      return turn;
    };
  return {
    spent,
    ports: {
      ...ports,
      images: { ...ports.images, readImage: on('decode', ports.images.readImage) },
      files: { ...ports.files, hash: on('decode', ports.files.hash) },
      disk: {
        ...ports.disk,
        encodeThumbnail: on(undefined, ports.disk.encodeThumbnail),
      },
      openSession: async (model, options) => {
        const session = await ports.openSession(model, {
          ...options,
          sideBySide: !inTurn && options.sideBySide === true,
        });
        spent.atOnce = session.atOnce;
        return { ...session, run: on('session', session.run) };
      },
    },
  };
}
