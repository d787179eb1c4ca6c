/** Curves without their document: which points are drawn, and where a threshold stands on them. */
import type { CurvePoints, InspectionMetrics } from '../../../protocol/inspection.ts';
import type { Counts } from '../../../verdict/proposal.ts';

export type CurveId = 'roc' | 'precisionRecall' | 'pro';
type Point = readonly [x: number, y: number];

/**
 * Where the thresholds stand on each curve; undefined where that is nowhere.
 * @param counts at the image threshold
 */
export function operatingPoints(
  { normal, anomalous, falseAlarms, misses }: Counts,
  metrics: Pick<InspectionMetrics, 'pro'> | undefined,
  pixelThreshold: number,
): Readonly<Record<CurveId, Point | undefined>> {
  const hits = anomalous - misses;
  const recall = hits / anomalous;
  return {
    roc: [falseAlarms / normal, recall],
    precisionRecall: hits + falseAlarms > 0 ? [recall, hits / (hits + falseAlarms)] : undefined,
    pro: metrics?.pro && pointAt(metrics.pro, pixelThreshold),
  };
}

/** The last point whose threshold is above `at`; curves go from the highest threshold down. */
function pointAt({ x, y, threshold }: CurvePoints, at: number): Point | undefined {
  let found = -1;
  for (let i = 0; i < threshold.length && threshold[i]! > at; i++) found = i;
  return found < 0 ? undefined : [x[found]!, y[found]!];
}

/** Indices of at most some 400 points. */
export function thinned({ x }: CurvePoints): number[] {
  const step = Math.max(1, Math.floor(x.length / 400));
  const found: number[] = [];
  for (let i = 0; i < x.length; i += step) found.push(i);
  if (x.length > 0 && found.at(-1) !== x.length - 1) found.push(x.length - 1);
  return found;
}
