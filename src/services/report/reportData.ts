import { maskShare } from '../../dataset/maskRuns.ts';
import { csvText } from '../../dataset/formats/csv.ts';
import { knownLabels } from '../../dataset/labels.ts';
import { rowStates, type Inspection, type InspectionMetrics, type Thumbnail } from '../../protocol/inspection.ts';
import { defectsJson, metricsJson, ratesJson } from '../../protocol/metrics.ts';
import type { Counts } from '../../verdict/proposal.ts';
import { rowLabels } from '../../dataset/rowLabels.ts';
import { breachesOf, breachText, needRegions, type Rules } from '../../verdict/rules.ts';
import type { Gated } from './reportGate.ts';

/** What a report is of. */
export interface ReportInput {
  readonly inspection: Inspection;
  readonly metrics: InspectionMetrics;
  readonly imageThreshold: number;
  readonly regions: RowRegions;
  readonly thumbnails: (rows: readonly number[]) => Promise<readonly Thumbnail[]>;
  /** ISO 8601 */
  readonly now: string;
}

/** What lies above a pixel threshold, and the rules on it. */
interface RowRegions {
  readonly pixelThreshold: number;
  readonly rules: Rules;
  /** Of each row's regions, in square pixels of the image; undefined where there is no result. */
  readonly areas: readonly (readonly number[] | undefined)[];
}

/** One row as reports have it. */
export interface ReportRow {
  readonly row: number;
  readonly image: string;
  readonly state: (typeof rowStates)[number];
  readonly score?: number;
  readonly peak?: number;
  readonly verdict?: 'normal' | 'anomalous';
  /** Why it is anomalous, in words. */
  readonly reasons?: string;
  /** How many, and the areas of the largest and of all, in square pixels of the image. */
  readonly regions?: number;
  readonly largestArea?: number;
  readonly totalArea?: number;
  readonly label: (typeof knownLabels)[number];
  readonly defectType?: string;
  readonly labelledBy?: 'user' | 'folder';
  readonly trained: boolean;
  readonly failure?: string;
}

/** What verdicts of rows are made from. */
export type RowsOf = Pick<ReportInput, 'inspection' | 'imageThreshold' | 'regions'>;

/** All rows of an inspection, in its order. */
export function reportRows({ inspection, imageThreshold, regions: { areas, rules } }: RowsOf): ReportRow[] {
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
      ...(!Number.isNaN(score) && { score, ...judged(score, imageThreshold, areas[row] ?? [], rules) }),
      ...(!Number.isNaN(peak) && { peak }),
      label,
      ...(defectType !== undefined && { defectType }),
      ...(label !== 'unknown' && { labelledBy: known.byUser[row] ? 'user' : 'folder' }),
      trained: rows.trained[row] === 1,
      ...(failure !== undefined && { failure }),
    };
  });
}

function judged(score: number, threshold: number, areas: readonly number[], rules: Rules) {
  const breaches = breachesOf({ score, threshold, areas }, rules);
  return {
    verdict: breaches.length > 0 ? ('anomalous' as const) : ('normal' as const),
    ...(breaches.length > 0 && { reasons: breaches.map(breachText).join('; ') }),
    regions: areas.length,
    largestArea: rounded(areas.reduce((most, area) => Math.max(most, area), 0)),
    totalArea: rounded(areas.reduce((sum, area) => sum + area, 0)),
  };
}

const rounded = (area: number): number => Math.round(100 * area) / 100;

/** What a reader must know: of the folder, of its masks, of rules beside the score. */
export const notesOf = ({ inspection, metrics, regions }: RowsOf & Pick<ReportInput, 'metrics'>): string[] => [
  ...inspection.notes,
  ...(metrics.notes ?? []),
  ...ruleNotes(regions),
];

/** What a reader of verdicts by rules must know; none where no rule is on. */
function ruleNotes({ rules }: Pick<RowRegions, 'rules'>): string[] {
  if (!needRegions(rules)) return [];
  const { smallestArea, mostRegions, largestTotalArea } = rules;
  const said = [
    ...(mostRegions === null ? [] : [`at most ${mostRegions} regions`]),
    ...(largestTotalArea === null ? [] : [`at most ${largestTotalArea} px² in all regions`]),
    ...(smallestArea > 0 ? [`regions of at least ${smallestArea} px² count`] : []),
  ];
  return [
    `Verdicts follow rules beside the score: ${said.join(', ')}. Metrics, false alarms, misses and gates are of the ` +
      'score alone.',
  ];
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
  'regions',
  'largestArea',
  'totalArea',
  'reasons',
] as const;

/** One line an image. `nferd label --import csv` reads it. */
export const reportCsv = (input: RowsOf): string =>
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
    detector: {
      ...{ name: detector.name, folder: detector.folder, version: detector.version, mode: detector.mode },
      ...(detector.roi && { regionOfInterest: { share: maskShare(detector.roi) } }),
    },
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
    regions: { pixelThreshold: input.regions.pixelThreshold, rules: input.regions.rules },
    images: reportRows(input).map(({ row: _, ...row }) => row),
    notes: notesOf(input),
  })}\n`;
}

/** JSON has no infinity. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
