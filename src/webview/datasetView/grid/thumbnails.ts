import type { ViewerSettings } from '../../../protocol/anomalyView.ts';
import { LruMap } from '../../../common/lruMap.ts';
import { mapSide, type Thumbnail } from '../../../protocol/inspection.ts';
import { colorTable, opacityAt } from '../../model/colorMap.ts';
import { thumbnailQueue, type ThumbnailQueue } from './thumbnailQueue.ts';

export interface LoadedThumbnail {
  /** Absent where the image could not be read. */
  readonly picture?: ImageBitmap;
  /** Colours of the anomaly map, fading towards its low end. */
  readonly map?: ImageBitmap;
}

const kept = 600;
const batch = 16;

/** Thumbnails of the rows in view, and of some that were. */
export class Thumbnails {
  readonly #loaded = new LruMap<number, LoadedThumbnail>(kept, { onLeave: close });
  readonly #queue: ThumbnailQueue;
  #table: Uint8Array;
  #colorMap: ViewerSettings['colorMap'];

  constructor(
    fetch: (rows: readonly number[]) => Promise<readonly Thumbnail[]>,
    colorMap: ViewerSettings['colorMap'],
    onLoaded: (row: number) => void,
  ) {
    this.#colorMap = colorMap;
    this.#table = colorTable(colorMap);
    this.#queue = thumbnailQueue({
      fetch: async (rows) => Promise.all((await fetch(rows)).map((thumbnail) => this.#decode(thumbnail))),
      isLoaded: (row) => this.#loaded.has(row),
      onStale: close,
      batch,
      onLoaded: (row, { picture, map }) => {
        this.#loaded.set(row, { ...(picture && { picture }), ...(map && { map }) });
        onLoaded(row);
      },
    });
  }

  get pending(): number {
    return this.#queue.pending;
  }

  get(row: number): LoadedThumbnail | undefined {
    return this.#loaded.get(row);
  }

  /** Fetches those of `rows` that are missing, the first first. */
  want(rows: readonly number[]): void {
    // Those that are there are wanted still.
    for (const row of rows) this.#loaded.get(row);
    this.#queue.want(rows);
  }

  /** Fetches anew, for instance in other colours or after results came in. */
  clear(colorMap = this.#colorMap): void {
    this.#colorMap = colorMap;
    this.#table = colorTable(colorMap);
    this.#loaded.clear();
    this.#queue.clear();
  }

  /** Forgets everything and fetches nothing more. */
  dispose(): void {
    this.#queue.want([]);
    this.clear();
  }

  /** Fetches some rows anew. */
  forget(rows: Iterable<number>): void {
    for (const row of rows) this.#forget(row);
  }

  #forget(row: number): void {
    const old = this.#loaded.get(row);
    this.#loaded.delete(row);
    if (old) close(old);
  }

  async #decode({ row, picture, map }: Thumbnail): Promise<LoadedThumbnail & { readonly row: number }> {
    const [bitmap, colors] = await Promise.all([
      picture && createImageBitmap(new Blob([picture.slice()])).catch(() => undefined),
      map && createImageBitmap(this.#colors(map)),
    ]);
    return { row, ...(bitmap && { picture: bitmap }), ...(colors && { map: colors }) };
  }

  #colors(map: Uint8Array): ImageData {
    const image = new ImageData(mapSide, mapSide);
    for (let i = 0; i < map.length; i++) {
      const value = map[i]!;
      for (let c = 0; c < 3; c++) image.data[i * 4 + c] = this.#table[value * 3 + c]!;
      image.data[i * 4 + 3] = Math.round(255 * opacityAt(value / 255));
    }
    return image;
  }
}

/** Pictures hold memory that the garbage collector does not see. */
function close({ picture, map }: LoadedThumbnail): void {
  picture?.close();
  map?.close();
}
