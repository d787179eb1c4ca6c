import * as vscode from 'vscode';
import type { ImportSummary, InspectionEngine, InspectionKey } from '../../../protocol/inspection.ts';
import type { Log } from '../../../protocol/log.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import type { Rules } from '../../../verdict/rules.ts';
import { commandButton, Failure, offer } from '../../messages.ts';
import { askExport, askImport, askReport } from './labelFiles.ts';
import type { Labelling } from './labelling.ts';
import type { Work } from './work.ts';

/** The view that labels go out of and come into. */
export interface TransferView {
  readonly folder: vscode.Uri;
  readonly engine: () => Pick<Remote<InspectionEngine>, 'exportLabels' | 'importLabels' | 'writeReport'>;
  readonly work: Work;
  readonly labelling: Labelling;
  readonly log: Log;
}

/**
 * Asks for format and place, then exports. Undefined where the user thought better of it; so below.
 */
export async function exportLabels({ folder, engine, work, log }: TransferView): Promise<void> {
  work.check();
  const asked = await askExport(folder);
  if (!asked) return;
  const { t } = vscode.l10n;
  const summary = await work.run(t('Exporting labels'), (options) =>
    engine().exportLabels({ folder: folder.fsPath, ...asked }, options),
  );
  if (!summary) return;
  tell(
    t('{0} labels and {1} masks exported to {2}.', summary.images, summary.masks, asked.out),
    summary,
    log,
    asked.out,
  );
}

/** Imports as one step of the history. */
export async function importLabels({ folder, engine, work, labelling, log }: TransferView): Promise<void> {
  work.check();
  const asked = await askImport(folder);
  if (!asked) return;
  const { t } = vscode.l10n;
  const summary = await labelling.during(() =>
    work.run(t('Importing labels'), (options) => engine().importLabels({ folder: folder.fsPath, ...asked }, options)),
  );
  if (!summary) return;
  tell(t('{0} labels and {1} masks imported from {2}.', summary.images, summary.masks, asked.from), summary, log);
}

export async function writeReport(
  { folder, engine, work, log }: TransferView,
  key: InspectionKey,
  judged: { readonly imageThreshold: number; readonly pixelThreshold: number; readonly rules: Rules },
): Promise<void> {
  work.check();
  const { t } = vscode.l10n;
  if (!Number.isFinite(judged.imageThreshold))
    throw new Failure(t('There are no results yet to report. Inspect the folder.'));
  const asked = await askReport(folder);
  if (!asked) return;
  const written = await work.run(t('Writing the report'), async (options) => {
    await engine().writeReport({ ...key, ...asked, ...judged }, options);
    return true;
  });
  if (written) tell(t('Report written to {0}.', asked.out), { notes: [] }, log, asked.out);
}

function tell(message: string, { notes }: Pick<ImportSummary, 'notes'>, log: Log, out?: string): void {
  const { t } = vscode.l10n;
  notes.forEach((note) => log.warn(note));
  const skipped =
    notes.length > 0 ? ` ${notes.length === 1 ? notes[0]! : t('{0} notes are in the log.', notes.length)}` : '';
  void offer(
    vscode.window.showInformationMessage,
    message + skipped,
    ...(out ? [commandButton(t('Show in folder'), 'revealFileInOS', vscode.Uri.file(out))] : []),
    ...(notes.length > 1 ? [commandButton(t('Show engine log'), 'nferd.showLog')] : []),
  );
}
