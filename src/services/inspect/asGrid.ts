import type { FloatMap } from '../../maps/floatMap.ts';
import type { DetectorSummary } from '../../protocol/engine.ts';

/** Stored values as the map they are: a detector's grid is a quarter of its input. */
export const asGrid = (data: Float32Array, { input }: Pick<DetectorSummary, 'input'>): FloatMap => ({
  width: input.width / 4,
  height: input.height / 4,
  data,
});
