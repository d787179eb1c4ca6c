import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Quality } from './variants.ts';

interface Run {
  readonly dataset: string;
  readonly seed: number;
  readonly size: number;
  readonly steps: number;
  readonly found: Readonly<Record<string, Quality>>;
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
const columns = ['imageAuroc', 'pixelAuroc', 'aupro'] as const;

/** mean ± standard deviation over seeds, where there are several. */
function cell(values: readonly number[]): string {
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
    const rows = Object.entries(titles).flatMap(([method, title]) => {
      const found = runs.filter((run) => run.dataset === dataset && run.found[method]);
      if (found.length === 0) return [];
      const cells = columns.map((column) => cell(found.map((run) => run.found[method]![column])));
      return [`| ${title} | ${found.length} | ${cells.join(' | ')} |`];
    });
    const [{ size, steps } = { size: 0, steps: 0 }] = runs;
    return [
      `## ${dataset}`,
      '',
      `Input ${size} px, ${steps} training steps of 8 images for each student, EfficientNet-Lite0, 2 ` +
        'threads, pixel metrics at 256 px; mean ± standard deviation over seeds, where there are several.',
      '',
      '| method | seeds | I-AUROC | P-AUROC | AUPRO (FPR ≤ 0.3) |',
      '|---|---|---|---|---|',
      ...rows,
      '',
    ].join('\n');
  });
  const head = '# Quality\n\nWritten by `npm run bench:quality`; each run is a file in `quality/`.\n\n';
  writeFileSync(path.join(results, '../quality.md'), head + blocks.join('\n'));
}
