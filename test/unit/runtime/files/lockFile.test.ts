import assert from 'node:assert/strict';
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { locked } from '../../../../src/runtime/files/lockFile.ts';
import { scratch } from '../../services/labels/support.ts';

const pid = process.pid;
const cases: [string, string, number, boolean][] = [
  ['a process of this machine that is gone', `2147483646 ${hostname()} x`, 0, true],
  ['a process number that lives again', `${pid} ${hostname()} x`, 60, true],
  ['a living process, just now', `${pid} ${hostname()} x`, 0, false],
  ['another machine, long ago', '1 elsewhere x', 60, true],
  ['another machine, just now', '1 elsewhere x', 0, false],
];
for (const [what, owner, ageS, free] of cases)
  test(`a lock of ${what} is ${free ? 'taken over' : 'respected'}`, async () => {
    const file = `${scratch()}/labels.jsonl`;
    writeFileSync(`${file}.lock`, `${owner}\n`);
    const made = Date.now() / 1000 - ageS;
    utimesSync(`${file}.lock`, made, made);
    const working = locked(file, async () => 'done', free ? 10_000 : 100);
    if (free) assert.equal(await working, 'done');
    else await assert.rejects(working, /held by process/);
    assert.equal(existsSync(`${file}.lock`), !free);
  });
