import { Graph, type Value } from '../graph/graph.ts';
import { inlineModel } from '../graph/inlineModel.ts';
import { encodeModel, type decodeModel } from '../graph/model.ts';
import * as ops from '../graph/ops.ts';
import type { Tensor } from '../graph/tensor.ts';
import { float32 } from '../graph/tensor.ts';
import { calibrated, combineMaps, outputMap, type MapScale, type ViewPart } from './anomalyMap.ts';
import { readBank, type Bank } from './bank.ts';
import { inputShape, isMasked, viewSize, type DetectorConfig, type Size } from './config.ts';
import { averageCells, standardise, type ChannelStatistics } from './features.ts';
import { filled, lookedAt, meanLooked, positionsOf, saysSomething, whereLooked } from './looked.ts';
import { errorMap } from './loss.ts';
import { student } from './student.ts';
import { stageNames } from './stages.ts';
import { teacherStrides, type TeacherInput, type TeacherSpec, type Triple } from './teacher/spec.ts';

/** A teacher ready to be inlined. */
export interface TeacherModel {
  readonly spec: Pick<TeacherSpec, 'input' | 'outputs'>;
  readonly model: ReturnType<typeof decodeModel>;
}

/** Everything that training found out for one view. */
export interface TrainedView {
  readonly statistics: Triple<ChannelStatistics>;
  readonly banks: Triple<Bank>;
  /** The student's weights by name; absent in instant mode. */
  readonly weights?: Readonly<Record<string, Tensor>>;
  /** Absent until calibrated: the model then returns the stages' maps as they are. */
  readonly scales?: { readonly bank: Triple<MapScale>; readonly student?: Triple<MapScale> };
}

/** The grid on which maps are summed and smoothed: the finest stage's. */
export function gridSize(config: Pick<DetectorConfig, 'inputSize'>): Size {
  const { width, height } = inputShape(config);
  return { width: width / gridPx, height: height / gridPx };
}

/** Side of a place of the grid in pixels of the input. */
const gridPx = 4;

/** The teacher's three maps of each view of `image` [N, 3, H, W] (RGB, 0 … 255). */
function teacherMaps(image: Value, teacher: TeacherModel, config: DetectorConfig): Triple<Value>[] {
  // A coarser view is the mean of the one before it where that divides it: the same mean, from
  // fewer pixels.
  const views = config.views.map((factor) => ({ factor, image }));
  return config.views.map((factor, at) => {
    viewSize(config, factor);
    const finer = views.slice(0, at).findLast((other) => factor % other.factor === 0) ?? { factor: 1, image };
    const view = factor === finer.factor ? finer.image : ops.averagePool(finer.image, factor / finer.factor);
    views[at] = { factor, image: view };
    const maps = inlineModel(image.graph, teacher.model, {
      inputs: { [teacher.spec.input.name]: normalise(view, teacher.spec.input) },
      outputs: teacher.spec.outputs.map(({ name, stride, channels }) => {
        const { width, height } = viewSize(config, factor);
        return { name, dtype: 'float32' as const, shape: [image.shape[0]!, channels, height / stride, width / stride] };
      }),
      prefix: `teacher/${factor}/`,
    });
    return [maps[0]!, maps[1]!, maps[2]!];
  });
}

function normalise(image: Value, { mean, scale }: TeacherInput): Value {
  const { graph } = image;
  const factor = graph.constant(
    float32(
      scale.map((s) => 1 / s),
      [1, 3, 1, 1],
    ),
  );
  const shift = graph.constant(
    float32(
      mean.map((m, c) => -m / scale[c]!),
      [1, 3, 1, 1],
    ),
  );
  return ops.add(ops.mul(image, factor), shift);
}

/** The image as the teacher sees it, and which positions of so many pixels a side count. */
interface Seen {
  readonly image: Value;
  /** [N, 1, H/px, W/px], 1 or 0; undefined where all of every image counts. */
  readonly looked: (px: number) => Value | undefined;
}

function imageOf(graph: Graph, config: DetectorConfig): Seen {
  const { width, height } = inputShape(config);
  const image = graph.input('image', 'float32', ['N', 3, height, width]);
  const pixels = lookedAt(image, config);
  if (!pixels) return { image, looked: () => undefined };
  const known = new Map<number, Value>();
  const looked = (px: number): Value => {
    const found = known.get(px) ?? positionsOf(pixels, px);
    known.set(px, found);
    return found;
  };
  return { image: filled(image, pixels), looked };
}

/** Of a stage's output that tells which of its positions count. */
export const lookedName = (stage: string): string => `looked/${stage}`;

/**
 * A model `image` [N, 3, H, W] → `STAGE` of each view: the teacher's maps as they are. What
 * training caches. Where the configuration has what isn't looked at, also `looked/STAGE` [N, 1, h,
 * w], 1 where a position counts, else 0.
 */
export function featureModel(teacher: TeacherModel, config: DetectorConfig): Uint8Array {
  const graph = new Graph('nferd features');
  const { image, looked } = imageOf(graph, config);
  teacherMaps(image, teacher, config).forEach((maps, view) =>
    maps.forEach((map, at) => {
      const name = stageNames(config)[view]![at]!;
      graph.output(name, map);
      const positions = looked(positionPx(config, view, at));
      if (positions) graph.output(lookedName(name), positions);
    }),
  );
  return encodeModel(graph);
}

