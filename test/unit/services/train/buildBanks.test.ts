import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../../src/dataset/rng.ts';
import { candidatesOf, select, type Bank } from '../../../../src/nferd/bank.ts';
import { kCentreCoreset, type NearestDistances } from '../../../../src/nferd/coreset.ts';
import type { Progress } from '../../../../src/protocol/engine.ts';
import { allOf, buildBanks } from '../../../../src/services/train/buildBanks.ts';
import type { BankThreads } from '../../../../src/services/ports/bankPorts.ts';
import { chooseBank } from '../../../../src/services/train/chooseBank.ts';
import type { Features } from '../../../../src/services/train/features.ts';
import { Cancelled } from '../../../../src/services/ports/progress.ts';
import { instant, ports, stoppedAt, watch } from '../support.ts';

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

/**
 * All positions of a stage that count, standardised, and the greedy choice among them, by plain
 * loops.
 */
async function expected(stage: number, counts: (column: number) => boolean = () => true): Promise<Bank> {
  const side = 16 >> stage;
  const area = side * side;
  const all = images.flatMap((_, image) =>
    Array.from({ length: area }, (_, cell) => ({ image, row: Math.floor(cell / side), column: cell % side })).filter(
      ({ column }) => counts(column / side),
    ),
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

const triple = [channels, channels, channels] as const;

test('banks are the greedy choice among all positions, however many pass through the session at once', async () => {
  const banks = buildBanks(features, triple, config, 1, ports, watch);
  const { banks: found } = await banks.view(0);
  await banks.end();
  for (const [stage, bank] of found.entries()) {
    const wanted = await expected(stage);
    assert.deepEqual(bank.provenance, wanted.provenance, `stage ${stage}`);
    bank.features.data.forEach((value, at) => assert.ok(Math.abs(value - wanted.features.data[at]!) < 1e-4));
  }
});

test('positions that do not count are in no statistics and no bank', async () => {
  const looked = [16, 8, 4].map((side) =>
    images.map(() => Float32Array.from({ length: side * side }, (_, at) => +(at % side < side / 2))),
  );
  const few = { ...config, bank: { ...config.bank, entries: [20, 10, 10] } } as const;
  const banks = buildBanks({ ...features, looked: [looked] }, triple, few, 1, ports, watch);
  const { banks: found } = await banks.view(0);
  await banks.end();
  for (const [stage, bank] of found.entries()) {
    const { features: rows, provenance } = await expected(stage, (place) => place < 0.5);
    const count = few.bank.entries[stage]!;
    assert.deepEqual([...bank.provenance.column], [...provenance.column.slice(0, count)], `stage ${stage}`);
    bank.features.data.forEach((value, at) => assert.ok(Math.abs(value - rows.data[at]!) < 1e-4));
  }
});

/** Nine images, enough for threads; three views of noise. */
const wide = { ...config, views: [1, 2, 4], inputSize: 128 } as const;
const many: Features = {
  ...features,
  images: Array.from({ length: 9 }, (_, i) => `${i}`),
  maps: wide.views.map((factor) =>
    [4, 8, 16].map((stride) =>
      Array.from({ length: 9 }, () =>
        Float32Array.from({ length: channels * (128 / factor / stride) ** 2 }, () => rng.normal()),
      ),
    ),
  ),
};

/**
 * Chooses in this thread; counts what is under way, and lets go what `hold` says only when it
 * resolves.
 */
function counted(atOnce: number, hold: (job: number) => Promise<void> = () => Promise.resolve()) {
  const told = { most: 0, released: 0, underWay: 0, begun: 0 };
  const openBankThreads = (): BankThreads => ({
    atOnce,
    async choose(job, how) {
      told.most = Math.max(told.most, ++told.underWay);
      try {
        await hold(told.begun++);
        return await chooseBank(job, how, ports.openSession, ports.compute);
      } finally {
        told.underWay--;
      }
    },
    release: () => Promise.resolve(void told.released++),
  });
  /** When nothing is under way any more, nor waits in turn. */
  const idle = async (): Promise<void> => {
    while (told.begun < 9 || told.underWay > 0) await new Promise((next) => setImmediate(next));
  };
  return { told, idle, ports: { ...ports, openBankThreads } };
}

test('as many banks as there are threads are under way, and the same come out', async () => {
  const threads = counted(2);
  const side = buildBanks(many, triple, wide, 1, threads.ports, watch);
  const plain = buildBanks(many, triple, wide, 1, ports, watch);
  assert.deepEqual(await allOf(side, wide), await allOf(plain, wide));
  await Promise.all([side.end(), plain.end()]);
  assert.deepEqual(threads.told, { most: 2, released: 1, underWay: 0, begun: 9 });
});

test(
  'the first view is there before the others; progress is of what is asked for, and told only to ' + 'who waits',
  async () => {
    let open = (): void => undefined;
    const held = new Promise<void>((resolve) => (open = resolve));
    const threads = counted(2, (job) => (job < 3 ? Promise.resolve() : held));
    const told: Progress[] = [];
    const onProgress = (progress: Progress) => void told.push(progress);
    const banks = buildBanks(many, triple, wide, 1, threads.ports, { ...watch, onProgress });
    await banks.view(0);
    const sum = config.bank.entries.reduce((all: number, one) => all + one, 0);
    assert.deepEqual([told.at(-1)!.done, told.at(-1)!.total], [sum, sum]);
    const before = told.length;
    open();
    await threads.idle();
    assert.equal(told.length, before);
    await allOf(banks, wide);
    await banks.end();
  },
);

test('one bank that fails: who waits hears of it, the others are there, what waited in turn is not begun', async () => {
  const threads = counted(2, (job) => (job === 4 ? Promise.reject(new Error('broke')) : Promise.resolve()));
  const banks = buildBanks(many, triple, wide, 1, threads.ports, watch);
  await assert.rejects(banks.view(1), /broke/);
  await banks.end();
  assert.equal(threads.told.released, 1);
  assert.equal(threads.told.underWay, 0);
  assert.ok(threads.told.begun < 9, `${threads.told.begun}`);
  assert.equal((await banks.view(0)).banks.length, 3);
});

test('stopped: nothing new begins', async () => {
  const threads = counted(2);
  const stopping = stoppedAt('Building normal feature banks', 1);
  const banks = buildBanks(many, triple, wide, 1, threads.ports, stopping);
  await assert.rejects(allOf(banks, wide), Cancelled);
  await banks.end();
  assert.ok(threads.told.begun <= 2);
  assert.equal(threads.told.released, 1);
});
