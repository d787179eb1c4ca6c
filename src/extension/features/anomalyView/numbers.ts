import { jsonText } from '../../../common/jsonText.ts';
import { anomalyMapOf } from '../../../maps/enlarge.ts';
import type { FloatMap } from '../../../maps/floatMap.ts';
import type { Detection } from '../../../protocol/engine.ts';
import type { EffectiveThresholds } from '../../../verdict/thresholds.ts';

const rounded = (value: number): number => Number(value.toPrecision(6));
const rows = ({ data, width, height }: FloatMap): number[][] =>
  Array.from({ length: height }, (_, y) => Array.from(data.subarray(y * width, (y + 1) * width), rounded));

/** Every number behind a view, as JSON with one line for each row of a map. */
export function numbersText(detection: Detection, thresholds: EffectiveThresholds): string {
  const { anomalyGrid: _, stages, score, ...rest } = detection;
  const anomalyMap = anomalyMapOf(detection);
  const all = {
    ...rest,
    score,
    thresholds,
    anomalyMap: { width: anomalyMap.width, height: anomalyMap.height, rows: rows(anomalyMap) },
    stages: stages.map(({ anomalyMap: map, spatialAttention, channelAttention, ...stage }) => ({
      ...stage,
      anomalyMap: { width: map.width, height: map.height, rows: rows(map) },
      ...(spatialAttention && { spatialAttention: { rows: rows(spatialAttention) } }),
      ...(channelAttention && { channelAttention: Array.from(channelAttention, rounded) }),
    })),
  };
  return jsonText(all);
}
