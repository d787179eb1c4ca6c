/*
 * One typed RPC for the engine's process and for webviews. Each side may serve, call, or both; this
 * file alone may say `any`.
 */
/* eslint-disable @typescript-eslint/no-explicit-any */

/** Carries structured clones. `post` may throw, for instance where the other side is gone. */
export interface Port {
  post(message: unknown): void;
  /** @returns stops listening */
  listen(onMessage: (message: unknown) => void): () => void;
}

/** What AbortSignal has and this room needs. */
interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What a handler knows of its call. */
export interface Call {
  /** Aborted when the caller cancels or the connection ends. */
  readonly signal: StopSignal;
  progress(value: unknown): void;
}

export interface CallOptions {
  readonly signal?: StopSignal;
  readonly onProgress?: (value: any) => void;
  /**
   * A cancelled call settles when the other side has really ended it (what it had to save is then
   * saved), not at once.
   */
  readonly untilEnded?: boolean;
}

type Methods<C> = { [M in keyof C]: C[M] extends (...args: any[]) => Promise<any> ? C[M] : never };
type Argument<F> = F extends (argument: infer A) => any ? A : never;
type Result<F> = F extends (...args: any[]) => Promise<infer R> ? R : never;

/** A contract as it is served. */
export type Handlers<C> = {
  readonly [M in keyof Methods<C>]: (argument: Argument<C[M]>, call: Call) => Promise<Result<C[M]>> | Result<C[M]>;
};

/** A contract as it is called. Every call settles; it rejects with an RpcError. */
export type Remote<C> = {
  readonly [M in keyof Methods<C>]: C[M] extends () => Promise<infer R>
    ? (argument?: undefined, options?: CallOptions) => Promise<R>
    : (argument: Argument<C[M]>, options?: CallOptions) => Promise<Result<C[M]>>;
};

export type Ending = 'error' | 'cancelled' | 'disposed';

/** How a request ended without a result. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly ending: Ending;
  /** Whether the message is meant for the user as it is; otherwise it is a bug's. */
  readonly forUser: boolean;

  constructor(ending: Ending, message: string, forUser = ending !== 'error', cause?: unknown) {
    super(message, { cause });
    this.ending = ending;
    this.forUser = forUser;
  }
}

export interface Connection<C> {
  readonly remote: Remote<C>;
  /** Calls under way, of either side. */
  readonly active: number;
  /**
   * Ends every request of this side as `disposed` and aborts what it serves; later calls end the
   * same way.
   */
  dispose(reason?: string): void;
}

type Message =
  | { readonly rpc: 'call'; readonly id: number; readonly method: string; readonly argument: unknown }
  | { readonly rpc: 'cancel'; readonly id: number }
  | { readonly rpc: 'progress'; readonly id: number; readonly value: unknown }
  | { readonly rpc: 'ok'; readonly id: number; readonly value: unknown }
  | { readonly rpc: 'cancelled'; readonly id: number }
  | { readonly rpc: 'error'; readonly id: number; readonly message: string; readonly forUser: boolean };

interface Pending {
  settle(ending: { readonly value: unknown } | RpcError): void;
  progress(value: unknown): void;
}

declare const AbortController: new () => { readonly signal: StopSignal; abort(): void };

type MessageOf<K> = Extract<Message, { readonly rpc: K }>;

/**
 * Serves `handlers` over `port` and calls what the other side serves. `onIdle` is told when no call
 * is under way any more.
 */
export function connect<Theirs, Ours = Record<never, never>>(
  port: Port,
  handlers: Handlers<Ours>,
  onIdle?: () => void,
): Connection<Theirs> {
  const ends = new Ends(port, handlers, onIdle);
  return {
    remote: new Proxy({} as any, {
      get: (_, method) =>
        typeof method === 'string' && method !== 'then'
          ? (argument: unknown, options?: CallOptions) => ends.call(method, argument, options)
          : undefined,
    }),
    get active() {
      return ends.active;
    },
    dispose: (reason = 'The view was closed.') => ends.dispose(reason),
  };
}

/** Both ends of one side's calls: those it made and those it serves. */
class Ends {
  readonly #port: Port;
  readonly #handlers: object;
  readonly #onIdle: (() => void) | undefined;
  readonly #pending = new Map<number, Pending>();
  readonly #served = new Map<number, InstanceType<typeof AbortController>>();
  readonly #stop: () => void;
  #disposed: RpcError | undefined;
  // A reloaded page must not take the answers meant for the page before it.
  #lastId = Math.floor(Math.random() * 2 ** 40);

