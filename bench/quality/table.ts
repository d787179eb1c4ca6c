import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { qualities, type Quality } from './variants.ts';

interface Run {
  readonly dataset: string;
  readonly seed: number;
  readonly size: number;
  readonly steps: number;
  /** Results of before pixel AP and others were measured lack them. */
  readonly found: Readonly<Record<string, Partial<Quality>>>;
}

const titles: Readonly<Record<string, string>> = {
  instant: 'NFERD instant (banks alone)',
  rd: 'plain reverse distillation (no bank)',
  'fusion-bank': '– student fed by banks, no attention',
  'fusion-channel': '– channel attention only',
  'fusion-spatial': '– spatial attention only',
  'nferd-student': 'NFERD (student fed by banks through HAFM)',
  nferd: 'NFERD distilled mode (banks + student)',
  'anomalib-patchcore': 'anomalib PatchCore (coreset 1 %)',
  'anomalib-rd': 'anomalib ReverseDistillation',
};
const columnTitles: Readonly<Record<keyof Quality, string>> = {
  imageAuroc: 'I-AUROC',
  recallAt5: 'recall at 5 % false alarms',
  pixelAuroc: 'P-AUROC',
  aupro: 'AUPRO (FPR ≤ 0.3)',
  aupro05: 'AUPRO (FPR ≤ 0.05)',
  pixelAp: 'pixel AP',
  pixelF1Max: 'pixel F1-max',
};

/** mean ± standard deviation over seeds, where there are several; – where none is measured. */
function cell(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(values.length - 1, 1),
  );
  return values.length > 1 ? `${mean.toFixed(3)} ± ${spread.toFixed(3)}` : mean.toFixed(3);
}

/** Writes quality.md beside the folder of single results. */
export function writeTable(results: string): void {
  const runs = readdirSync(results)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(path.join(results, name), 'utf8')) as Run);
  const blocks = [...new Set(runs.map(({ dataset }) => dataset))].sort().map((dataset) => {
    const own = runs.filter((run) => run.dataset === dataset);
    const columns = qualities.filter((name) =>
      own.some(({ found }) => Object.values(found).some((each) => name in each)),
    );
    const rows = Object.entries(titles).flatMap(([method, title]) => {
      const found = own.filter((run) => run.found[method]);
      if (found.length === 0) return [];
      const cells = columns.map((name) => cell(found.flatMap((run) => run.found[method]![name] ?? [])));
      return [`| ${title} | ${found.length} | ${cells.join(' | ')} |`];
    });
    const [{ size, steps } = { size: 0, steps: 0 }] = runs;
    return [
      `## ${dataset}`,
      '',
      `Input ${size} px, ${steps} training steps of 8 images for each student, EfficientNet-Lite0, 2 ` +
        'threads, pixel metrics at 256 px; mean ± standard deviation over seeds, where there are several.',
      '',
      `| method | seeds | ${columns.map((name) => columnTitles[name]).join(' | ')} |`,
      `|---|---${'|---'.repeat(columns.length)}|`,
      ...rows,
      '',
    ].join('\n');
  });
  const head = '# Quality\n\nWritten by `npm run bench:quality`; each run is a file in `quality/`.\n\n';
  writeFileSync(path.join(results, '../quality.md'), head + blocks.join('\n'));
}
