import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { extensionManifest } from '../../../scripts/manifest.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const json = (name: string) => JSON.parse(readFileSync(path.join(root, name), 'utf8')) as Record<string, unknown>;

test('package.json and package.nls.json are as scripts/manifest.ts writes them (npx tsx scripts/manifest.ts)', () => {
  const { fields, texts } = extensionManifest();
  const written = json('package.json');
  for (const [key, value] of Object.entries(fields)) {
    assert.deepEqual(written[key], JSON.parse(JSON.stringify(value)), key);
  }
  assert.deepEqual(json('package.nls.json'), texts);
});

test('every text that the manifest refers to exists, and every text is referred to', () => {
  const { fields, texts } = extensionManifest();
  const used = [...JSON.stringify(fields).matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]);
  assert.deepEqual([...new Set(used)].sort(), Object.keys(texts).sort());
});
