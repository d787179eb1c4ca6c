import { Graph } from '../graph/graph.ts';
import { encodeModel } from '../graph/model.ts';
import { calibrated, combineMaps, outputMap } from './anomalyMap.ts';
import { inputShape, isMasked, type DetectorConfig } from './config.ts';
import { gridSize, type TrainedView } from './detectorModel.ts';
import { saysSomething } from './looked.ts';
import { stagesOf } from './stages.ts';

/**
 * The end of detectorModel as a model of its own: `bank_map/STAGE` and `student_map/STAGE` [N, 1,
 * h, w] as they are before they are calibrated, and `looked` [N, 1, H/4, W/4] where it has that →
 * `anomaly_map` [N, 1, H, W], `peak` and `score` [N] of the calibrated detector.
 */
export function sumModel(config: DetectorConfig, scales: readonly NonNullable<TrainedView['scales']>[]): Uint8Array {
  const graph = new Graph('nferd sum');
  const { map, bank, views } = config;
  const grid = gridSize(config);
  const masked = isMasked(config);
  const looked = masked ? graph.input('looked', 'float32', ['N', 1, grid.height, grid.width]) : undefined;
  // As detectorModel has them: view by view, the banks first.
  const parts = views.flatMap((_, view) =>
    (['bank', 'student'] as const).flatMap((kind) =>
      stagesOf(config)
        .filter((stage) => stage.view === view)
        .flatMap(({ name, stage, rows, columns }) => {
          const scale = scales[view]![kind]?.[stage];
          const weight = (kind === 'bank' ? map.bankWeights : map.studentWeights)[stage]!;
          if (!scale) return [];
          const positions = kind === 'bank' ? 1 : bank.cells[stage]!;
          const raw = graph.input(`${kind}_map/${name}`, 'float32', ['N', 1, rows * positions, columns * positions]);
          const part = { map: calibrated(raw, scale, map.borderWeight, masked), view, weight };
          return [{ ...part, looked: masked ? saysSomething(raw) : undefined }];
        }),
    ),
  );
  outputMap(combineMaps(parts, grid, map, looked), inputShape(config), map.scoreShare, looked);
  return encodeModel(graph);
}
