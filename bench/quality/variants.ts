import { Graph } from '../../src/graph/graph.ts';
import { encodeModel } from '../../src/graph/model.ts';
import * as ops from '../../src/graph/ops.ts';
import { rankedAupro, rankRegions } from '../../src/metrics/aupro.ts';
import { auroc, rankedAuroc } from '../../src/metrics/auroc.ts';
import { rankedAveragePrecision } from '../../src/metrics/averagePrecision.ts';
import { rankedF1Max } from '../../src/metrics/f1Max.ts';
import type { PixelSample } from '../../src/metrics/pixelSample.ts';
import { recallAtFalseAlarmRate } from '../../src/metrics/recallAtFalseAlarmRate.ts';
import { combineMaps, imageScore } from '../../src/nferd/anomalyMap.ts';
import { inputShape } from '../../src/nferd/config.ts';
import { gridSize } from '../../src/nferd/detectorModel.ts';
import { stagesOf } from '../../src/nferd/stages.ts';
import type { LoadedDetector } from '../../src/services/detect/openDetector.ts';
import type { EnginePorts } from '../../src/services/ports/enginePorts.ts';
import { readDataset } from '../../src/services/dataset/readDataset.ts';
import { metricSide } from '../../src/services/evaluate/evaluate.ts';
import { imageInput } from '../../src/services/detect/imageInput.ts';
import { testItems } from '../../src/services/evaluate/testItems.ts';

/** By the names of `nferd evaluate --json`, which means the same by them. */
export const qualities = [
  'imageAuroc',
  'recallAt5',
  'pixelAuroc',
  'aupro',
  'aupro05',
  'pixelAp',
  'pixelF1Max',
] as const;
export type Quality = Readonly<Record<(typeof qualities)[number], number>>;

/** Weights of the bank's and of the student's maps at strides 4, 8, 16. */
export interface Variant {
  readonly bank: readonly number[];
  readonly student: readonly number[];
}

/** The detector's calibrated maps summed with other weights, by the product's own functions. */
function combineModel({ detector }: LoadedDetector, { bank, student }: Variant): Uint8Array {
  const { config } = detector.record;
  const graph = new Graph('variant');
  const maps = stagesOf(config).flatMap(({ name, view, stage, rows, columns }) => {
    const weigh = (kind: string, positions: number, weight: number) =>
      weight > 0
        ? [
            {
              map: graph.input(`${kind}_map/${name}`, 'float32', ['N', 1, rows * positions, columns * positions]),
              view,
              weight,
            },
          ]
        : [];
    return [...weigh('bank', 1, bank[stage]!), ...weigh('student', config.bank.cells[stage]!, student[stage]!)];
  });
  const map = combineMaps(maps, gridSize(config), config.map);
  graph.output('anomaly_map', ops.resize(map, [metricSide, metricSide], 'linear'));
  graph.output('score', imageScore(map, config.map.scoreShare));
  return encodeModel(graph);
}

/** Measures each variant of one detector on a folder's test images; pixel metrics at 256×256. */
export async function measure(
  folder: string,
  loaded: LoadedDetector,
  variants: Readonly<Record<string, Variant>>,
  ports: EnginePorts,
): Promise<Record<string, Quality>> {
  const items = testItems(await readDataset(folder, ports));
  const side = { width: metricSide, height: metricSide };
  const size = inputShape(loaded.detector.record.config);
  const names = Object.keys(variants);
  const sessions = await Promise.all(
    names.map((name) => ports.openSession(combineModel(loaded, variants[name]!), ports.compute)),
  );
  const scores = names.map(() => new Float32Array(items.length));
  const samples: PixelSample[][] = names.map(() => []);
  const labels = Uint8Array.from(items, ({ label }) => +(label === 'anomalous'));
  const maps = loaded.session.outputNames.filter((name) => name.includes('_map/'));
  for (const [i, item] of items.entries()) {
    const image = imageInput([await ports.images.readImage(`${folder}/${item.path}`, size)]);
    const mask = item.maskPath ? await ports.images.readMask(`${folder}/${item.maskPath}`, side) : undefined;
    const found = await loaded.session.run({ image }, maps);
    for (const [v, session] of sessions.entries()) {
      const wanted = Object.fromEntries(
        Object.entries(found).filter(([name]) => variantReads(variants[names[v]!]!, name)),
      );
      const result = await session.run(wanted);
      scores[v]![i] = (result['score']!.data as Float32Array)[0]!;
      samples[v]!.push({ map: result['anomaly_map']!.data as Float32Array, mask: mask?.data, ...side });
    }
  }
  await Promise.all(sessions.map((session) => session.release()));
  return Object.fromEntries(names.map((name, v) => [name, qualityOf(scores[v]!, labels, samples[v]!)] as const));
}

function qualityOf(scores: Float32Array, labels: Uint8Array, samples: readonly PixelSample[]): Quality {
  const pixels = rankRegions(samples);
  return {
    imageAuroc: auroc(scores, labels),
    recallAt5: recallAtFalseAlarmRate(scores, labels, 0.05),
    pixelAuroc: rankedAuroc(pixels.ranking),
    aupro: rankedAupro(pixels),
    aupro05: rankedAupro(pixels, 0.05),
    pixelAp: rankedAveragePrecision(pixels.ranking),
    pixelF1Max: rankedF1Max(pixels.ranking).f1,
  };
}

/** Map names end in `stride4`, `stride8` or `stride16` times the view's factor's view size. */
function variantReads({ bank, student }: Variant, name: string): boolean {
  const stage = [4, 8, 16].indexOf(Number(/stride(\d+)$/.exec(name)?.[1]));
  return (name.startsWith('bank_map/') ? bank : student)[stage]! > 0;
}
