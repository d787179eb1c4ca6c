import { csvText } from '../../dataset/formats/csv.ts';
import { knownLabels } from '../../dataset/labels.ts';
import { rowStates, type Inspection, type InspectionMetrics, type Thumbnail } from '../../protocol/inspection.ts';
import { defectsJson, metricsJson, ratesJson } from '../../protocol/metrics.ts';
import type { Counts } from '../../verdict/proposal.ts';
import { rowLabels } from '../../dataset/rowLabels.ts';
import { isAnomalous } from '../../verdict/thresholds.ts';
import type { Gated } from './reportGate.ts';

/** What a report is of. */
export interface ReportInput {
  readonly inspection: Inspection;
  readonly metrics: InspectionMetrics;
  readonly imageThreshold: number;
  readonly thumbnails: (rows: readonly number[]) => Promise<readonly Thumbnail[]>;
  /** ISO 8601 */
  readonly now: string;
}

/** One row as reports have it. */
export interface ReportRow {
  readonly row: number;
  readonly image: string;
  readonly state: (typeof rowStates)[number];
  readonly score?: number;
  readonly peak?: number;
  readonly verdict?: 'normal' | 'anomalous';
  readonly label: (typeof knownLabels)[number];
  readonly defectType?: string;
  readonly labelledBy?: 'user' | 'folder';
  readonly trained: boolean;
  readonly failure?: string;
}

/** All rows of an inspection, in its order. */
export function reportRows({
  inspection,
  imageThreshold,
}: Pick<ReportInput, 'inspection' | 'imageThreshold'>): ReportRow[] {
  const { rows } = inspection;
  const known = rowLabels(inspection);
  return rows.paths.map((image, row) => {
    const [score, peak, failure] = [rows.score[row]!, rows.peak[row]!, rows.failures[row]];
    const label = knownLabels[known.label[row]!]!;
    const defectType = known.defectType[row];
    return {
      row,
      image,
      state: rowStates[rows.state[row]!]!,
      ...(!Number.isNaN(score) && { score, verdict: isAnomalous(score, imageThreshold) ? 'anomalous' : 'normal' }),
      ...(!Number.isNaN(peak) && { peak }),
      label,
      ...(defectType !== undefined && { defectType }),
      ...(label !== 'unknown' && { labelledBy: known.byUser[row] ? 'user' : 'folder' }),
      trained: rows.trained[row] === 1,
      ...(failure !== undefined && { failure }),
    };
  });
}

/**
 * False alarms and misses at the report's threshold, of the images that its metrics are of
 * (measuredRows).
 */
export function reportCounts({ metrics }: Pick<ReportInput, 'metrics'>): Counts {
  const { images, perDefect, recall = 1, falseAlarmRate = 0 } = metrics;
  const anomalous = Object.values(perDefect).reduce((sum, { images: own }) => sum + own, 0);
  const normal = images - anomalous;
  return {
    falseAlarms: Math.round(falseAlarmRate * normal),
    misses: Math.round((1 - recall) * anomalous),
    normal,
    anomalous,
  };
}

/** What `--fail-if` is judged on. */
export const gatedOf = (input: Pick<ReportInput, 'inspection' | 'metrics'>): Gated => ({
  metrics: input.metrics,
  counts: reportCounts(input),
  failed: input.inspection.rows.state.reduce((sum, state) => sum + +(rowStates[state] === 'failed'), 0),
  total: input.inspection.rows.paths.length,
});

const columns = [
  'image',
  'state',
  'score',
  'verdict',
  'label',
  'defectType',
  'labelledBy',
  'peak',
  'trained',
  'failure',
] as const;

/** One line an image. `nferd label --import csv` reads it. */
export const reportCsv = (input: Pick<ReportInput, 'inspection' | 'imageThreshold'>): string =>
  csvText([columns, ...reportRows(input).map((row) => columns.map((column) => `${row[column] ?? ''}`))]);

/** Everything but pictures. What isn't defined for these labels is null. */
export function reportJson(input: ReportInput): string {
  const { inspection, metrics, imageThreshold, now } = input;
  const { roc, precisionRecall, pro } = metrics;
  const rates = ratesJson(metrics);
  const curve = (points: InspectionMetrics['roc'], x: string, y: string) =>
    points ? { [x]: [...points.x], [y]: [...points.y], threshold: [...points.threshold].map(finite) } : null;
  const { detector } = inspection;
  return `${JSON.stringify({
    format: 'nferd report',
    formatVersion: 1,
    createdAt: now,
    folder: inspection.folder,
    layout: inspection.layout,
    detector: { name: detector.name, folder: detector.folder, version: detector.version, mode: detector.mode },
    threshold: imageThreshold,
    calibratedThreshold: detector.thresholds.image,
    metrics: { ...metricsJson(metrics), recall: rates.recall, falseAlarmRate: rates.falseAlarmRate },
    atThreshold: { ...reportCounts(input), ...rates, pixelThreshold: detector.thresholds.pixel },
    perDefect: defectsJson(metrics.perDefect),
    curves: {
      roc: curve(roc, 'falsePositiveRate', 'truePositiveRate'),
      precisionRecall: curve(precisionRecall, 'recall', 'precision'),
      pro: curve(pro, 'falsePositiveRate', 'meanRegionRecall'),
    },
    images: reportRows(input).map(({ row: _, ...row }) => row),
    notes: [...inspection.notes, ...(metrics.notes ?? [])],
  })}\n`;
}

/** JSON has no infinity. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
