import { detectorFile, isWaiting } from '../../dataset/onDisk.ts';
import type { Dataset } from '../../dataset/dataset.ts';
import type {
  Inspection,
  InspectionKey,
  InspectionMetrics,
  NormalRegion,
  Thumbnail,
} from '../../protocol/inspection.ts';
import { UserError } from '../ports/errors.ts';
import { asGrid } from './asGrid.ts';
import { flaggedRegions } from './flaggedRegions.ts';
import { LruMap } from '../../common/lruMap.ts';
import { datasetUse, openDetector } from '../detect/openDetector.ts';
import { loadDetector, summaryOf } from '../detect/detectorStore.ts';
import { readDataset } from '../dataset/readDataset.ts';
import { sampleSizes } from '../dataset/sampleSizes.ts';
import { stretchNotes } from '../../maps/shape.ts';
import { inspect, type Inspected } from './inspect.ts';
import { inspectionOf, thumbnailsOf, type KnownDetector } from './inspection.ts';
import { measure, metricsAt, type Measured } from './inspectionMetrics.ts';
import type { InspectionStore, InspectPorts } from '../ports/inspectPorts.ts';
import type { Plane } from '../ports/layOut.ts';
import { project } from './projection.ts';
import { regionAreas, type RegionAreas } from './regionAreas.ts';
import { readLabels } from '../labels/labelStore.ts';
import { breath, type Watch } from '../ports/progress.ts';
import { learnedHere } from '../evaluate/testItems.ts';
import { paysSideBySide } from '../ports/sessionPort.ts';

/** A folder as a detector's caller saw it last: rows are numbers in this order. */
interface Seen {
  readonly dataset: Dataset;
  readonly paths: readonly string[];
}

/** Folders, detectors and listings that are kept at hand. */
const kept = 8;

/** An open store; `users` are the calls that work with it. */
interface Held {
  readonly store: InspectionStore;
  users: number;
}

/**
 * Inspected folders and what is stored of them. Keeps the last few stores open, and of each folder
 * and detector the listing that its rows were numbered by. Folders of a key are absolute, with `/`.
 */
export class Inspections {
  readonly #ports: () => InspectPorts;
  readonly #stores = new Map<string, Held>();
  readonly #detectors = new LruMap<string, { readonly stamp: string; readonly detector: Promise<KnownDetector> }>(kept);
  readonly #seen = new LruMap<string, Seen>(kept);
  #measured: { readonly of: string; readonly what: Promise<Measured> } | undefined;

  /** @param ports as the engine is configured at the time */
  constructor(ports: () => InspectPorts) {
    this.#ports = ports;
  }

