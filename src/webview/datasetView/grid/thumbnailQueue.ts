/**
 * Fetches what is in view, nothing else: batches of the places wanted last, one batch at a time.
 */
export interface ThumbnailQueue {
  /**
   * Rows in view, the most wanted first; those of earlier calls are not fetched any more unless
   * they are among them.
   */
  want(rows: readonly number[]): void;
  /** Forgets what was fetched and asks again. */
  clear(): void;
  readonly pending: number;
}

export interface QueuePorts<T> {
  readonly fetch: (rows: readonly number[]) => Promise<readonly (T & { readonly row: number })[]>;
  readonly onLoaded: (row: number, loaded: T) => void;
  readonly isLoaded: (row: number) => boolean;
  /** Fetched, but asked for before `clear`. */
  readonly onStale?: (loaded: T) => void;
  readonly batch: number;
}

/** A row whose batch failed is asked for again only when it comes into view anew. */
export function thumbnailQueue<T>({ fetch, onLoaded, isLoaded, onStale, batch }: QueuePorts<T>): ThumbnailQueue {
  let wanted: readonly number[] = [];
  let failed = new Set<number>();
  let running = false;
  let generation = 0;
  const missing = () => wanted.filter((row) => !isLoaded(row) && !failed.has(row));

  async function run(): Promise<void> {
    if (running) return;
    running = true;
    try {
      for (let rows = missing(); rows.length > 0; rows = missing()) {
        const asked = rows.slice(0, batch);
        const born = generation;
        const found = await fetch(asked).catch(() => []);
        if (born !== generation) {
          found.forEach((each) => onStale?.(each));
          continue;
        }
        for (const each of found) onLoaded(each.row, each);
        for (const row of asked) if (!isLoaded(row)) failed.add(row);
      }
    } finally {
      running = false;
    }
  }

  return {
    want(rows) {
      const now = new Set(rows);
      failed = new Set([...failed].filter((row) => now.has(row)));
      wanted = rows;
      void run();
    },
    clear() {
      generation++;
      failed.clear();
      void run();
    },
    get pending() {
      return missing().length;
    },
  };
}