  constructor(port: Port, handlers: object, onIdle: (() => void) | undefined) {
    this.#port = port;
    this.#handlers = handlers;
    this.#onIdle = onIdle;
    this.#stop = port.listen((message) => {
      if (isMessage(message, this.#onMessage)) (this.#onMessage[message.rpc] as (message: Message) => void)(message);
    });
  }

  get active(): number {
    return this.#pending.size + this.#served.size;
  }

  call(
    method: string,
    argument: unknown,
    { signal, onProgress, untilEnded = false }: CallOptions = {},
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#disposed) return reject(this.#disposed);
      if (signal?.aborted) return reject(new RpcError('cancelled', 'Cancelled.'));
      const id = ++this.#lastId;
      const cancel = () => {
        const unheard = this.#tryPost({ rpc: 'cancel', id });
        if (!untilEnded || unheard) this.#settle(id, new RpcError('cancelled', 'Cancelled.'));
      };
      signal?.addEventListener('abort', cancel);
      this.#pending.set(id, {
        settle: (ending) => {
          this.#pending.delete(id);
          signal?.removeEventListener('abort', cancel);
          if (ending instanceof RpcError) reject(ending);
          else resolve(ending.value);
          this.#checkIdle();
        },
        progress: (value) => onProgress?.(value),
      });
      const failure = this.#tryPost({ rpc: 'call', id, method, argument });
      if (failure) this.#settle(id, new RpcError('error', `${method}: ${messageOf(failure)}`, false, failure));
    });
  }

  dispose(reason: string): void {
    if (this.#disposed) return;
    this.#disposed = new RpcError('disposed', reason);
    this.#stop();
    for (const request of [...this.#pending.values()]) request.settle(this.#disposed);
    for (const controller of this.#served.values()) controller.abort();
  }

  readonly #onMessage: { readonly [K in Message['rpc']]: (message: MessageOf<K>) => void } = {
    call: ({ id, method, argument }) => void this.#serve(id, method, argument),
    cancel: ({ id }) => this.#served.get(id)?.abort(),
    progress: ({ id, value }) => this.#pending.get(id)?.progress(value),
    ok: ({ id, value }) => this.#settle(id, { value }),
    cancelled: ({ id }) => this.#settle(id, new RpcError('cancelled', 'Cancelled.')),
    error: ({ id, message, forUser }) => this.#settle(id, new RpcError('error', message, forUser)),
  };

  async #serve(id: number, method: string, argument: unknown): Promise<void> {
    const controller = new AbortController();
    this.#served.set(id, controller);
    const progress = (value: unknown) => void (this.#served.has(id) && this.#tryPost({ rpc: 'progress', id, value }));
    let answer: Message;
    try {
      const handler = Object.hasOwn(this.#handlers, method) ? (this.#handlers as any)[method] : undefined;
      if (typeof handler !== 'function') throw new Error(`No such method: ${method}`);
      answer = { rpc: 'ok', id, value: await handler(argument, { signal: controller.signal, progress }) };
    } catch (error) {
      answer = controller.signal.aborted ? { rpc: 'cancelled', id } : errorAnswer(id, error);
    }
    this.#served.delete(id);
    if (this.#disposed) return;
    const failure = this.#tryPost(answer);
    if (failure) this.#tryPost(errorAnswer(id, failure));
    this.#checkIdle();
  }

  #settle(id: number, ending: { readonly value: unknown } | RpcError): void {
    this.#pending.get(id)?.settle(ending);
  }

  #checkIdle(): void {
    if (this.active === 0) this.#onIdle?.();
  }

  /** @returns why the message could not be sent */
  #tryPost(message: Message): unknown {
    try {
      this.#port.post(message);
      return undefined;
    } catch (error) {
      return error ?? new Error('the message could not be sent');
    }
  }
}

function isMessage(message: any, table: object): message is Message {
  return typeof message?.rpc === 'string' && Object.hasOwn(table, message.rpc) && typeof message.id === 'number';
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * A UserError's message and that of an RpcError for the user are shown as they are; anything else
 * is a bug.
 */
function errorAnswer(id: number, error: unknown): Message {
  const forUser = error instanceof RpcError ? error.forUser : error instanceof Error && error.name === 'UserError';
  return { rpc: 'error', id, message: messageOf(error), forUser };
}