/** Side of a map's position in pixels of the input. */
const positionPx = ({ views }: Pick<DetectorConfig, 'views'>, view: number, stage: number): number =>
  teacherStrides[stage]! * views[view]!;

/** What the banks answer for a view's standardised maps. */
export function readBanks(maps: Triple<Value>, view: TrainedView, config: DetectorConfig, self?: Value) {
  return view.banks.map((bank, at) =>
    readBank(averageCells(maps[at]!, config.bank.cells[at]!), bank, config.bank.neighbours, self),
  );
}

/** A bank's answer on its cells, repeated to the positions of `like`. */
export const spread = (retrieved: Value, like: Value): Value => {
  const [height, width] = like.shape.slice(2) as [number, number];
  return retrieved.shape[2] === height ? retrieved : ops.resize(retrieved, [height, width], 'nearest');
};

export interface DetectorModelOptions {
  /**
   * Adds the input `self` [N] int64: each image's index among the bank's images, whose own entries
   * are then not read.
   */
  readonly selfMatch?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The whole detector as one ONNX model. Input `image` [N, 3, H, W] float32, RGB, 0 … 255. Outputs:
 * `anomaly_map` [N, 1, H, W], its largest value `peak` [N], `score` [N], and per STAGE of each view
 * `bank_map/STAGE` and `student_map/STAGE` [N, 1, h, w], `nfb_index/STAGE` int64 and
 * `nfb_similarity/STAGE` [N, k, h, w], `hafm_spatial/STAGE` [N, 1, h, w], `hafm_channel/STAGE` [N,
 * C]. For whole datasets: `anomaly_grid` [N, 1, H/4, W/4], which `anomaly_map` enlarges, and
 * `embedding` [N, C], the first view's mean feature at stride 16.
 *
 * Where the configuration has what isn't looked at, that counts in none of them, and `looked` [N, 1,
 * H/4, W/4] tells where it is: 0 there, else 1. A map that is calibrated is 0 there, one that isn't
 * negative.
 */
export function detectorModel(
  teacher: TeacherModel,
  config: DetectorConfig,
  views: readonly TrainedView[],
  options: DetectorModelOptions = {},
): Uint8Array {
  const graph = new Graph('nferd detector');
  const { image, looked } = imageOf(graph, config);
  const masked = isMasked(config);
  const self = options.selfMatch ? graph.input('self', 'int64', ['N']) : undefined;
  const parts: ViewPart[] = [];
  teacherMaps(image, teacher, config).forEach((raw, at) => {
    const view = views[at]!;
    const names = stageNames(config)[at]!;
    const maps = standardised(raw, view.statistics);
    const reads = readBanks(maps, view, config, self);
    const positions = (stage: number): Value | undefined => looked(positionPx(config, at, stage));
    if (at === 0) graph.output('embedding', meanLooked(maps[2], positions(2)));
    const emit = (kind: 'bank_map' | 'student_map', stage: number, raw: Value, scale: MapScale | undefined): void => {
      const map = scale ? calibrated(raw, scale, config.map.borderWeight, masked) : raw;
      graph.output(`${kind}/${names[stage]!}`, map);
      const weight = (kind === 'bank_map' ? config.map.bankWeights : config.map.studentWeights)[stage]!;
      parts.push({ map, view: at, weight, looked: masked ? saysSomething(raw) : undefined });
    };
    reads.forEach((read, stage) => {
      const cells = looked(positionPx(config, at, stage) * config.bank.cells[stage]!);
      emit('bank_map', stage, whereLooked(read.distance, cells), view.scales?.bank[stage]);
      graph.output(`nfb_index/${names[stage]!}`, read.index);
      graph.output(`nfb_similarity/${names[stage]!}`, read.similarity);
    });
    if (!config.student || !view.weights) return;
    const rebuilt = student(maps, spreadAll(reads, maps), constants(graph, view.weights, at), config.student);
    rebuilt.forEach((fused, stage) => {
      const error = whereLooked(errorMap(maps[stage]!, fused.map), positions(stage));
      emit('student_map', stage, error, view.scales?.student?.[stage]);
      if (fused.spatial) graph.output(`hafm_spatial/${names[stage]!}`, fused.spatial);
      if (fused.channel) graph.output(`hafm_channel/${names[stage]!}`, fused.channel);
    });
  });
  const grid = looked(gridPx);
  if (grid) graph.output('looked', grid);
  const map = combineMaps(parts, gridSize(config), config.map, grid);
  graph.output('anomaly_grid', map);
  outputMap(map, inputShape(config), config.map.scoreShare, grid);
  return encodeModel(graph, { metadata: { ...options.metadata } });
}

export const standardised = (maps: Triple<Value>, statistics: Triple<ChannelStatistics>): Triple<Value> => [
  standardise(maps[0], statistics[0]),
  standardise(maps[1], statistics[1]),
  standardise(maps[2], statistics[2]),
];

const spreadAll = (reads: readonly { readonly retrieved: Value }[], maps: Triple<Value>): Triple<Value> => [
  spread(reads[0]!.retrieved, maps[0]),
  spread(reads[1]!.retrieved, maps[1]),
  spread(reads[2]!.retrieved, maps[2]),
];

const constants = (graph: Graph, weights: Readonly<Record<string, Tensor>>, view: number): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [name, graph.constant(tensor, `student/${view}/${name}`)]),
  );
