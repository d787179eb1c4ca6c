import path from 'node:path';
import type { Command } from 'commander';
import { reportFormats, type Inspection, type InspectionMetrics, type ReportFormat } from '../protocol/inspection.ts';
import { defectsJson, metricsJson, ratesJson } from '../protocol/metrics.ts';
import { needRegions } from '../verdict/rules.ts';
import { isAnomalous } from '../verdict/thresholds.ts';
import { inspectionDisk } from '../runtime/store/inspectionDisk.ts';
import { labelFiles } from '../runtime/store/labelFiles.ts';
import { umap } from '../runtime/umap.ts';
import { UserError } from '../services/ports/errors.ts';
import { Inspections } from '../services/inspect/inspections.ts';
import { writeReport } from '../services/report/report.ts';
import { gatedOf, notesOf, reportRows, type ReportRow, type RowsOf } from '../services/report/reportData.ts';
import { gateMetrics, judge, parseGate, type Gate, type Gated } from '../services/report/reportGate.ts';
import { exitCode, slashed, type Context } from './context.ts';
import { moveLabels, withTransfer, type LabelOptions } from './label.ts';
import { metricsTable, thresholdText } from './metricsTable.ts';
import {
  computeOf,
  number,
  rulesOf,
  withCompute,
  withRules,
  type ComputeOptions,
  type RuleOptions,
} from './options.ts';
import { figure, listFailures } from './report.ts';

export interface InspectOptions extends ComputeOptions, LabelOptions, RuleOptions {
  readonly model: string;
  readonly json?: boolean;
  readonly threshold?: number;
  readonly report?: readonly string[];
  readonly failIf?: readonly Gate[];
}

export const inspectCommand = (command: Command): Command =>
  withCompute(
    withRules(
      withTransfer(command)
        .description(
          'look at every image of a folder; what is stored from before is not repeated; exit code 1: a ' +
            '--fail-if holds, 2: an error',
        )
        .argument('<folder>', 'a dataset or any folder of images')
        .requiredOption('--model <folder>', 'a detector made by "nferd train"')
        .option('--json', 'print everything as JSON')
        .option('--threshold <score>', "of the image score, instead of the detector's", number(-1e6, 1e6, false))
        .option('--report <file>', 'write a report: .html, .csv or .json; may be given several times', reportFile)
        .option(
          '--fail-if <comparison>',
          'exit with 1 where it holds, such as "recall<0.95"; may be given several times',
          gate,
        ),
    ),
  );

/** Adds a report's file to those given before. @throws UserError for a name that tells no format */
function reportFile(file: string, before: readonly string[] = []): readonly string[] {
  reportFormatOf(file);
  return [...before, file];
}

function reportFormatOf(file: string): ReportFormat {
  const format = reportFormats.find((name) => file.toLowerCase().endsWith(`.${name}`));
  if (!format) throw new UserError(`${file}: tells no format. End the report's name with .html, .csv or .json.`);
  return format;
}

const gate = (text: string, before: readonly Gate[] = []): readonly Gate[] => [...before, parseGate(text)];

/**
 * Looks at every image of a folder and prints what was found.
 * @returns 2 where an image failed.
 * @throws UserError, Cancelled
 */
export async function inspect(folder: string, options: InspectOptions, context: Context): Promise<number> {
  const absolute = (given: string): string => slashed(path.resolve(given));
  const ports = context.ports(computeOf(options));
  const inspections = new Inspections(() => ({ ...ports, disk: inspectionDisk, layOut: umap }));
  const key = { folder: absolute(folder), detector: absolute(options.model) };
  try {
    const taken = !options.import || (await moveLabels(folder, { import: options.import }, context));
    const start = context.watch.clock();
    const { inspection, run } = await inspections.inspect(key, context.watch);
    const seconds = (context.watch.clock() - start) / 1000;
    const threshold = options.threshold ?? inspection.detector.thresholds.image;
    const metrics = await inspections.metrics(key, threshold);
    const thumbnails = (rows: readonly number[]) => inspections.thumbnails(key, rows);
    const { pixel } = inspection.detector.thresholds;
    const rules = rulesOf(options);
    const areas = await inspections.regionAreas(inspection, pixel);
    const regions = { pixelThreshold: pixel, rules, areas };
    const now = new Date().toISOString();
    const found = { inspection, metrics, imageThreshold: threshold, regions, thumbnails, now };
    if (options.json) context.print(JSON.stringify(jsonOf(found), null, 2));
    else {
      const looked = `${run.looked} images looked at, ${run.reused} known before, ${seconds.toFixed(1)} s`;
      context.print(`${inspection.folder}\n  ${looked}\n  ${verdictText(found)}`);
      if (metrics.images > 0) context.print(metricsText(gatedOf(found), inspection, threshold));
    }
    notesOf(found).forEach((note) => context.say(`note: ${note}`));
    for (const file of options.report ?? [])
      await writeReport(reportFormatOf(file), absolute(file), found, { ...ports, labelFiles });
    if (options.export) await moveLabels(folder, { export: options.export }, context);
    const failed = judge(options.failIf ?? [], gatedOf(found)).filter((judged) => judged.failed);
    failed.forEach(({ gate: text, value }) => context.say(`nferd: failed: ${text} (it is ${figure(value)})`));
    return listFailures(
      run.failures,
      'failed',
      context,
      !taken ? exitCode.error : failed.length > 0 ? exitCode.anomalous : exitCode.normal,
    );
  } finally {
    inspections.close();
  }
}

function verdictText(input: RowsOf): string {
  const judged = reportRows(input).filter(({ verdict }) => verdict !== undefined);
  const above = judged.filter(({ score }) => isAnomalous(score!, input.imageThreshold)).length;
  const anomalous = judged.filter(({ verdict }) => verdict === 'anomalous').length;
  const text = `${above} of ${judged.length} above the threshold ${figure(input.imageThreshold)}`;
  return needRegions(input.regions.rules) ? `${text}; ${anomalous} anomalous with the rules on regions` : text;
}

function metricsText(gated: Gated, { detector }: Inspection, threshold: number): string {
  const { metrics } = gated;
  const thresholds = { image: threshold, pixel: detector.thresholds.pixel };
  const table = metricsTable([...Object.entries(metrics.perDefect), ['all', metrics]]);
  return `${table}\n${thresholdText(thresholds, metrics, gateMetrics['precision']!(gated))}`;
}

/** What isn't defined for these images is null, so that the keys are always there. */
export function jsonOf(input: RowsOf & { readonly metrics: InspectionMetrics }) {
  const { inspection, metrics, imageThreshold: threshold, regions } = input;
  const { folder, layout, detector } = inspection;
  const rates = ratesJson(metrics);
  return {
    folder,
    layout,
    model: detector.folder,
    version: detector.version,
    threshold,
    rules: regions.rules,
    ...metricsJson(metrics),
    recall: rates.recall,
    falseAlarmRate: rates.falseAlarmRate,
    perDefect: defectsJson(metrics.perDefect),
    atThreshold: { threshold, ...rates, pixelThreshold: detector.thresholds.pixel },
    inspected: reportRows(input).map(inspectedJson),
    notes: notesOf(input),
  };
}

/** A row without its labels. */
const inspectedJson = ({ image, state, failure, score, ...row }: ReportRow) => ({
  image,
  state,
  ...(score === undefined
    ? { failure }
    : {
        score,
        peak: row.peak,
        verdict: row.verdict,
        reasons: row.reasons,
        regions: row.regions,
        largestArea: row.largestArea,
        totalArea: row.totalArea,
      }),
});
