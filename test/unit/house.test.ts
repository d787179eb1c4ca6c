import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cycles, edge, edges, fault, roomOf, sourceFiles } from '../../scripts/house/imports.ts';
import { rooms } from '../../scripts/house/rooms.ts';

const all = edges();

test('imports point inward and each outside world has one importer', () => {
  assert.deepEqual(all.map(fault).filter(Boolean), []);
});

test('every room of the table has files, and no file is outside of it', () => {
  const found = new Set(sourceFiles().map(roomOf));
  assert.deepEqual([...found].sort(), Object.keys(rooms).sort());
});

test('a room allows no import that none of its files needs', () => {
  const used = new Set(all.flatMap(({ file, target, ours }) => (ours ? [`${roomOf(file)} → ${roomOf(target)}`] : [])));
  const plumbing = ['worker', 'cli', 'runtime', 'extension'];
  const idle = Object.entries(rooms)
    .filter(([room]) => !plumbing.includes(room))
    .flatMap(([room, { mayImport }]) => mayImport.map((other) => `${room} → ${other}`))
    .filter((each) => !used.has(each));
  assert.deepEqual(idle, []);
});

test('no files import each other in a ring, nor do rooms', () => {
  assert.deepEqual(cycles(all), []);
  const between = Object.entries(rooms).flatMap(([room, { mayImport }]) =>
    mayImport.filter((other) => other !== room).map((target) => ({ file: room, target, ours: true })),
  );
  assert.deepEqual(cycles(between), []);
});

test('the rules see a breach', () => {
  assert.ok(fault(edge('nferd/bank.ts', '../runtime/onnx/session.ts')));
  assert.ok(fault(edge('nferd/bank.ts', 'node:fs')));
  assert.ok(fault(edge('cli/main.ts', 'onnxruntime-node')));
  assert.ok(fault(edge('services/detect/detect.ts', '../train/calibrate.ts')), 'between inner rooms');
  assert.ok(fault(edge('runtime/onnx/session.ts', '../../services/train/calibrate.ts')));
  assert.equal(fault(edge('cli/main.ts', '../services/train/trainDetector.ts')), undefined);
  const ring = [edge('a/x.ts', './y.ts'), edge('a/y.ts', './z.ts'), edge('a/z.ts', './x.ts'), edge('a/z.ts', './q.ts')];
  assert.deepEqual(
    cycles(ring).map((files) => files.sort()),
    [['a/x.ts', 'a/y.ts', 'a/z.ts']],
  );
});
