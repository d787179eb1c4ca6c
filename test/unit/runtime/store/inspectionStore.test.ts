import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { DatabaseSync } from '@photostructure/sqlite';
import { migration } from '../../../../src/runtime/store/inspectionSchema.ts';
import { openInspectionStore, storeFileOf } from '../../../../src/runtime/store/inspectionStore.ts';
import type { InspectionStore, StoredLook } from '../../../../src/services/ports/inspectPorts.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'nferd-store-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => path.join(folder, name, 'inspections.sqlite');

const look = (name: string, hash: string, score: number): StoredLook => ({
  path: name,
  stamp: { size: 10, modifiedMs: 5.5 },
  hash,
  thumbnail: Uint8Array.of(1, 2, 3),
  result: { score, peak: 2 * score, grid: Float32Array.of(score, 0, 0, 1), embedding: Float32Array.of(1, score) },
});

test('what is written is read again, by another connection as well', () => {
  const [one, two] = [openInspectionStore(at('two')), openInspectionStore(at('two'))];
  const before = two.revision();
  one.write('v1', [look('ärger/傷.png', 'a', 0.5), look('copy.png', 'a', 0.5), { path: 'bad.png', failure: 'is bad' }]);
  assert.notEqual(two.revision(), before);
  two.write('v2', [look('copy.png', 'a', 7)]);
  const found = two.files('v1');
  assert.deepEqual([...found.paths].sort(), ['bad.png', 'copy.png', 'ärger/傷.png']);
  const row = found.paths.indexOf('ärger/傷.png');
  assert.deepEqual([found.score[row], found.peak[row], found.size[row], found.modifiedMs[row]], [0.5, 1, 10, 5.5]);
  assert.deepEqual([...found.failures], [[found.paths.indexOf('bad.png'), 'is bad']]);
  assert.deepEqual([...two.grid('copy.png', 'v1')!], [0.5, 0, 0, 1]);
  assert.deepEqual([...one.grid('copy.png', 'v2')!], [7, 0, 0, 1]);
  assert.deepEqual([...two.thumbnail('copy.png')!], [1, 2, 3]);
  assert.equal(two.grid('bad.png', 'v1'), undefined);
  assert.deepEqual(one.known('a', 'v1'), { thumbnail: true, result: true });
  assert.deepEqual(one.known('b', 'v1'), { thumbnail: false, result: false });
  assert.deepEqual(one.known('a', 'v3'), { thumbnail: true, result: false });
  const seen: [string, number[]][] = [];
  one.embeddings('v2', (name, values) => seen.push([name, [...values]]));
  assert.deepEqual(seen.sort(), [['copy.png', [1, 7]], ['ärger/傷.png', [1, 7]]]); // prettier-ignore
  one.keepFiles(['copy.png']);
  assert.deepEqual(two.files('v1').paths, ['copy.png']);
  const plane = { key: 'k', x: Float32Array.of(1), y: Float32Array.of(2) };
  one.saveProjection('v1', plane);
  assert.deepEqual(two.projection('v1'), plane);
  one.close();
  two.close();
});

test('a second window waits for the transaction of the first, and a torn one is undone', () => {
  const file = at('torn');
  const store = openInspectionStore(file);
  store.write('v1', [look('a.png', 'a', 1)]);
  // What a killed process leaves: a transaction that never ended.
  const killed = new DatabaseSync(file);
  killed.exec("BEGIN IMMEDIATE; DELETE FROM files; INSERT INTO files (path) VALUES ('half')");
  assert.deepEqual(store.files('v1').paths, ['a.png']);
  killed.close();
  store.write('v1', [look('b.png', 'b', 2)]);
  assert.deepEqual([...store.files('v1').paths].sort(), ['a.png', 'b.png']);
  store.close();
});

test('a damaged database is put aside, a newer one refused', () => {
  const file = at('damaged');
  openInspectionStore(file).close();
  writeFileSync(file, 'this is no database, but long enough to be looked at as one '.repeat(100));
  const store = openInspectionStore(file);
  assert.match(store.notes[0]!, /damaged\. It was renamed/);
  assert.ok(existsSync(`${file}.damaged`));
  assert.deepEqual(store.files('v').paths, []);
  store.close();
  const newer = new DatabaseSync(file);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  assert.throws(() => openInspectionStore(file), /inspections\.sqlite: made by a newer version of NFERD\. Update/);
});

