import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../src/dataset/rng.ts';
import { candidatesOf, select, type Bank } from '../../../src/nferd/bank.ts';
import { kCentreCoreset, type NearestDistances } from '../../../src/nferd/coreset.ts';
import { buildBanks } from '../../../src/services/buildBanks.ts';
import type { Features } from '../../../src/services/features.ts';
import { instant, ports, watch } from './support.ts';

const channels = 3;
const images = ['a', 'b', 'c', 'd', 'e', 'f'];
const config = {
  ...instant,
  views: [1],
  bank: { ...instant.bank, entries: [40, 20, 20], cells: [1, 1, 1], candidates: 5000 },
} as const;
const rng = createRng(3);
const maps = [16, 8, 4].map((side) =>
  images.map(() => Float32Array.from({ length: channels * side * side }, () => 2 + rng.normal())),
);
const features: Features = { images, maps: [maps], failures: [], executionProvider: 'cpu' };

/** One row after the other. */
const distances: NearestDistances = (rows, centres) => {
  const { data } = rows;
  const nearest = new Float32Array(data.length / channels).fill(Infinity);
  for (let row = 0; row < nearest.length; row++)
    for (let at = 0; at < centres.data.length; at += channels) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += (data[row * channels + c]! - centres.data[at + c]!) ** 2;
      nearest[row] = Math.min(nearest[row]!, sum);
    }
  return Promise.resolve(nearest);
};

/** All positions of a stage, standardised, and the greedy choice among them, by plain loops. */
async function expected(stage: number): Promise<Bank> {
  const side = 16 >> stage;
  const area = side * side;
  const all = images.flatMap((_, image) =>
    Array.from({ length: area }, (_, cell) => ({ image, row: Math.floor(cell / side), column: cell % side })),
  );
  const data = new Float32Array(all.length * channels);
  for (let c = 0; c < channels; c++) {
    const values = all.map(({ image, row, column }) => maps[stage]![image]![c * area + row * side + column]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const deviation = Math.sqrt(variance);
    values.forEach((value, at) => (data[at * channels + c] = (value - mean) / deviation));
  }
  const candidates = candidatesOf(
    { data, channels },
    {
      image: Uint32Array.from(all, ({ image }) => image),
      row: Uint16Array.from(all, ({ row }) => row),
      column: Uint16Array.from(all, ({ column }) => column),
    },
  );
  const count = config.bank.entries[stage]!;
  return select(candidates, await kCentreCoreset(candidates.features, { count, distances }));
}

test('banks are the greedy choice among all positions, however many pass through the session at once', async () => {
  const [view] = await buildBanks(features, [channels, channels, channels], config, 1, ports, watch);
  for (const [stage, bank] of view!.banks.entries()) {
    const wanted = await expected(stage);
    assert.deepEqual(bank.provenance, wanted.provenance, `stage ${stage}`);
    bank.features.data.forEach((value, at) => assert.ok(Math.abs(value - wanted.features.data[at]!) < 1e-4));
  }
});
