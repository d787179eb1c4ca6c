import { createRng } from '../../dataset/rng.ts';
import type { Bank } from '../../nferd/bank.ts';
import { viewSize, type DetectorConfig, type Size } from '../../nferd/config.ts';
import type { TrainedView } from '../../nferd/detectorModel.ts';
import { StatisticsSum, type ChannelStatistics } from '../../nferd/features.ts';
import { teacherStrides, type Triple } from '../../nferd/teacher/spec.ts';
import type { BankJob, ChoiceWatch } from '../ports/bankPorts.ts';
import { chooseBank } from './chooseBank.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import type { Features } from './features.ts';
import { Cancelled, phase, throwIfStopped, type Watch } from '../ports/progress.ts';
import { paysSideBySide } from '../ports/sessionPort.ts';

/** Banks that are being built. */
export interface BanksUnderWay {
  /**
   * Statistics and banks of one view, as soon as they are there. Progress, of the views asked for,
   * is told while somebody waits.
   * @throws Cancelled
   */
  view(index: number): Promise<TrainedView>;
  /** What was not begun won't be any more. Resolves when nothing is under way. */
  end(): Promise<void>;
}

/**
 * Begins to build channel statistics and the three normal feature banks of every view, the first
 * view first. Banks are chosen on the processor, as many side by side as pays; the same come out
 * either way. Whoever begins this must await its `end`.
 */
export function buildBanks(
  features: Features,
  channels: Triple<number>,
  config: DetectorConfig,
  seed: number,
  ports: EnginePorts,
  watch: Watch,
): BanksUnderWay {
  const { entries, cells, candidates: most } = config.bank;
  const chosen = config.views.map(() => [0, 0, 0]);
  const compute = { ...ports.compute, executionProvider: 'cpu' };
  const pays = paysSideBySide(features.images.length);
  const threads = pays ? ports.openBankThreads(compute, largest(channels, most)) : undefined;
  const choose = (job: BankJob, given: ChoiceWatch): Promise<Bank> =>
    threads ? threads.choose(job, given) : chooseBank(job, given, ports.openSession, compute);
  const asked = new Set<number>();
  let waiting = 0;
  let ending = false;
  let report: ReturnType<typeof phase> | undefined;
  const chosenOf = (views: Iterable<number>): number =>
    [...views].reduce((sum, v) => chosen[v]!.reduce((all, one) => all + one, sum), 0);
  const inTurn = atMost(threads?.atOnce ?? 1);
  const jobs = config.views.flatMap((factor, v) =>
    teacherStrides.map((stride, s) =>
      inTurn(async () => {
        throwIfStopped(watch);
        if (ending) throw new Cancelled();
        const maps = features.maps[v]![s]!;
        const looked = features.looked?.[v]![s];
        const statistics = statisticsOf(maps, channels[s]!, looked);
        const { width, height } = viewSize(config, factor);
        const size = { width: width / stride, height: height / stride };
        const counts = looked && cellsThatCount(looked, size, cells[s]!);
        const candidates = gather(maps, size, cells[s]!, statistics, { most, seed, counts });
        const count = entries[s]!;
        const onChosen = (taken: number): void => {
          chosen[v]![s] = taken;
          if (waiting > 0 && asked.has(v) && !watch.signal?.aborted) report?.(chosenOf(asked));
        };
        const bank = await choose({ candidates, count }, { onChosen, ...(watch.signal && { signal: watch.signal }) });
        onChosen(count);
        return { statistics, bank };
      }),
    ),
  );
  const ended = Promise.allSettled(jobs).then(() => threads?.release());
  return {
    async view(index) {
      asked.add(index);
      const total = asked.size * entries.reduce((sum, count) => sum + count, 0);
      report = phase(watch, 'Building normal feature banks', total, chosenOf(asked));
      waiting++;
      try {
        const stages = await Promise.all(jobs.slice(3 * index, 3 * index + 3));
        return {
          statistics: asTriple(stages.map(({ statistics }) => statistics)),
          banks: asTriple(stages.map(({ bank }) => bank)),
        };
      } finally {
        waiting--;
      }
    },
    end() {
      ending = true;
      return ended;
    },
  };
}

