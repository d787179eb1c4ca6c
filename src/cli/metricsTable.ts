import type { Metrics } from '../services/evaluate/evaluate.ts';

type Values = Metrics & { readonly recall?: number };

const columns: readonly (readonly [string, (values: Values) => number | undefined])[] = [
  ['I-AUROC', (values) => values.imageAuroc],
  ['P-AUROC', (values) => values.pixelAuroc],
  ['AUPRO', (values) => values.aupro],
  ['AP', (values) => values.imageAp],
  ['F1-max', (values) => values.imageF1Max],
  ['recall', (values) => values.recall],
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
