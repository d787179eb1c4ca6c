import { ownFolder, resultsFile } from '../../dataset/onDisk.ts';
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../../services/ports/errors.ts';
import type { InspectionStore, StoredDetector, StoredFiles, StoredLook } from '../../services/ports/inspectPorts.ts';
import { dataDir } from '../files/dataDir.ts';
import { firstLine } from '../files/fileErrors.ts';
import { migration, queries, schemaVersion } from './inspectionSchema.ts';

/** Another window's transaction is waited for this long; it takes milliseconds. */
const patienceMs = 10_000;

/** Detectors whose results are kept: those used last. */
const keptDetectors = 4;
/** What is known of an image is kept for so long after its last file has gone: it may come back, as with a branch that is checked out. */
const graceMs = 7 * 24 * 60 * 60 * 1000;
/** Results dropped in one transaction: others get their turn in between. */
const droppedAtOnce = 1000;

/** Where a folder's results go: into the folder itself, or to the user's data where it can't be written. */
export function storeFileOf(folder: string, fallback = path.join(userDataDir(), 'inspections')): string {
  const own = path.join(folder, ownFolder);
  try {
    mkdirSync(own, { recursive: true });
    accessSync(own, constants.W_OK);
    return path.join(own, resultsFile);
  } catch {
    const name = createHash('sha256').update(path.resolve(folder)).digest('hex').slice(0, 16);
    return path.join(fallback, `${name}.sqlite`);
  }
}

const userDataDir = (): string => dataDir({ platform: process.platform, home: os.homedir(), env: process.env });

/**
 * Opens (or makes) the database in `file`. A damaged one is put aside and a new one begun: all that is in it can be computed again.
 * @param now ms since 1970
 * @throws UserError where it can't be opened, or is a newer version's
 */
export function openInspectionStore(file: string, now: () => number = Date.now): InspectionStore {
  mkdirSync(path.dirname(file), { recursive: true });
  leaveOutOfGit(path.dirname(file));
  try {
    return storeOn(prepared(file), file, [], now);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = `${file}.damaged`;
    renameSync(file, aside);
    const note = `${file}: damaged. It was renamed to ${aside} and begun anew.`;
    return storeOn(prepared(file), file, [note], now);
  }
}

/** Labels belong into a repository, results do not. */
function leaveOutOfGit(folder: string): void {
  try {
    writeFileSync(path.join(folder, '.gitignore'), `${resultsFile}*\n`, { flag: 'wx' });
  } catch {
    // It is there, or can't be; neither matters.
  }
}

const isDamage = (error: unknown): boolean =>
  /not a database|malformed|corrupt/i.test(firstLine((error as Error).cause ?? error));

function prepared(file: string): DatabaseSyncInstance {
  const database = told(file, () => new DatabaseSync(file, { timeout: patienceMs }));
  try {
    return told(file, () => {
      database.exec('PRAGMA page_size = 8192; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY');
      // Inside the lock: two windows may make the same database at once.
      database.exec('BEGIN IMMEDIATE');
      const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
      if (version > schemaVersion)
        throw new UserError(`${file}: made by a newer version of NFERD. Update NFERD, or delete the file.`);
      if (version < schemaVersion) database.exec(`${migration(version)}; PRAGMA user_version = ${schemaVersion}`);
      database.exec('COMMIT');
      return database;
    });
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Runs `step`; what SQLite says becomes a UserError. */
function told<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const said = firstLine(error);
    const remedy = /locked|busy/i.test(said)
      ? 'Close the other window that uses it, or wait for it.'
      : /full/i.test(said)
        ? 'Free some space on the disk.'
        : 'Check the disk, or delete the file: what is in it is computed again.';
    throw new UserError(`${file}: the results could not be stored or read (${said}). ${remedy}`, { cause: error });
  }
}

type Cell = string | number | Uint8Array | null;
type Row = readonly Cell[];

