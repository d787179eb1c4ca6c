import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { examine, markdown, plainText, type Machine } from '../../../../src/services/doctor/doctor.ts';
import { ports, scratch } from '../support.ts';

const models = path.resolve(import.meta.dirname, '../../../../models');
const machine: Machine = {
  versions: { nferd: '1.2.3', node: '22' },
  platform: 'linux-x64',
  processor: 'Abacus',
  cores: 2,
  freeBytes: 2 ** 30,
  totalBytes: 2 ** 31,
  residentBytes: 2 ** 29,
  bundledProviders: ['cpu'],
};

test('what works and how fast, for a terminal and for an editor', async () => {
  const user = scratch();
  const { sections, works } = await examine(machine, { shipped: models, user }, ports, () => performance.now());
  assert.ok(works);
  const text = plainText(sections);
  assert.match(
    text,
    /^Versions\n {2}nferd 1\.2\.3\n {2}node 22\n {2}linux-x64\nMachine\n {2}2 × Abacus\n {2}1\.0 GiB of 2\.0 GiB/,
  );
  assert.match(text, /\n {2}cpu +works\n/);
  assert.match(text, /\n {2}directml +no: \S/);
  assert.match(text, /efficientnet-lite0 on cpu: loads in \d+ ms, one 256 px image takes [\d.]+ ms/);
  assert.match(text, /efficientnet-lite0 \(shipped\)/);
  assert.match(
    markdown(sections),
    /^## Versions\n- nferd 1\.2\.3\n[^]*\n\n## Teachers\n- efficientnet-lite0 \(shipped\)/,
  );
});

test('a teacher that is missing is said, and does not hide the rest', async () => {
  const empty = scratch();
  const { sections, works } = await examine(machine, { shipped: empty, user: empty }, ports, () => performance.now());
  assert.equal(works, false);
  assert.match(
    plainText(sections),
    /Speed\n {2}failed: teacher "efficientnet-lite0" is not installed\. Available: none/,
  );
});
