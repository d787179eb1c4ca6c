import type { Dataset } from '../../dataset/dataset.ts';
import { inputShape } from '../../nferd/config.ts';
import { thumbnailSide } from '../../protocol/inspection.ts';
import { gridOfMap } from '../detect/anomalyGrid.ts';
import { batchTuner } from './batchSize.ts';
import type { LoadedDetector } from '../detect/openDetector.ts';
import { orMessage, UserError } from '../ports/errors.ts';
import { notFinite } from '../detect/finite.ts';
import { imageInput } from '../detect/imageInput.ts';
import type { FileStamp, InspectionStore, InspectPorts, StoredLook, StoredResult } from '../ports/inspectPorts.ts';
import type { RgbImage } from '../ports/disk.ts';
import { ahead, phase, throwIfStopped, type Watch } from '../ports/progress.ts';

/** Images in a batch at most. */
const largestBatch = 8;
/**
 * Images that are read ahead of the detector, which keeps this thread busy: reading goes on
 * meanwhile, but only steps already begun.
 */
const readAhead = 4 * largestBatch;
/** What a kill may lose. */
const flushMs = 1000;
const statsAtOnce = 64;

interface ToDo {
  readonly path: string;
  readonly stamp: FileStamp;
}

/**
 * An image on its way to the detector, or one that is done without it: failed, or its content is
 * known already.
 */
type Prepared = Omit<StoredLook, 'path'> & ToDo & { readonly image?: RgbImage };

export interface Inspected {
  /** Images that the detector looked at now, and those whose results were there already. */
  readonly looked: number;
  readonly reused: number;
  /** One line each. */
  readonly failures: readonly string[];
}

/**
 * Looks at every image of a dataset that the store has no result for. Reading, the detector and
 * encoding overlap; results are written every second and when it ends, however it ends. A file that
 * can't be read fails alone.
 * @param open called with how many images there are to look at, where there are any
 * @throws UserError, Cancelled
 */
export async function inspect(
  dataset: Pick<Dataset, 'root' | 'items'>,
  version: string,
  open: (images: number) => Promise<LoadedDetector>,
  store: InspectionStore,
  ports: InspectPorts,
  watch: Watch,
): Promise<Inspected> {
  const paths = dataset.items.map(({ path }) => path);
  const { todo, gone } = await changed(dataset.root, paths, version, store, ports, watch);
  const reused = paths.length - todo.length - gone.length;
  const failures: string[] = [];
  let looked = 0;
  let waiting: StoredLook[] = [];
  let flushed = watch.clock();
  const flush = (): void => {
    const looks = waiting;
    waiting = [];
    flushed = watch.clock();
    if (looks.length > 0) store.write(version, looks);
  };
  const put = (look: StoredLook): void => {
    waiting.push(look);
    if (look.failure !== undefined) failures.push(look.failure);
    if (watch.clock() - flushed >= flushMs) flush();
  };
  gone.forEach(put);
  if (todo.length === 0) {
    flush();
    store.keepFiles(paths);
    return { looked, reused, failures };
  }
  const loaded = await open(todo.length);
  const run = runner(loaded);
  // Runs side by side leave nothing for batches to gain but memory to lose.
  const tuner = batchTuner(loaded.session.atOnce > 1 ? 1 : largestBatch);
  const report = phase(watch, 'Inspecting', paths.length, reused);
  let done = reused + gone.length;
  const look = async (given: readonly Prepared[]): Promise<readonly StoredLook[]> => {
    const images = given.flatMap(({ image }) => (image ? [image] : []));
    if (images.length === 0) return given;
    throwIfStopped(watch);
    const start = watch.clock();
    const results = await run(images);
    tuner.ran(images.length, watch.clock() - start);
    looked += images.length;
    return given.map(({ image: _, ...rest }, at) => judged(dataset.root, { ...rest, result: results[at]! }, loaded));
  };
  try {
    report(done);
    const prepare = preparing(dataset.root, version, loaded, store, ports, watch);
    const batches = inBatches(ahead(todo, readAhead, prepare), () => tuner.size);
    for await (const looks of ahead(batches, loaded.session.atOnce, look)) {
      looks.forEach(put);
      done += looks.length;
      report(done);
    }
    flush();
    store.keepFiles(paths);
  } catch (error) {
    try {
      flush();
    } catch {
      // What went wrong first is what the user must know.
    }
    throw error;
  } finally {
    await loaded.session.release();
  }
  return { looked, reused, failures };
}

/**
 * Images for the detector in batches of the size that is right just then; what needs no detector
 * comes alone.
 */