/** Every view's, in order. */
export const allOf = (banks: Pick<BanksUnderWay, 'view'>, { views }: DetectorConfig): Promise<TrainedView[]> =>
  Promise.all(views.map((_, index) => banks.view(index)));

/** Bytes of the candidates of the largest bank, as they are and whitened. */
const largest = (channels: Triple<number>, candidates: number): number => 2 * 4 * candidates * Math.max(...channels);

/** Runs what it is given in that order, `count` at once. */
function atMost(count: number) {
  let free = count;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free--;
    else await new Promise<void>((start) => waiting.push(start));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

function statisticsOf(
  maps: readonly Float32Array[],
  channels: number,
  looked?: readonly Float32Array[],
): ChannelStatistics {
  const sum = new StatisticsSum(channels);
  maps.forEach((map, image) => sum.add(map, looked?.[image]));
  return sum.result();
}

/**
 * The cells, numbered through all images, of which some position counts.
 * @param looked of each image [height, width]
 */
function cellsThatCount(looked: readonly Float32Array[], { width, height }: Size, cell: number): Uint32Array {
  const [rows, columns] = [height / cell, width / cell];
  const counts = new Uint8Array(looked.length * rows * columns);
  looked.forEach((positions, image) =>
    positions.forEach((counted, at) => {
      const row = Math.floor(Math.floor(at / width) / cell);
      const column = Math.floor((at % width) / cell);
      if (counted > 0) counts[(image * rows + row) * columns + column] = 1;
    }),
  );
  return Uint32Array.from(counts.keys()).filter((place) => counts[place]! > 0);
}

/**
 * Features of a seeded choice of at most `most` cells of all images.
 * @param counts the cells that may be chosen; absent: all
 */
function gather(
  maps: readonly Float32Array[],
  { width, height }: Size,
  cell: number,
  statistics: ChannelStatistics,
  { most, seed, counts }: { readonly most: number; readonly seed: number; readonly counts?: Uint32Array | undefined },
): BankJob['candidates'] {
  const columns = width / cell;
  const perImage = columns * (height / cell);
  const all = counts?.length ?? maps.length * perImage;
  const picked = choose(all, most, seed);
  const chosen = counts ? picked.map((at) => counts[at]!) : picked;
  const channels = statistics.mean.length;
  const data = new Float32Array(chosen.length * channels);
  const image = new Uint32Array(chosen.length);
  const row = new Uint16Array(chosen.length);
  const column = new Uint16Array(chosen.length);
  for (const [at, place] of chosen.entries()) {
    image[at] = Math.floor(place / perImage);
    row[at] = Math.floor((place % perImage) / columns);
    column[at] = place % columns;
    const map = maps[image[at]!]!;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let dy = 0; dy < cell; dy++)
        for (let dx = 0; dx < cell; dx++)
          sum += map[(c * height + row[at]! * cell + dy) * width + column[at]! * cell + dx]!;
      data[at * channels + c] = (sum / (cell * cell) - statistics.mean[c]!) / statistics.deviation[c]!;
    }
  }
  return { features: { data, channels }, provenance: { image, row, column } };
}

/** `limit` of 0 … all − 1, ascending (Floyd's sampling), or all of them. */
function choose(all: number, limit: number, seed: number): Uint32Array {
  if (all <= limit) return Uint32Array.from({ length: all }, (_, i) => i);
  const rng = createRng(seed);
  const taken = new Set<number>();
  for (let top = all - limit; top < all; top++) {
    const pick = rng.integer(top + 1);
    taken.add(taken.has(pick) ? top : pick);
  }
  return Uint32Array.from(taken).sort();
}

const asTriple = <T>(values: readonly T[]): Triple<T> => [values[0]!, values[1]!, values[2]!];
