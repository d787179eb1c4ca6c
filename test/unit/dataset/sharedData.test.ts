import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Dataset } from '../../../src/dataset/dataset.ts';
import { normalTrainingItems } from '../../../src/dataset/normalTrainingItems.ts';
import { recogniseDataset } from '../../../src/dataset/recogniseDataset.ts';

const shared = path.resolve(import.meta.dirname, '../../../../shared/data');

interface Expected {
  readonly layout: string;
  readonly train: number;
  readonly testNormal: number;
  readonly perDefect: Record<string, number>;
}

const sets: Record<string, Expected> = {
  mvtec_screw: {
    layout: 'mvtec-ad',
    train: 320,
    testNormal: 41,
    perDefect: { manipulated_front: 13, scratch_head: 13, scratch_neck: 13, thread_side: 13, thread_top: 13 },
  },
  magnetic_tile: {
    layout: 'mvtec-ad',
    train: 300,
    testNormal: 60,
    perDefect: { blowhole: 30, break: 30, crack: 25, fray: 16, uneven: 30 },
  },
  kolektorsdd: { layout: 'mvtec-ad', train: 150, testNormal: 60, perDefect: { defect: 40 } },
};

function list(name: string): string[] {
  const root = path.join(shared, name);
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll(path.sep, '/'));
}

function perDefect({ items }: Dataset): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { defectType } of items) if (defectType) counts[defectType] = (counts[defectType] ?? 0) + 1;
  return counts;
}

for (const [name, expected] of Object.entries(sets)) {
  test(`shared data: ${name}`, { skip: !existsSync(path.join(shared, name)) && `${name} is not here` }, () => {
    const dataset = recogniseDataset(list(name), name);
    assert.deepEqual(
      {
        layout: dataset.layout,
        train: normalTrainingItems(dataset).length,
        testNormal: dataset.items.filter((item) => item.split === 'test' && item.label === 'normal').length,
        perDefect: perDefect(dataset),
      },
      expected,
    );
    assert.deepEqual(dataset.notes, [], 'every anomalous image has its mask');
  });
}

const original = 'kolektorsdd_original_layout';
test(
  `shared data: ${original}`,
  { skip: !existsSync(path.join(shared, original)) && `${original} is not here` },
  () => {
    const dataset = recogniseDataset(list(original));
    assert.equal(dataset.layout, 'kolektorsdd');
    assert.equal(dataset.items.length, 24);
    assert.ok(dataset.items.every((item) => item.maskDecidesLabel && item.maskPath));
  },
);
