import type { ReportFormat } from '../../protocol/inspection.ts';
import type { LabelPorts } from '../ports/labelPorts.ts';
import { reportCsv, reportJson, type ReportInput } from './reportData.ts';
import { reportHtml } from './reportHtml.ts';

type ReportPorts = Pick<LabelPorts, 'files' | 'labelFiles'>;

const writers: Readonly<Record<ReportFormat, (input: ReportInput, ports: ReportPorts) => string | Promise<string>>> = {
  html: (input, { labelFiles }) => reportHtml(input, labelFiles),
  csv: reportCsv,
  json: reportJson,
};

/**
 * Writes what an inspection found: one file, which appears whole or not at all.
 * @throws UserError
 */
export async function writeReport(
  format: ReportFormat,
  out: string,
  input: ReportInput,
  ports: ReportPorts,
): Promise<void> {
  await ports.files.write(out, await writers[format](input, ports));
}
