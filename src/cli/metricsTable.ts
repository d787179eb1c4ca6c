import type { Metrics, Rates } from '../protocol/metrics.ts';
import { figure, percent } from './report.ts';

type Values = Metrics & { readonly recall?: number };

/** First what images are measured by, then what pixels are. */
const columns: readonly (readonly [string, (values: Values) => number | undefined])[] = [
  ['I-AUROC', (values) => values.imageAuroc],
  ['AP', (values) => values.imageAp],
  ['F1-max', (values) => values.imageF1Max],
  ['recall', (values) => values.recall],
  ['R@5%', (values) => values.recallAt5],
  ['P-AUROC', (values) => values.pixelAuroc],
  ['P-AP', (values) => values.pixelAp],
  ['P-F1max', (values) => values.pixelF1Max],
  ['AUPRO', (values) => values.aupro],
  ['AUPRO05', (values) => values.aupro05],
];

/** A line each of metrics by name: of the defect types and of all. */
export function metricsTable(rows: readonly (readonly [string, Values])[]): string {
  const width = Math.max(6, ...rows.map(([name]) => name.length));
  const shown = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(4)).padStart(8);
  return [
    `${'defect'.padEnd(width)}  images${columns.map(([name]) => name.padStart(8)).join('')}`,
    ...rows.map(([name, values]) => {
      const cells = columns.map(([, of]) => shown(of(values))).join('');
      return `${name.padEnd(width)}  ${`${values.images}`.padStart(6)}${cells}`;
    }),
  ].join('\n');
}

/**
 * What a detector finds and misses at its thresholds: a line on images, and where there are masks
 * one on pixels.
 */
export function thresholdText(
  { image, pixel }: { readonly image: number; readonly pixel: number },
  rates: { readonly [Name in keyof Rates]: Rates[Name] | undefined },
  precision: number | undefined,
): string {
  const rate = (value: number | undefined): string => (value === undefined ? '–' : percent(value));
  const interval = rates.falseAlarmInterval;
  const images =
    `at the threshold ${figure(image)}: precision ${rate(precision)}, recall ${rate(rates.recall)}, ` +
    `false alarms ${rate(rates.falseAlarmRate)}` +
    (interval ? ` (95 % interval ${percent(interval.low)} to ${percent(interval.high)})` : '');
  if (rates.pixelF1 === undefined) return images;
  const pixels =
    `at the pixel threshold ${figure(pixel)}: pixel F1 ${percent(rates.pixelF1)}, ` +
    `pixel IoU ${rate(rates.pixelIou)}`;
  return `${images}\n${pixels}`;
}
