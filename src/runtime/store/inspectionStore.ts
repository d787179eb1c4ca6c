import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ownFolder, resultsFile } from '../../dataset/onDisk.ts';
import type { InspectionStore, StoredDetector, StoredFiles, StoredLook } from '../../services/ports/inspectPorts.ts';
import { dataDir } from '../files/dataDir.ts';
import { firstLine } from '../files/fileErrors.ts';
import { InspectionDatabase } from './inspectionDatabase.ts';
import { prunePart } from './inspectionPruning.ts';

/**
 * Where a folder's results go: into the folder itself, or to the user's data where it can't be
 * written.
 */
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
 * Opens (or makes) the database in `file`. A damaged one is put aside and a new one begun: all that
 * is in it can be computed again.
 * @param now ms since 1970
 * @throws UserError where it can't be opened, or is a newer version's
 */
export function openInspectionStore(file: string, now: () => number = Date.now): InspectionStore {
  mkdirSync(path.dirname(file), { recursive: true });
  leaveOutOfGit(path.dirname(file));
  try {
    return storeOn(new InspectionDatabase(file), [], now);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = `${file}.damaged`;
    renameSync(file, aside);
    const note = `${file}: damaged. It was renamed to ${aside} and begun anew.`;
    return storeOn(new InspectionDatabase(file), [note], now);
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

const storeOn = (database: InspectionDatabase, notes: readonly string[], now: () => number): InspectionStore => ({
  notes,
  ...reading(database),
  ...writing(database, now),
  close: () => database.close(),
});

/** An id that no row has, where there is none yet. */
const detectorId = (database: InspectionDatabase, version: string): number => database.idOf('detector', version) ?? -1;

const reading = (database: InspectionDatabase) =>
  ({
    revision: () => database.read(() => `${String(database.first('dataVersion')![0])} ${database.written}`),
    files: (version) => database.read(() => readFiles(database, detectorId(database, version))),
    withContent: (hashes) =>
      database.read(() =>
        hashes.flatMap((hash) => [...database.each('withContent', hash)].map(([name]) => name as string)),
      ),
    known: (hash, version) =>
      database.read(() => {
        const [thumbnail = 0, result = 0] = database.first('known', detectorId(database, version), hash) ?? [];
        return { thumbnail: thumbnail === 1, result: result === 1 };
      }),
    detectors: () => database.read(() => readDetectors(database)),
    thumbnail: (name) => database.read(() => database.first('thumbnail', name)?.[0] as Uint8Array | undefined),
    grid: (name, version) =>
      database.read(() => {
        const found = database.first('grid', detectorId(database, version), name);
        return found && floatsOf(found[0] as Uint8Array);
      }),
    embeddings: (version, visit) =>
      database.read(() => {
        for (const [name, values] of database.each('embeddings', detectorId(database, version)))
          visit(name as string, floatsOf(values as Uint8Array));
      }),
    projection: (version) =>
      database.read(() => {
        const found = database.first('projection', detectorId(database, version));
        if (!found) return undefined;
        const [key, x, y] = found as [string, Uint8Array, Uint8Array];
        return { key, x: floatsOf(x), y: floatsOf(y) };
      }),
  }) satisfies Partial<InspectionStore>;

function writing(database: InspectionDatabase, now: () => number) {
  const addDetector = (version: string): number => {
    database.run('addDetector', version);
    return database.idOf('detector', version)!;
  };
  return {
    write(version, looks) {
      database.transaction(() => {
        const detector = addDetector(version);
        database.run('used', now(), detector);
        for (const look of looks) writeLook(database, detector, look);
      });
    },
    keepFiles(kept) {
      const wanted = new Set(kept);
      const gone = database.read(() => readFiles(database, -1).paths.filter((name) => !wanted.has(name)));
      if (gone.length > 0) database.transaction(() => gone.forEach((name) => database.run('forgetFile', name)));
    },
    place(version, folder, used) {
      database.transaction(() => {
        const detector = addDetector(version);
        database.run('place', folder, detector);
        if (used) database.run('used', now(), detector);
      });
    },
    prune(gone) {
      let more = false;
      database.transaction(() => {
        const versions = readDetectors(database).map(({ version }) => version);
        more = prunePart(database, versions, gone, now());
      });
      return more;
    },
    saveProjection(version, { key, x, y }) {
      database.transaction(() => database.run('saveProjection', addDetector(version), key, bytesOf(x), bytesOf(y)));
    },
  } satisfies Partial<InspectionStore>;
}

const readDetectors = (database: InspectionDatabase): StoredDetector[] =>
  [...database.each('detectors')].map(([version, folder]) => ({
    version: version as string,
    folder: (folder as string | null) ?? undefined,
  }));

function writeLook(database: InspectionDatabase, detector: number, look: StoredLook): void {
  const { path: name, stamp, hash, result, thumbnail, failure } = look;
  let image: number | undefined;
  if (hash !== undefined) {
    image = database.idOf('image', hash) ?? Number(database.run('addImage', hash).lastInsertRowid);
    if (thumbnail) database.run('addThumbnail', image, thumbnail);
    if (result) {
      const { changes, lastInsertRowid } = database.run('addResult', detector, image, result.score, result.peak);
      if (Number(changes) > 0) {
        database.run('addGrid', Number(lastInsertRowid), bytesOf(result.grid));
        if (result.embedding) database.run('addEmbedding', Number(lastInsertRowid), bytesOf(result.embedding));
      }
    }
  }
  database.run('addFile', name, stamp?.size ?? null, stamp?.modifiedMs ?? null, image ?? null, failure ?? null);
}

function readFiles(database: InspectionDatabase, detector: number): StoredFiles {
  const count = database.first('fileCount')![0] as number;
  const column = (): Float64Array => new Float64Array(count).fill(NaN);
  const [size, modifiedMs, score, peak] = [column(), column(), column(), column()];
  const paths: string[] = [];
  const failures = new Map<number, string>();
  for (const [name, bytes, modified, failure, itsScore, itsPeak] of database.each('files', detector)) {
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

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** A copy: SQLite's bytes may start anywhere. */
const floatsOf = (bytes: Uint8Array): Float32Array =>
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
