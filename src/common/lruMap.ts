export interface LruOptions<V> {
  /** How much of the limit a value takes; 1 where absent. */
  readonly sizeOf?: (value: V) => number;
  /** Told of a value that made room, for others or for a newer one of its key. */
  readonly onLeave?: (value: V) => void;
}

/** A map of limited size: the entry that was not used for the longest leaves first. */
export class LruMap<K, V> {
  readonly #limit: number;
  readonly #sizeOf: (value: V) => number;
  readonly #onLeave: (value: V) => void;
  /** The one used last is the last. */
  readonly #entries = new Map<K, V>();

  constructor(limit: number, { sizeOf = () => 1, onLeave = () => undefined }: LruOptions<V> = {}) {
    this.#limit = limit;
    this.#sizeOf = sizeOf;
    this.#onLeave = onLeave;
  }

  /** Asking for a value uses it. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    const before = this.#entries.get(key);
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (before !== undefined && before !== value) this.#onLeave(before);
    let size = 0;
    for (const each of this.#entries.values()) size += this.#sizeOf(each);
    for (const [oldest, old] of this.#entries) {
      if (size <= this.#limit) break;
      size -= this.#sizeOf(old);
      this.#entries.delete(oldest);
      this.#onLeave(old);
    }
  }

  /** Asking whether there is one doesn't use it. */
  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /** The one used last is the last. Asking for them doesn't use them. */
  values(): V[] {
    return [...this.#entries.values()];
  }

  /** All leave. */
  clear(): void {
    for (const value of this.#entries.values()) this.#onLeave(value);
    this.#entries.clear();
  }

  /** Of a value that is of no use; `onLeave` isn't told. */
  delete(key: K): boolean {
    return this.#entries.delete(key);
  }
}
