import type { InspectionDatabase } from './inspectionDatabase.ts';

/** Detectors whose results are kept: those used last. */
const keptDetectors = 4;
/**
 * What is known of an image is kept for so long after its last file has gone: it may come back, as
 * with a branch that is checked out.
 */
const graceMs = 7 * 24 * 60 * 60 * 1000;
/** Results dropped in one transaction: others get their turn in between. */
const droppedAtOnce = 1000;

/**
 * Drops a part of what is not needed any more, inside the caller's transaction.
 * @param versions of all detectors; the one used last first
 * @param gone versions of detectors that are no more
 * @param now ms since 1970
 * @returns whether there is more to drop
 */
export function prunePart(
  database: InspectionDatabase,
  versions: readonly string[],
  gone: readonly string[],
  now: number,
): boolean {
  const old = versions.filter((version) => !gone.includes(version)).slice(keptDetectors);
  const [first] = [...gone, ...old].filter((version) => database.idOf('detector', version) !== undefined);
  if (first !== undefined && (dropDetector(database, first) || gone.length + old.length > 1)) return true;
  return dropImages(database, now);
}

/** @returns whether some of its results are left */
function dropDetector(database: InspectionDatabase, version: string): boolean {
  const detector = database.idOf('detector', version);
  if (detector === undefined) return false;
  const results = database.ids('resultsOf', detector, droppedAtOnce);
  dropResults(database, results);
  if (results.length === droppedAtOnce) return true;
  database.run('dropProjection', detector);
  database.run('dropDetector', detector);
  return false;
}

/** @returns whether some images that have been gone for long are left */
function dropImages(database: InspectionDatabase, now: number): boolean {
  database.run('noteBack');
  database.run('noteGone', now);
  const images = database.ids('longGone', now - graceMs, droppedAtOnce);
  for (const image of images) {
    dropResults(database, database.ids('resultsOfImage', image));
    database.run('dropThumbnail', image);
    database.run('dropImage', image);
  }
  return images.length === droppedAtOnce;
}

function dropResults(database: InspectionDatabase, results: readonly number[]): void {
  for (const result of results)
    for (const drop of ['dropGrid', 'dropEmbedding', 'dropResult'] as const) database.run(drop, result);
}