async function* inBatches(all: AsyncIterable<Prepared>, size: () => number): AsyncGenerator<readonly Prepared[]> {
  let batch: Prepared[] = [];
  for await (const prepared of all) {
    if (!prepared.image) {
      yield [prepared];
      continue;
    }
    batch.push(prepared);
    if (batch.length < size()) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * The files without a stored result, or changed since it was made; and those that are gone by now.
 */
async function changed(
  root: string,
  paths: readonly string[],
  version: string,
  store: InspectionStore,
  { disk }: InspectPorts,
  watch: Watch,
): Promise<{ readonly todo: ToDo[]; readonly gone: StoredLook[] }> {
  const stored = store.files(version);
  const rowOf = new Map(stored.paths.map((path, row) => [path, row]));
  const report = phase(watch, 'Looking for changes', paths.length);
  const todo: ToDo[] = [];
  const gone: StoredLook[] = [];
  let done = 0;
  const stampOf = (path: string) => orMessage(disk.stamp(`${root}/${path}`));
  for await (const stamp of ahead(paths, statsAtOnce, stampOf)) {
    const path = paths[done++]!;
    if (done % 256 === 0 || done === paths.length) report(done);
    const row = rowOf.get(path);
    if (stamp === undefined) gone.push({ path, failure: deleted(root, path) });
    else if (typeof stamp === 'string') gone.push({ path, failure: stamp });
    else if (
      row === undefined ||
      Number.isNaN(stored.score[row]!) ||
      stored.size[row] !== stamp.size ||
      stored.modifiedMs[row] !== stamp.modifiedMs
    )
      todo.push({ path, stamp });
  }
  return { todo, gone };
}

const deleted = (root: string, path: string): string =>
  `${root}/${path}: was deleted during the inspection. Inspect the folder again.`;

/**
 * Hashes, decodes and makes the thumbnail, as far as the store does not know them. Never rejects
 * with a UserError.
 */
function preparing(
  root: string,
  version: string,
  { detector }: LoadedDetector,
  store: InspectionStore,
  { files, images, disk }: InspectPorts,
  watch: Watch,
) {
  const size = inputShape(detector.record.config);
  return async ({ path, stamp }: ToDo): Promise<Prepared> => {
    throwIfStopped(watch);
    const file = `${root}/${path}`;
    let hash: string | undefined;
    try {
      hash = await files.hash(file);
      const known = store.known(hash, version);
      if (known.result && known.thumbnail) return { path, stamp, hash };
      throwIfStopped(watch);
      const image = await images.readImage(file, size);
      const thumbnail = known.thumbnail ? undefined : await disk.encodeThumbnail(image, thumbnailSide);
      return known.result ? { path, stamp, hash, thumbnail } : { path, stamp, hash, thumbnail, image };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const still = await disk.stamp(file).catch(() => stamp);
      return { path, stamp, hash, failure: still ? error.message : deleted(root, path) };
    }
  };
}

/**
 * Runs the detector on batches; those that are done leave the buffer of their input to the next.
 */
function runner({ session, detector }: LoadedDetector): (batch: readonly RgbImage[]) => Promise<StoredResult[]> {
  const { config } = detector.record;
  const extras = ['peak', 'anomaly_grid', 'embedding'].filter((name) => session.outputNames.includes(name));
  // An older detector's map has to come whole.
  const map = ['peak', 'anomaly_grid'].every((name) => extras.includes(name)) ? [] : ['anomaly_map'];
  const outputs = ['score', ...map, ...extras];
  const spare: ArrayBufferLike[] = [];
  return async (batch) => {
    const image = imageInput(batch, spare.pop());
    const found = await session.run({ image }, outputs);
    spare.push(image.data.buffer);
    const of = (name: string, at: number): Float32Array | undefined => {
      const values = found[name]?.data as Float32Array | undefined;
      const length = (values?.length ?? 0) / batch.length;
      return values?.subarray(at * length, (at + 1) * length);
    };
    return batch.map((_, at) => ({
      score: of('score', at)![0]!,
      peak: of('peak', at)?.[0] ?? largest(of('anomaly_map', at)!),
      grid: of('anomaly_grid', at) ?? gridOfMap(of('anomaly_map', at)!, config).data,
      embedding: of('embedding', at),
    }));
  };
}

function largest(values: Float32Array): number {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  return most;
}

/** A result that is no number is a failure. */
function judged(
  root: string,
  { result, ...rest }: StoredLook & { readonly result: StoredResult },
  loaded: LoadedDetector,
): StoredLook {
  const { score, peak, grid } = result;
  const found = {
    score: { data: Float32Array.of(score) },
    peak: { data: Float32Array.of(peak) },
    anomaly_grid: { data: grid },
  };
  const failure = notFinite(`${root}/${rest.path}`, found, loaded);
  return failure === undefined ? { ...rest, result } : { ...rest, failure };
}
