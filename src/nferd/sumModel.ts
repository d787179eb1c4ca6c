import { Graph } from '../graph/graph.ts';
import { encodeModel } from '../graph/model.ts';
import { calibrated, combineMaps, outputMap } from './anomalyMap.ts';
import { inputShape, type DetectorConfig } from './config.ts';
import { gridSize, type TrainedView } from './detectorModel.ts';
import { stagesOf } from './stages.ts';

/**
 * The end of detectorModel as a model of its own: `bank_map/STAGE` and `student_map/STAGE` [N, 1,
 * h, w] as they are before they are calibrated → `anomaly_map` [N, 1, H, W], `peak` and `score` [N]
 * of the calibrated detector.
 */
export function sumModel(config: DetectorConfig, scales: readonly NonNullable<TrainedView['scales']>[]): Uint8Array {
  const graph = new Graph('nferd sum');
  const { map, bank, views } = config;
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
          return [{ map: calibrated(raw, scale, map.borderWeight), view, weight }];
        }),
    ),
  );
  outputMap(combineMaps(parts, gridSize(config), map), inputShape(config), map.scoreShare);
  return encodeModel(graph);
}
