import { createRng } from '../dataset/rng.ts';
import { float32 } from '../graph/tensor.ts';
import { candidatesOf, select, type Bank, type Candidates } from '../nferd/bank.ts';
import { viewSize, type DetectorConfig } from '../nferd/config.ts';
import { kCentreCoreset, type NearestDistances } from '../nferd/coreset.ts';
import type { TrainedView } from '../nferd/detectorModel.ts';
import { distanceModel } from '../nferd/distanceModel.ts';
import { StatisticsSum, type ChannelStatistics } from '../nferd/features.ts';
import { teacherStrides, type Triple } from '../nferd/teacher/spec.ts';
import type { EnginePorts } from './enginePorts.ts';
import type { Features } from './features.ts';
import { phase, throwIfStopped, type Watch } from './progress.ts';

/** Few enough that all their distances to some hundred centres stay in the processor's cache. */
const rowsAtOnce = 1024;

/** Channel statistics and the three normal feature banks of every view. */
export async function buildBanks(
  features: Features,
  channels: Triple<number>,
  config: DetectorConfig,
  seed: number,
  ports: EnginePorts,
  watch: Watch,
): Promise<TrainedView[]> {
  const total = config.views.length * config.bank.entries.reduce((sum, count) => sum + count, 0);
  const report = phase(watch, 'Building normal feature banks', total);
  const views: TrainedView[] = [];
  let done = 0;
  for (const [v, factor] of config.views.entries()) {
    const statistics: ChannelStatistics[] = [];
    const banks: Bank[] = [];
    for (const [s, stride] of teacherStrides.entries()) {
      const maps = features.maps[v]![s]!;
      const sum = new StatisticsSum(channels[s]!);
      maps.forEach((map) => sum.add(map));
      statistics.push(sum.result());
      const side = viewSize(config, factor) / stride;
      const candidates = gather(maps, side, config.bank.cells[s]!, statistics[s]!, config.bank.candidates, seed);
      const count = config.bank.entries[s]!;
      banks.push(await coreset(candidates, count, ports, watch, (taken) => report(done + taken)));
      report((done += count));
    }
    views.push({ statistics: asTriple(statistics), banks: asTriple(banks) });
  }
  return views;
}

async function coreset(
  candidates: Candidates,
  count: number,
  ports: EnginePorts,
  watch: Watch,
  onProgress: (taken: number) => void,
): Promise<Bank> {
  const { channels, data } = candidates.features;
  const session = await ports.openSession(distanceModel(channels), ports.compute);
  const matrix = (values: Float32Array) => float32(values, [values.length / channels, channels]);
  const distances: NearestDistances = async (rows, centres) => {
    throwIfStopped(watch);
    const nearest = new Float32Array(rows.data.length / channels);
    const given = matrix(centres.data);
    for (let row = 0; row < nearest.length; row += rowsAtOnce) {
      const part = matrix(data.subarray(row * channels, (row + rowsAtOnce) * channels));
      nearest.set((await session.run({ rows: part, centres: given }))['nearest']!.data as Float32Array, row);
    }
    return nearest;
  };
  try {
    return select(candidates, await kCentreCoreset(candidates.features, { count, distances, onProgress }));
  } finally {
    await session.release();
  }
}

/** Features of a seeded choice of at most `limit` cells of all images. */
function gather(
  maps: readonly Float32Array[],
  side: number,
  cell: number,
  statistics: ChannelStatistics,
  limit: number,
  seed: number,
): Candidates {
  const grid = side / cell;
  const perImage = grid * grid;
  const all = maps.length * perImage;
  const chosen = choose(all, limit, seed);
  const channels = statistics.mean.length;
  const data = new Float32Array(chosen.length * channels);
  const image = new Uint32Array(chosen.length);
  const row = new Uint16Array(chosen.length);
  const column = new Uint16Array(chosen.length);
  for (const [at, place] of chosen.entries()) {
    image[at] = Math.floor(place / perImage);
    row[at] = Math.floor((place % perImage) / grid);
    column[at] = place % grid;
    const map = maps[image[at]!]!;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let dy = 0; dy < cell; dy++)
        for (let dx = 0; dx < cell; dx++)
          sum += map[(c * side + row[at]! * cell + dy) * side + column[at]! * cell + dx]!;
      data[at * channels + c] = (sum / (cell * cell) - statistics.mean[c]!) / statistics.deviation[c]!;
    }
  }
  return candidatesOf({ data, channels }, { image, row, column });
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
