import * as vscode from 'vscode';
import type { Engine } from '../../../protocol/engine.ts';
import type { Remote } from '../../../protocol/rpc.ts';

/** Opens a report on the engine and this editor, to read or to attach to a bug report. */
export async function doctor(engine: () => Remote<Engine>, version: string): Promise<void> {
  const report = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Examining the engine') },
    () => engine().doctor(),
  );
  const { appName, remoteName = 'no' } = vscode.env;
  const about = [
    `NFERD ${version}, ${appName} ${vscode.version}`,
    `${process.platform}-${process.arch}, remote: ${remoteName}, trusted: ${vscode.workspace.isTrusted}`,
  ];
  const content = [...about, '', report.trim(), ''].join('\n');
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'markdown', content }));
}