const pruned = (store: InspectionStore, gone: readonly string[] = []): void => {
  while (store.prune(gone));
};
/** Rows of each table that could grow. */
const rowsIn = (file: string): Record<string, number> => {
  const database = new DatabaseSync(file);
  const tables = ['images', 'thumbnails', 'detectors', 'results', 'grids', 'embeddings', 'projections'];
  const counts = tables.map(
    (table) => [table, database.prepare(`SELECT count(*) AS n FROM ${table}`).get()!['n'] as number] as const,
  );
  database.close();
  return Object.fromEntries(counts);
};

test('the results of the four detectors used last stay, and none of a detector that is gone', () => {
  const file = at('detectors');
  let now = 0;
  const store = openInspectionStore(file, () => now++);
  // More than one transaction drops.
  const looks = Array.from({ length: 1200 }, (_, i) => look(`${i}.png`, `${i}`, i));
  for (const version of ['v1', 'v2', 'v3', 'v4', 'v5', 'v6']) store.write(version, looks);
  store.saveProjection('v2', { key: 'k', x: Float32Array.of(1), y: Float32Array.of(2) });
  store.place('v1', '/detectors/one', true);
  pruned(store);
  assert.deepEqual(store.detectors(), [
    { version: 'v1', folder: '/detectors/one' },
    ...['v6', 'v5', 'v4'].map((version) => ({ version, folder: undefined })),
  ]);
  assert.equal(store.grid('7.png', 'v3'), undefined);
  assert.deepEqual([...store.grid('7.png', 'v4')!], [7, 0, 0, 1]);
  pruned(store, ['v5', 'unknown']);
  assert.deepEqual(
    store.detectors().map(({ version }) => version),
    ['v1', 'v6', 'v4'],
  );
  assert.deepEqual(rowsIn(file), {
    images: 1200,
    thumbnails: 1200,
    detectors: 3,
    results: 3600,
    grids: 3600,
    embeddings: 3600,
    projections: 0,
  });
  store.close();
});

test('what no file has had for a week is forgotten, what comes back before is not', () => {
  const file = at('gone');
  let now = 0;
  const day = 24 * 60 * 60 * 1000;
  const store = openInspectionStore(file, () => now);
  store.write('v1', [
    look('a.png', 'a', 1),
    look('b.png', 'b', 2),
    look('copy of b.png', 'b', 2),
    look('c.png', 'c', 3),
  ]);
  const after = (days: number, ...paths: string[]): string[] => {
    now = days * day;
    store.write(
      'v1',
      paths.map((path) => ({ path, hash: path.at(-5)! })),
    );
    store.keepFiles(paths);
    pruned(store);
    return ['a', 'b', 'c'].filter((hash) => store.known(hash, 'v1').result);
  };
  assert.deepEqual(after(0, 'copy of b.png'), ['a', 'b', 'c']);
  assert.deepEqual(after(6, 'copy of b.png', 'c.png'), ['a', 'b', 'c']);
  assert.deepEqual(after(8, 'copy of b.png'), ['b', 'c']);
  assert.deepEqual(after(14, 'copy of b.png'), ['b', 'c']);
  assert.deepEqual(after(16, 'copy of b.png'), ['b']);
  assert.deepEqual(rowsIn(file), {
    images: 1,
    thumbnails: 1,
    detectors: 1,
    results: 1,
    grids: 1,
    embeddings: 1,
    projections: 0,
  });
  store.close();
});

test('a database of the first version keeps what it has', () => {
  const file = at('first');
  mkdirSync(path.dirname(file), { recursive: true });
  const first = new DatabaseSync(file);
  const [schema = ''] = migration(0).split('ALTER TABLE');
  first.exec(
    `${schema}; PRAGMA user_version = 1; INSERT INTO images (hash) VALUES ('a'); INSERT INTO ` +
      `detectors (version) VALUES ('v1');
    INSERT INTO results (detector, image, score, peak) VALUES (1, 1, 0.5, 1)`,
  );
  first.close();
  const store = openInspectionStore(file);
  assert.deepEqual(store.known('a', 'v1'), { thumbnail: false, result: true });
  pruned(store);
  assert.deepEqual(store.known('a', 'v1').result, true);
  store.close();
  openInspectionStore(file).close();
});

test('a folder that cannot be written has its results elsewhere', () => {
  assert.equal(storeFileOf(folder), path.join(folder, '.nferd/inspections.sqlite'));
  // A file where the folder should be: nothing can be written below, not even by root.
  writeFileSync(path.join(folder, 'file'), '');
  const elsewhere = storeFileOf(path.join(folder, 'file'), '/data');
  assert.match(elsewhere, /^\/data\/[0-9a-f]{16}\.sqlite$/);
});
