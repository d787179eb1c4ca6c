/**
 * The first version; `changes` follow. `images` are contents, `files` where they were last seen.
 * What is scanned for all rows lies apart from the large values: a thumbnail is about 4 KB, a grid
 * 16 KB.
 */
const schema = `
  CREATE TABLE images (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE files (
    path TEXT PRIMARY KEY, size REAL, modifiedMs REAL, image INTEGER REFERENCES images (id), failure TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE thumbnails (image INTEGER PRIMARY KEY REFERENCES images (id), picture BLOB NOT NULL) STRICT;
  CREATE TABLE detectors (id INTEGER PRIMARY KEY, version TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE results (
    id INTEGER PRIMARY KEY, detector INTEGER NOT NULL REFERENCES detectors (id),
    image INTEGER NOT NULL REFERENCES images (id),
    score REAL NOT NULL, peak REAL NOT NULL, UNIQUE (detector, image)
  ) STRICT;
  CREATE TABLE grids (result INTEGER PRIMARY KEY REFERENCES results (id), grid BLOB NOT NULL) STRICT;
  CREATE TABLE embeddings (result INTEGER PRIMARY KEY REFERENCES results (id), embedding BLOB NOT NULL) STRICT;
  CREATE TABLE projections (
    detector INTEGER PRIMARY KEY REFERENCES detectors (id), key TEXT NOT NULL, x BLOB NOT NULL, y BLOB NOT NULL
  ) STRICT;
`;

/**
 * What each version after the first changed: when a detector was used last, and since when no file
 * has had an image (ms since 1970).
 */
const changes: readonly string[] = [
  `ALTER TABLE detectors ADD COLUMN used REAL NOT NULL DEFAULT 0;
   ALTER TABLE detectors ADD COLUMN folder TEXT;
   ALTER TABLE images ADD COLUMN goneMs REAL;
   CREATE INDEX filesByImage ON files (image);
   CREATE INDEX resultsByImage ON results (image);`,
];

/** Of the database; a newer one is refused. */
export const schemaVersion = 1 + changes.length;

/** What makes a database of a version (0: an empty one) one of schemaVersion. */
export const migration = (version: number): string =>
  [...(version === 0 ? [schema] : []), ...changes.slice(Math.max(0, version - 1))].join('\n');

export const queries = {
  /** Changes when another connection has committed. */
  dataVersion: 'PRAGMA data_version',
  files: `
    SELECT f.path, f.size, f.modifiedMs, f.failure, r.score, r.peak FROM files f
    LEFT JOIN results r ON r.image = f.image AND r.detector = ?`,
  fileCount: 'SELECT count(*) FROM files',
  known: `
    SELECT EXISTS (SELECT 1 FROM thumbnails t WHERE t.image = i.id),
      EXISTS (SELECT 1 FROM results r WHERE r.image = i.id AND r.detector = ?)
    FROM images i WHERE i.hash = ?`,
  withContent: 'SELECT f.path FROM images i JOIN files f ON f.image = i.id WHERE i.hash = ?',
  thumbnail: 'SELECT t.picture FROM files f JOIN thumbnails t ON t.image = f.image WHERE f.path = ?',
  grid: `
    SELECT g.grid FROM files f JOIN results r ON r.image = f.image AND r.detector = ?
    JOIN grids g ON g.result = r.id WHERE f.path = ?`,
  embeddings: `
    SELECT f.path, e.embedding FROM files f JOIN results r ON r.image = f.image AND r.detector = ?
    JOIN embeddings e ON e.result = r.id`,
  projection: 'SELECT key, x, y FROM projections WHERE detector = ?',
  saveProjection: 'INSERT OR REPLACE INTO projections (detector, key, x, y) VALUES (?, ?, ?, ?)',
  detector: 'SELECT id FROM detectors WHERE version = ?',
  addDetector: 'INSERT OR IGNORE INTO detectors (version) VALUES (?)',
  image: 'SELECT id FROM images WHERE hash = ?',
  addImage: 'INSERT OR IGNORE INTO images (hash) VALUES (?)',
  addFile: 'INSERT OR REPLACE INTO files (path, size, modifiedMs, image, failure) VALUES (?, ?, ?, ?, ?)',
  addThumbnail: 'INSERT OR IGNORE INTO thumbnails (image, picture) VALUES (?, ?)',
  addResult: 'INSERT OR IGNORE INTO results (detector, image, score, peak) VALUES (?, ?, ?, ?)',
  addGrid: 'INSERT INTO grids (result, grid) VALUES (?, ?)',
  addEmbedding: 'INSERT INTO embeddings (result, embedding) VALUES (?, ?)',
  forgetFile: 'DELETE FROM files WHERE path = ?',
  detectors: 'SELECT version, folder FROM detectors ORDER BY used DESC, id DESC',
  used: 'UPDATE detectors SET used = ? WHERE id = ?',
  place: 'UPDATE detectors SET folder = ? WHERE id = ?',
  noteGone: `
    UPDATE images SET goneMs = ? WHERE goneMs IS NULL AND NOT EXISTS (SELECT 1 FROM files f WHERE f.image = images.id)`,
  noteBack: `
    UPDATE images SET goneMs = NULL WHERE goneMs IS NOT NULL
    AND EXISTS (SELECT 1 FROM files f WHERE f.image = images.id)`,
  longGone: 'SELECT id FROM images WHERE goneMs < ? LIMIT ?',
  resultsOf: 'SELECT id FROM results WHERE detector = ? LIMIT ?',
  resultsOfImage: 'SELECT id FROM results WHERE image = ?',
  dropGrid: 'DELETE FROM grids WHERE result = ?',
  dropEmbedding: 'DELETE FROM embeddings WHERE result = ?',
  dropResult: 'DELETE FROM results WHERE id = ?',
  dropThumbnail: 'DELETE FROM thumbnails WHERE image = ?',
  dropImage: 'DELETE FROM images WHERE id = ?',
  dropProjection: 'DELETE FROM projections WHERE detector = ?',
  dropDetector: 'DELETE FROM detectors WHERE id = ?',
} as const;
