import { keepOutputs } from '../../graph/keepOutputs.ts';
import type { DetectorConfig } from '../../nferd/config.ts';
import { stagesOf } from '../../nferd/stages.ts';
import type { Triple } from '../../nferd/teacher/spec.ts';
import type { EnginePorts } from '../ports/enginePorts.ts';
import type { Session } from '../ports/sessionPort.ts';
import type { Detector } from './detectorStore.ts';

/** A detector ready to run. */
export interface LoadedDetector {
  readonly detector: Detector;
  readonly session: Session;
}

/** What a detector is opened for. */
export interface DetectorUse {
  /** All that is to be computed; without it everything the model has. */
  readonly outputs?: readonly string[];
  /** Computed as well where the model has them, which those of older detectors may not. */
  readonly further?: readonly string[];
  /** For many images. */
  readonly sideBySide?: boolean;
  /** It will not be opened so again: its optimised model needn't be kept. */
  readonly once?: boolean;
}

export const openDetector = async (
  detector: Detector,
  ports: EnginePorts,
  { outputs, further, sideBySide = false, once = false }: DetectorUse = {},
): Promise<LoadedDetector> => ({
  detector,
  session: await ports.openSession(outputs ? keepOutputs(detector.model, outputs, further) : detector.model, {
    ...ports.compute,
    cached: !once,
    sideBySide,
  }),
});

/** The detection itself. */
const coreOutputs = ['score', 'anomaly_map'];

/** What is asked of a detector about whole datasets. */
export const datasetUse: DetectorUse = { outputs: coreOutputs, further: ['peak', 'anomaly_grid', 'embedding'] };

/**
 * Score, anomaly map, and the neighbours in those banks that have a say in it: by their distance,
 * or through the student's fusion.
 */
export function explainedOutputs(config: DetectorConfig): string[] {
  const fused = config.student !== undefined && config.student.fusion !== 'none';
  const banks = stagesThatWeigh(config, fused ? [1, 1, 1] : config.map.bankWeights);
  return [...coreOutputs, ...banks.flatMap((name) => [`nfb_index/${name}`, `nfb_similarity/${name}`])];
}

/**
 * What a viewer shows of one image: beside the explanation the maps of the stages that have a say,
 * and what their fusions attend to.
 */
export function viewUse(config: DetectorConfig): DetectorUse {
  const { bankWeights, studentWeights } = config.map;
  const maps = config.student
    ? stagesThatWeigh(config, studentWeights).flatMap((name) =>
        ['student_map', 'hafm_spatial', 'hafm_channel'].map((kind) => `${kind}/${name}`),
      )
    : stagesThatWeigh(config, bankWeights).map((name) => `bank_map/${name}`);
  return { outputs: explainedOutputs(config), further: ['anomaly_grid', ...maps] };
}

/** Names of the stages whose weight in the anomaly map isn't 0. */
const stagesThatWeigh = (config: DetectorConfig, weights: Triple<number>): string[] =>
  stagesOf(config)
    .filter(({ stage, view }) => weights[stage]! > 0 && config.map.viewWeights[view]! > 0)
    .map(({ name }) => name);
