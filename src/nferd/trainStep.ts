import { adam } from '../graph/adam.ts';
import { gradients } from '../graph/gradients.ts';
import { Graph, type GraphOptions, type Value } from '../graph/graph.ts';
import { encodeModel } from '../graph/model.ts';
import * as ops from '../graph/ops.ts';
import { packedLength, unpack } from '../graph/parameters.ts';
import { isMasked, type DetectorConfig, type Size, type StudentConfig } from './config.ts';
import { readBanks, spread, standardised, type TrainedView } from './detectorModel.ts';
import { flattenedLoss } from './loss.ts';
import { student, studentShapes } from './student.ts';
import type { Triple } from './teacher/spec.ts';

/**
 * The state of the optimiser: vectors [packedLength of studentShapes], fed as `theta` … and
 * returned as `theta'` ….
 */
export const stateNames = ['theta', 'm', 'v', 'ema'] as const;
export type StateName = (typeof stateNames)[number];

/** [height, width] of a view's maps at strides 4, 8, 16, in cells of `cell` positions. */
export const mapShape = ({ width, height }: Size, at: number, cell = 1): [number, number] => {
  const px = (4 << at) * cell;
  return [height / px, width / px];
};

export interface StepOptions extends GraphOptions {
  readonly config: DetectorConfig;
  readonly student: StudentConfig;
  /** Of the view's input in pixels. */
  readonly size: Size;
  readonly view: TrainedView;
  readonly batch: number | 'N';
}

const inputs = (graph: Graph, { size, view, batch }: StepOptions): Triple<Value> => {
  const map = (at: number): Value =>
    graph.input(`map${at}`, 'float32', [batch, view.statistics[at]!.mean.length, ...mapShape(size, at)]);
  return [map(0), map(1), map(2)];
};

/**
 * `map0` … `map2` (the teacher's maps as they are) and `self` [N] → `retrieved0` …: the banks'
 * answers, on their cells, without the image's own entries.
 */
export function retrievalModel(options: StepOptions): Uint8Array {
  const graph = new Graph('nferd retrieval');
  const maps = standardised(inputs(graph, options), options.view.statistics);
  const self = graph.input('self', 'int64', [options.batch]);
  readBanks(maps, options.view, options.config, self).forEach((read, at) =>
    graph.output(`retrieved${at}`, read.retrieved),
  );
  return encodeModel(graph);
}

/**
 * One training step as a model: `map0` … `map2`, `retrieved0` … `retrieved2` (from retrievalModel),
 * `looked0` … `looked2` [N, 1, h, w] where the configuration has what isn't looked at, the state,
 * `learningRate` and `step` (scalars, the first is 1) → the state renewed (`theta'` …), `loss`,
 * `norm` of the gradient before clipping.
 */
export function trainStepModel(options: StepOptions): Uint8Array {
  const { config, view, batch } = options;
  const graph = new Graph('nferd training step', options);
  const raw = inputs(graph, options);
  const maps = standardised(raw, view.statistics);
  const retrieved = maps.map((map, at) => {
    const cells = mapShape(options.size, at, config.bank.cells[at]!);
    return spread(graph.input(`retrieved${at}`, 'float32', [batch, map.shape[1]!, ...cells]), map);
  });
  const shapes = studentShapes(channelsOf(view), options.student);
  const vector = [packedLength(shapes)];
  const [theta, m, v, ema] = stateNames.map((name) => graph.input(name, 'float32', vector));
  const learningRate = graph.input('learningRate', 'float32', []);
  const step = graph.input('step', 'float32', []);
  const rebuilt = student(maps, [retrieved[0]!, retrieved[1]!, retrieved[2]!], unpack(theta!, shapes), options.student);
  const looked = (at: number): Value | undefined =>
    isMasked(config) ? graph.input(`looked${at}`, 'float32', [batch, 1, ...mapShape(options.size, at)]) : undefined;
  const loss = rebuilt
    .map(({ map }, at) => flattenedLoss(maps[at]!, map, looked(at)))
    .reduce((sum, term) => ops.add(sum, term));
  const next = adam({ clipNorm: 1, emaDecay: 0.99 }).update({
    parameters: [theta!],
    gradients: gradients(graph, loss, [theta!]),
    m: [m!],
    v: [v!],
    ema: [ema!],
    learningRate,
    step,
  });
  const renewed = { theta: next.parameters[0]!, m: next.m[0]!, v: next.v[0]!, ema: next.ema[0]! };
  for (const name of stateNames) graph.output(`${name}'`, renewed[name]);
  graph.output('loss', loss);
  graph.output('norm', next.norm);
  return encodeModel(graph);
}

/** Channels of the teacher's maps. */
export const channelsOf = ({ statistics }: TrainedView): Triple<number> => [
  statistics[0].mean.length,
  statistics[1].mean.length,
  statistics[2].mean.length,
];
