import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { DatabaseSync } from '@photostructure/sqlite';
import { openInspectionStore, storeFileOf } from '../../../src/runtime/inspectionStore.ts';
import type { StoredLook } from '../../../src/services/inspectPorts.ts';

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

test('a folder that cannot be written has its results elsewhere', () => {
  assert.equal(storeFileOf(folder), path.join(folder, '.nferd/inspections.sqlite'));
  // A file where the folder should be: nothing can be written below, not even by root.
  writeFileSync(path.join(folder, 'file'), '');
  const elsewhere = storeFileOf(path.join(folder, 'file'), '/data');
  assert.match(elsewhere, /^\/data\/[0-9a-f]{16}\.sqlite$/);
});
