import type { FloatMap } from '../../maps/floatMap.ts';
import { gridSize } from '../../nferd/detectorModel.ts';
import type { DetectorSummary } from '../../protocol/engine.ts';

/** Stored values as the map they are: on the grid that the detector sums its maps on. */
export const asGrid = (data: Float32Array, { input }: Pick<DetectorSummary, 'input'>): FloatMap => ({
  ...gridSize({ inputSize: [input.height, input.width] }),
  data,
});
