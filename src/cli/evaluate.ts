import path from 'node:path';
import type { Command } from 'commander';
import { defectsJson, metricsJson, ratesJson } from '../protocol/metrics.ts';
import { isAnomalous } from '../verdict/thresholds.ts';
import { datasetUse, openDetector } from '../services/detect/openDetector.ts';
import { loadDetector, thresholdsOf } from '../services/detect/detectorStore.ts';
import { evaluate as measure, type Evaluation } from '../services/evaluate/evaluate.ts';
import { slashed, type Context } from './context.ts';
import { metricsTable, thresholdText } from './metricsTable.ts';
import { computeOf, number, withCompute, type ComputeOptions } from './options.ts';
import { listFailures } from './report.ts';

export interface EvaluateOptions extends ComputeOptions {
  readonly model: string;
  readonly json?: boolean;
  readonly csv?: string;
  readonly threshold?: number;
}

export const evaluateCommand = (command: Command): Command =>
  withCompute(
    command
      .description("measure a detector on a dataset's labelled test images")
      .argument('<folder>', 'a dataset in the layout of MVTec AD, VisA, BTAD, KolektorSDD and their like')
      .requiredOption('--model <folder>', 'a detector made by "nferd train"')
      .option('--json', 'print everything as JSON')
      .option('--csv <file>', "write each image's score")
      .option('--threshold <score>', "of the image score, instead of the detector's", number(-1e6, 1e6, false)),
  );

/** Measures a detector. @throws UserError, Cancelled */
export async function evaluate(folder: string, options: EvaluateOptions, context: Context): Promise<number> {
  const ports = context.ports(computeOf(options));
  const detector = await loadDetector(slashed(options.model), ports);
  const threshold = options.threshold ?? thresholdsOf(detector.record).image;
  const loaded = await openDetector(detector, ports, { ...datasetUse, sideBySide: true });
  const found = await measure(slashed(path.resolve(folder)), loaded, threshold, ports, context.watch).finally(() =>
    loaded.session.release(),
  );
  if (options.csv !== undefined) await ports.files.write(options.csv, csvText(found));
  context.print(options.json ? JSON.stringify(jsonOf(folder, options.model, found), null, 2) : tableText(found));
  found.notes.forEach((note) => context.say(`note: ${note}`));
  return listFailures(found.failures, 'failed', context);
}

/** What isn't defined for these images is null, so that the keys are always there. */
function jsonOf(folder: string, model: string, { perDefect, ...found }: Evaluation) {
  const { atThreshold: at, metricSide, scores, failures, notes } = found;
  return {
    folder,
    model,
    ...metricsJson(found),
    perDefect: defectsJson(perDefect),
    atThreshold: { ...at, precision: at.precision ?? null, f1: at.f1 ?? null, ...ratesJson(at) },
    metricSide,
    scores,
    failures,
    notes,
  };
}

/** One line an image: `path,label,defect,score,verdict` (RFC 4180). */
export function csvText({ scores, atThreshold }: Pick<Evaluation, 'scores' | 'atThreshold'>): string {
  const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = scores.map(({ path, label, defectType = '', score }) => {
    const verdict = isAnomalous(score, atThreshold.threshold) ? 'anomalous' : 'normal';
    return [path, label, defectType, `${score}`, verdict].map(cell).join(',');
  });
  return `${['path,label,defect,score,verdict', ...rows].join('\r\n')}\r\n`;
}

/** Metrics of each defect type and of all, then what happens at the thresholds. */
function tableText(found: Evaluation): string {
  const { atThreshold: at, perDefect } = found;
  const all = { ...found, ...(at.recall !== undefined && { recall: at.recall }) };
  const table = metricsTable([...Object.entries(perDefect), ['all', all]]);
  return `${table}\n${thresholdText({ image: at.threshold, pixel: at.pixelThreshold }, at, at.precision)}`;
}
