/**
 * ROC, precision–recall and PRO curves without a document: their lines, and where a threshold
 * stands on them. The dataset view and reports draw the same ones.
 */
import { curveLinear, curveStepBefore, line } from 'd3-shape';
import type { CurvePoints, InspectionMetrics } from '../protocol/inspection.ts';
import type { Counts } from '../verdict/proposal.ts';

export type CurveId = 'roc' | 'precisionRecall' | 'pro';
export type CurvePoint = readonly [x: number, y: number];

/** Right end of the x axis. PRO is looked at up to the rate that AUPRO ends at. */
export const curveEnd: Readonly<Record<CurveId, number>> = { roc: 1, precisionRecall: 1, pro: 0.3 };

/**
 * Where the thresholds stand on each curve; undefined where that is nowhere, or beyond its axis.
 * @param counts at the image threshold
 */
export function operatingPoints(
  { normal, anomalous, falseAlarms, misses }: Counts,
  metrics: Pick<InspectionMetrics, 'pro'> | undefined,
  pixelThreshold: number,
): Readonly<Record<CurveId, CurvePoint | undefined>> {
  const hits = anomalous - misses;
  const recall = hits / anomalous;
  return {
    roc: defined([falseAlarms / normal, recall]),
    precisionRecall: defined([recall, hits / (hits + falseAlarms)]),
    pro: defined(metrics?.pro && pointAt(metrics.pro, pixelThreshold), curveEnd.pro),
  };
}

const defined = (point: CurvePoint | undefined, end = 1): CurvePoint | undefined =>
  point?.every(Number.isFinite) && point[0] <= end ? point : undefined;

/** The last point whose threshold is above `at`; curves go from the highest threshold down. */
function pointAt({ x, y, threshold }: CurvePoints, at: number): CurvePoint | undefined {
  let found = -1;
  for (let i = 0; i < threshold.length && threshold[i]! > at; i++) found = i;
  return found < 0 ? undefined : [x[found]!, y[found]!];
}

/**
 * A curve as an SVG path of at most some 400 points. Precision–recall goes in steps, as average
 * precision sums it (scikit-learn's `average_precision_score`); the others in straight lines.
 * @param x value → pixel
 */
export function curvePath(
  id: CurveId,
  points: CurvePoints,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const shape = line<number>(
    (i) => x(points.x[i]!),
    (i) => y(points.y[i]!),
  ).curve(id === 'precisionRecall' ? curveStepBefore : curveLinear);
  return shape(thinned(points)) ?? '';
}

function thinned({ x }: CurvePoints): number[] {
  const step = Math.max(1, Math.floor(x.length / 400));
  const found: number[] = [];
  for (let i = 0; i < x.length; i += step) found.push(i);
  if (x.length > 0 && found.at(-1) !== x.length - 1) found.push(x.length - 1);
  return found;
}
