import type { ViewerSettings } from '../../../protocol/anomalyView.ts';
import type { FloatMap, Grid } from '../../../maps/floatMap.ts';
import type { Detection, StageResult } from '../../../protocol/engine.ts';
import type { Range } from '../../model/colorMap.ts';
import { memo } from '../../model/memo.ts';
import { t } from '../../ui/l10n.ts';
import { extremes, wholeMap } from './maps.ts';

/** A map that can lie over the image. */
export interface Layer {
  readonly id: string;
  readonly kind: 'map' | 'stage' | 'attention';
  readonly name: string;
  readonly map: FloatMap;
  readonly range: Range;
  /** What its values are, for the legend. */
  readonly unit: string;
  readonly stage?: StageResult;
}

/**
 * The anomaly map, the stages' shares of it, and the attention of those that have it. Stages span
 * one range, so that they compare.
 */
export const layersOf = memo(makeLayers);

function makeLayers(detection: Detection, pixelThreshold: number, range: ViewerSettings['range']): readonly Layer[] {
  const { stages, original } = detection;
  const anomalyMap = wholeMap(detection);
  const own = extremes(anomalyMap.data);
  const whole = range === 'image' ? own : { low: 0, high: 3 * pixelThreshold || own.high || 1 };
  const highest = Math.max(...stages.map(({ anomalyMap: map }) => extremes(map.data).high));
  const stageRange = range === 'image' ? { low: 0, high: highest } : { low: 0, high: Math.max(whole.high, 1e-6) };
  return [
    { id: 'map', kind: 'map', name: t('All stages'), map: anomalyMap, range: whole, unit: t('score') },
    ...stages.map((stage, index): Layer => ({
      id: `stage:${stage.name}`,
      kind: 'stage',
      name: stageName(index, stage, original),
      map: stage.anomalyMap,
      range: stageRange,
      unit: t('score'),
      stage,
    })),
    ...stages.flatMap((stage, index): Layer[] =>
      stage.spatialAttention
        ? [
            {
              id: `attention:${stage.name}`,
              kind: 'attention',
              name: stageName(index, stage, original),
              map: stage.spatialAttention,
              range: { low: 0, high: 1 },
              unit: t('attention'),
              stage,
            },
          ]
        : [],
    ),
  ];
}

/** A stage by its place and by how much of the image one of its positions covers. */
export const stageName = (index: number, { anomalyMap }: Pick<StageResult, 'anomalyMap'>, original: Grid): string =>
  t('{0} · {1} px', index + 1, Math.round(original.width / anomalyMap.width));