function storeOn(
  database: DatabaseSyncInstance,
  file: string,
  notes: readonly string[],
  now: () => number,
): InspectionStore {
  const prepare = (sql: string): StatementSyncInstance => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const made = new Map<string, StatementSyncInstance>();
  const statement = (name: keyof typeof queries): StatementSyncInstance => {
    const known = made.get(name) ?? prepare(queries[name]);
    made.set(name, known);
    return known;
  };
  const run = (name: keyof typeof queries, ...values: readonly Cell[]) => statement(name).run(...values);
  const first = (name: keyof typeof queries, ...values: readonly Cell[]): Row | undefined =>
    statement(name).get(...values) as Row | undefined;
  const each = (name: keyof typeof queries, ...values: readonly Cell[]) =>
    statement(name).iterate(...values) as IterableIterator<Row>;

  const idOf = (kind: 'detector' | 'image', value: string): number | undefined =>
    first(kind, value)?.[0] as number | undefined;
  /** An id that no row has, where there is none yet. */
  const detectorId = (version: string): number => idOf('detector', version) ?? -1;

  let written = 0;
  function transaction(step: () => void): void {
    told(file, () => {
      database.exec('BEGIN IMMEDIATE');
      try {
        step();
        database.exec('COMMIT');
        written++;
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  function writeLook(detector: number, { path: name, stamp, hash, result, thumbnail, failure }: StoredLook): void {
    let image: number | undefined;
    if (hash !== undefined) {
      image = idOf('image', hash) ?? Number(run('addImage', hash).lastInsertRowid);
      if (thumbnail) run('addThumbnail', image, thumbnail);
      if (result) {
        const { changes, lastInsertRowid } = run('addResult', detector, image, result.score, result.peak);
        if (Number(changes) > 0) {
          run('addGrid', Number(lastInsertRowid), bytesOf(result.grid));
          if (result.embedding) run('addEmbedding', Number(lastInsertRowid), bytesOf(result.embedding));
        }
      }
    }
    run('addFile', name, stamp?.size ?? null, stamp?.modifiedMs ?? null, image ?? null, failure ?? null);
  }

  function files(version: string): StoredFiles {
    const detector = detectorId(version);
    const count = first('fileCount')![0] as number;
    const column = (): Float64Array => new Float64Array(count).fill(NaN);
    const [size, modifiedMs, score, peak] = [column(), column(), column(), column()];
    const paths: string[] = [];
    const failures = new Map<number, string>();
    for (const [name, bytes, modified, failure, itsScore, itsPeak] of each('files', detector)) {
      const at = paths.push(name as string) - 1;
      if (at >= count) break;
      size[at] = (bytes as number | null) ?? NaN;
      modifiedMs[at] = (modified as number | null) ?? NaN;
      score[at] = (itsScore as number | null) ?? NaN;
      peak[at] = (itsPeak as number | null) ?? NaN;
      if (failure !== null) failures.set(at, failure as string);
    }
    return { paths, size, modifiedMs, score: Float32Array.from(score), peak: Float32Array.from(peak), failures };
  }

  function dropResults(ids: readonly number[]): void {
    for (const id of ids) for (const drop of ['dropGrid', 'dropEmbedding', 'dropResult'] as const) run(drop, id);
  }

  const idsOf = (name: keyof typeof queries, ...values: readonly Cell[]): number[] =>
    [...each(name, ...values)].map(([id]) => id as number);

  /** @returns whether some are left */
  function dropDetector(version: string): boolean {
    const detector = idOf('detector', version);
    if (detector === undefined) return false;
    const ids = idsOf('resultsOf', detector, droppedAtOnce);
    dropResults(ids);
    if (ids.length === droppedAtOnce) return true;
    run('dropProjection', detector);
    run('dropDetector', detector);
    return false;
  }

  /** @returns whether some are left */
  function dropImages(): boolean {
    run('noteBack');
    run('noteGone', now());
    const images = idsOf('longGone', now() - graceMs, droppedAtOnce);
    for (const image of images) {
      dropResults(idsOf('resultsOfImage', image));
      run('dropThumbnail', image);
      run('dropImage', image);
    }
    return images.length === droppedAtOnce;
  }

  const detectors = (): StoredDetector[] =>
    [...each('detectors')].map(([version, folder]) => ({
      version: version as string,
      folder: (folder as string | null) ?? undefined,
    }));

  return {
    notes,
    revision: () => told(file, () => `${String(first('dataVersion')![0])} ${written}`),
    files: (version) => told(file, () => files(version)),
    known: (hash, version) =>
      told(file, () => {
        const [thumbnail = 0, result = 0] = first('known', detectorId(version), hash) ?? [];
        return { thumbnail: thumbnail === 1, result: result === 1 };
      }),
    write(version, looks) {
      transaction(() => {
        run('addDetector', version);
        const detector = idOf('detector', version)!;
        run('used', now(), detector);
        for (const look of looks) writeLook(detector, look);
      });
    },
    keepFiles(kept) {
      const wanted = new Set(kept);
      const gone = told(file, () => files('').paths.filter((name) => !wanted.has(name)));
      if (gone.length > 0) transaction(() => gone.forEach((name) => run('forgetFile', name)));
    },
    detectors: () => told(file, detectors),
    place(version, folder, used) {
      transaction(() => {
        run('addDetector', version);
        run('place', folder, idOf('detector', version)!);
        if (used) run('used', now(), idOf('detector', version)!);
      });
    },
    prune(gone) {
      let more = false;
      transaction(() => {
        const old = detectors()
          .map(({ version }) => version)
          .filter((version) => !gone.includes(version))
          .slice(keptDetectors);
        const [first] = [...gone, ...old].filter((version) => idOf('detector', version) !== undefined);
        if (first !== undefined) more = dropDetector(first) || gone.length + old.length > 1;
        if (!more) more = dropImages();
      });
      return more;
    },
    thumbnail: (name) => told(file, () => first('thumbnail', name)?.[0] as Uint8Array | undefined),
    grid: (name, version) =>
      told(file, () => {
        const found = first('grid', detectorId(version), name);
        return found && floatsOf(found[0] as Uint8Array);
      }),
    embeddings: (version, visit) =>
      told(file, () => {
        for (const [name, values] of each('embeddings', detectorId(version)))
          visit(name as string, floatsOf(values as Uint8Array));
      }),
    projection: (version) =>
      told(file, () => {
        const found = first('projection', detectorId(version));
        return (
          found && { key: found[0] as string, x: floatsOf(found[1] as Uint8Array), y: floatsOf(found[2] as Uint8Array) }
        );
      }),
    saveProjection(version, { key, x, y }) {
      transaction(() => {
        run('addDetector', version);
        run('saveProjection', idOf('detector', version)!, key, bytesOf(x), bytesOf(y));
      });
    },
    close: () => database.close(),
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** A copy: SQLite's bytes may start anywhere. */
const floatsOf = (bytes: Uint8Array): Float32Array =>
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