  /**
   * Looks at what has no result yet.
   * @throws UserError, Cancelled; what is done by then is stored
   */
  async inspect(
    key: InspectionKey,
    watch: Watch,
  ): Promise<{ readonly inspection: Inspection; readonly run: Inspected }> {
    const ports = this.#ports();
    const detector = await this.#detector(key.detector);
    const dataset = await readDataset(key.folder, ports);
    const open = async (images: number) =>
      openDetector(await loadDetector(key.detector, ports), ports, {
        ...datasetUse,
        sideBySide: paysSideBySide(images),
      });
    const { version } = summaryOf(detector);
    const run = await this.#onStore(key, async (store) => {
      const found = await inspect(dataset, version, open, store, ports, watch);
      store.place(version, key.detector, true);
      await prune(store, ports);
      return found;
    });
    return { inspection: await this.#inspection(key, dataset), run };
  }

  /** What is stored so far; nothing is run. */
  async read(key: InspectionKey): Promise<Inspection> {
    return this.#inspection(key, await readDataset(key.folder, this.#ports()));
  }

  /** Of rows as the caller's last inspect or read numbered them. */
  async thumbnails(key: InspectionKey, rows: readonly number[]): Promise<Thumbnail[]> {
    const { paths } = await this.#lastSeen(key);
    const detector = await this.#detector(key.detector);
    return this.#onStore(key, (store) => thumbnailsOf(rows, paths, detector, store));
  }

  /**
   * Where the stored maps of some images lie above a pixel threshold.
   * @param images below the folder
   * @throws UserError where one has no stored map, or nothing of all of them lies above
   */
  async flaggedRegions(
    key: InspectionKey,
    images: readonly string[],
    pixelThreshold: number,
  ): Promise<readonly NormalRegion[]> {
    const summary = summaryOf(await this.#detector(key.detector));
    const regions = await this.#onStore(key, (store) =>
      images.flatMap((image) => {
        const grid = store.grid(image, summary.version);
        if (!grid)
          throw new UserError(`${key.folder}/${image}: has no result of this detector. Inspect the folder again.`);
        return flaggedRegions(asGrid(grid, summary), pixelThreshold).map((region) => ({ image, region }));
      }),
    );
    if (regions.length > 0) return regions;
    throw new UserError(
      `${key.folder}/${images[0] ?? ''}: nothing lies above the pixel threshold. Teach the whole image instead.`,
    );
  }

  /** {@link regionAreas} of an inspection that was made or read here. */
  async regionAreas(inspection: Inspection, pixelThreshold: number): Promise<readonly RegionAreas[]> {
    const key = { folder: inspection.folder, detector: inspection.detector.folder };
    const { images } = this.#ports();
    return this.#onStore(key, (store) => regionAreas(inspection, pixelThreshold, store, images));
  }

  /**
   * Measured anew where labels or results have changed; another threshold costs next to nothing.
   */
  async metrics(key: InspectionKey, imageThreshold?: number): Promise<InspectionMetrics> {
    const ports = this.#ports();
    const { dataset } = await this.#lastSeen(key);
    const detector = await this.#detector(key.detector);
    const labels = await readLabels(key.folder, ports, pathsOf(dataset));
    const { version, thresholds } = summaryOf(detector);
    const measured = await this.#onStore(key, (store) => {
      const said = ports.sha256(JSON.stringify([labels, dataset.normalFolders]));
      const of = JSON.stringify([key.folder, version, store.revision(), said]);
      if (this.#measured?.of !== of) {
        const what = measure(dataset, inspectionOf(dataset, detector, labels, store), store, ports);
        what.catch(() => (this.#measured = undefined));
        this.#measured = { of, what };
      }
      return this.#measured.what;
    });
    return metricsAt(measured, imageThreshold ?? thresholds.image);
  }

  /** One point per row; NaN where there is no embedding. Kept in the store. */
  async projection(key: InspectionKey): Promise<Plane> {
    const { paths } = await this.#lastSeen(key);
    const { version } = summaryOf(await this.#detector(key.detector));
    const { rows, plane } = await this.#onStore(key, (store) => this.#project(paths, version, store));
    const x = new Float32Array(paths.length).fill(NaN);
    const y = new Float32Array(paths.length).fill(NaN);
    rows.forEach((row, at) => {
      x[row] = plane.x[at]!;
      y[row] = plane.y[at]!;
    });
    return { x, y };
  }

  /** The rows that have an embedding, and their places. */
  async #project(paths: readonly string[], version: string, store: InspectionStore) {
    const { sha256, layOut } = this.#ports();
    const byPath = new Map<string, Float32Array>();
    store.embeddings(version, (path, embedding) => byPath.set(path, embedding));
    const rows = paths.flatMap((path, row) => (byPath.has(path) ? [row] : []));
    const key = sha256(rows.map((row) => paths[row]!).join('\n'));
    const stored = store.projection(version);
    if (stored?.key === key) return { rows, plane: stored };
    const plane = await project(
      rows.map((row) => byPath.get(paths[row]!)!),
      layOut,
    );
    store.saveProjection(version, { key, ...plane });
    return { rows, plane };
  }

  close(): void {
    for (const { store } of this.#stores.values()) store.close();
    this.#stores.clear();
  }

  async #inspection(key: InspectionKey, dataset: Dataset): Promise<Inspection> {
    const labels = await readLabels(key.folder, this.#ports(), pathsOf(dataset));
    const detector = await this.#detector(key.detector);
    const { version } = summaryOf(detector);
    const inspection = await this.#onStore(key, (store) => {
      // A taught version that was accepted has moved.
      const known = store.detectors().find((stored) => stored.version === version);
      if (known && known.folder !== key.detector) store.place(version, key.detector, false);
      return inspectionOf(dataset, detector, labels, store);
    });
    const sizes = await sampleSizes(
      dataset.items.map(({ path }) => `${dataset.root}/${path}`),
      this.#ports().images,
    );
    const stretched = stretchNotes(sizes, inspection.detector.input);
    this.#seen.set(seenKey(key), { dataset, paths: inspection.rows.paths });
    return { ...inspection, notes: [...inspection.notes, ...stretched] };
  }

  async #lastSeen(key: InspectionKey): Promise<Seen> {
    if (!this.#seen.get(seenKey(key))) await this.read(key);
    return this.#seen.get(seenKey(key))!;
  }

  /**
   * Works with a folder's store, which stays open until then; afterwards the ones used least lately
   * are closed.
   */
  async #onStore<T>({ folder }: InspectionKey, work: (store: InspectionStore) => Promise<T> | T): Promise<T> {
    const held = this.#stores.get(folder) ?? { store: this.#ports().disk.openStore(folder), users: 0 };
    this.#stores.delete(folder);
    this.#stores.set(folder, held);
    held.users++;
    try {
      return await work(held.store);
    } finally {
      held.users--;
      const old = [...this.#stores].slice(0, -kept).filter(([, { users }]) => users === 0);
      for (const [name, { store }] of old) {
        this.#stores.delete(name);
        store.close();
        // A store that is opened again counts its revisions anew.
        this.#measured = undefined;
      }
    }
  }

  /** Read again when it changes on the disk. */
  async #detector(folder: string): Promise<KnownDetector> {
    const ports = this.#ports();
    const stamp = JSON.stringify((await ports.disk.stamp(`${folder}/${detectorFile}`)) ?? null);
    let known = this.#detectors.get(folder);
    if (known?.stamp !== stamp) {
      const detector = loadDetector(folder, ports).then(({ record }) => ({ folder, record }));
      detector.catch(() => this.#detectors.delete(folder));
      known = { stamp, detector };
      this.#detectors.set(folder, known);
    }
    const { record } = await known.detector;
    return { folder, record: await learnedHere(record, ports.files) };
  }
}

const pathsOf = ({ items }: Dataset): string[] => items.map(({ path }) => path);

/**
 * Drops what is not needed any more, a part at a time: others of this process and other windows get
 * their turn.
 */
async function prune(store: InspectionStore, { files }: Pick<InspectPorts, 'files'>): Promise<void> {
  const gone: string[] = [];
  for (const { version, folder = '' } of store.detectors())
    if (isWaiting(folder) && !(await files.exists(folder))) gone.push(version);
  while (store.prune(gone)) await breath();
}

const seenKey = ({ folder, detector }: InspectionKey): string => `${folder}\0${detector}`;
