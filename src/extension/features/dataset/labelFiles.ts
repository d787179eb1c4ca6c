import path from 'node:path';
import * as vscode from 'vscode';
import { labelFormats, reportFormats, type LabelFormat, type ReportFormat } from '../../../protocol/inspection.ts';

interface Format {
  readonly label: () => string;
  readonly detail: () => string;
  /** Of the file; absent where it is a folder. */
  readonly extension?: string;
}

const formats: Readonly<Record<LabelFormat, Format>> = {
  mvtec: {
    label: () => vscode.l10n.t('MVTec folder'),
    detail: () => vscode.l10n.t('Images and masks in the layout of MVTec AD'),
  },
  coco: { label: () => 'COCO', detail: () => vscode.l10n.t('One JSON file, masks as annotations'), extension: 'json' },
  csv: { label: () => 'CSV', detail: () => vscode.l10n.t('One line for each image'), extension: 'csv' },
  fiftyone: { label: () => 'FiftyOne', detail: () => vscode.l10n.t('A FiftyOneDataset folder') },
};

const reports: Readonly<Record<ReportFormat, Format & { readonly extension: string }>> = {
  html: {
    label: () => 'HTML',
    detail: () => vscode.l10n.t('One page: metrics, curves, worst images'),
    extension: 'html',
  },
  csv: { label: () => 'CSV', detail: () => vscode.l10n.t('One line for each image'), extension: 'csv' },
  json: { label: () => 'JSON', detail: () => vscode.l10n.t('All numbers'), extension: 'json' },
};

async function pick<F extends string>(
  names: readonly F[],
  table: Readonly<Record<F, Format>>,
  placeHolder: string,
): Promise<F | undefined> {
  const items = names.map((format) => ({ format, label: table[format].label(), detail: table[format].detail() }));
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDetail: true }))?.format;
}

async function askTarget(
  folder: vscode.Uri,
  name: string,
  { extension, label }: Format,
): Promise<vscode.Uri | undefined> {
  if (extension) {
    return vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.joinPath(folder, '..', `${name}.${extension}`),
      filters: { [label()]: [extension] },
    });
  }
  const [parent] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Folder to export into'),
      openLabel: vscode.l10n.t('Export here'),
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: vscode.Uri.joinPath(folder, '..'),
    })) ?? [];
  return parent && vscode.Uri.joinPath(parent, name);
}

/** What labels are exported as and where to; undefined where the user thought better of it. */
export async function askExport(folder: vscode.Uri) {
  const format = await pick(labelFormats, formats, vscode.l10n.t('Export labels as'));
  const out = format && (await askTarget(folder, `${path.basename(folder.fsPath)}-labels`, formats[format]));
  return format && out && { format, out: out.fsPath };
}

export async function askImport(folder: vscode.Uri) {
  const format = await pick(labelFormats, formats, vscode.l10n.t('Import labels from'));
  if (!format) return undefined;
  const { extension, label } = formats[format];
  const [from] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Labels to import'),
      openLabel: vscode.l10n.t('Import'),
      canSelectFiles: extension !== undefined,
      canSelectFolders: extension === undefined,
      defaultUri: vscode.Uri.joinPath(folder, '..'),
      ...(extension && { filters: { [label()]: [extension] } }),
    })) ?? [];
  return from && { format, from: from.fsPath };
}

export async function askReport(folder: vscode.Uri) {
  const format = await pick(reportFormats, reports, vscode.l10n.t('Write the report as'));
  const out = format && (await askTarget(folder, `${path.basename(folder.fsPath)}-report`, reports[format]));
  return format && out && { format, out: out.fsPath };
}
