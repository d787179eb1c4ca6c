import path from 'node:path';
import * as vscode from 'vscode';
import { targetImage } from '../../activeImage.ts';
import { Failure } from '../../messages.ts';
import type { Train } from '../train/train.ts';
import { detectorAt, type Detectors } from './detectors.ts';

interface Choice extends vscode.QuickPickItem {
  readonly apply: () => unknown;
}

/**
 * Lets the user choose the detector for what is open; the choice is a setting of its workspace
 * folder.
 */
export async function selectDetector(detectors: Detectors, train: Train, resource?: vscode.Uri): Promise<void> {
  const { t } = vscode.l10n;
  const scope = resource ?? targetImage() ?? (await askScope());
  if (!scope && (vscode.workspace.workspaceFolders?.length ?? 0) > 1) return;
  const list = await detectors.list(scope);
  const current = await detectors.resolve(scope).catch(() => undefined);
  const choices: Choice[] = list.map(({ name, folder, modifiedMs }) => ({
    label: `$(symbol-misc) ${name}`,
    description: [
      folder === current?.folder ? t('in use') : '',
      new Date(modifiedMs).toLocaleString(vscode.env.language),
    ]
      .filter(Boolean)
      .join(' · '),
    apply: () => save(scope, name),
  }));
  if (current && !list.some(({ folder }) => folder === current.folder))
    choices.push({ label: `$(symbol-misc) ${current.name}`, description: t('in use'), apply: () => undefined });
  const newest = { label: t('$(history) The newest'), description: list[0]?.name ?? '', apply: () => save(scope, '') };
  const picked = await vscode.window.showQuickPick<Choice>(
    [
      ...choices,
      ...(list.length > 0 ? [newest] : []),
      { label: t('$(mortar-board) Train another…'), apply: () => train.run() },
      { label: t('$(folder-opened) Choose the folder of a detector…'), apply: () => browse(scope) },
    ],
    { placeHolder: placeHolder(scope) },
  );
  await picked?.apply();
}

/** Which of several workspace folders is meant. */
async function askScope(): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length < 2) return folders[0]?.uri;
  const title = vscode.l10n.t('Select the detector of which folder?');
  return (await vscode.window.showWorkspaceFolderPick({ placeHolder: title }))?.uri;
}

function placeHolder(scope: vscode.Uri | undefined): string {
  const { t } = vscode.l10n;
  const folder = scope && vscode.workspace.getWorkspaceFolder(scope);
  const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  return folder && several ? t('Detector to judge images in "{0}" by', folder.name) : t('Detector to judge images by');
}

async function browse(scope: vscode.Uri | undefined): Promise<void> {
  const { t } = vscode.l10n;
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: t('Folder of a detector'),
      openLabel: t('Select detector'),
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (!folder) return;
  if (!(await detectorAt(folder.fsPath)))
    throw new Failure(t('{0}: is no detector (detector.json is missing). Choose another folder.', folder.fsPath), {
      title: t('Choose another folder…'),
      run: () => browse(scope),
    });
  await save(scope, path.resolve(folder.fsPath));
}

/** @param name '' for the newest */
async function save(scope: vscode.Uri | undefined, name: string): Promise<void> {
  const folder = scope && vscode.workspace.getWorkspaceFolder(scope);
  const target = folder ? vscode.ConfigurationTarget.WorkspaceFolder : vscode.ConfigurationTarget.Global;
  const configuration = () => vscode.workspace.getConfiguration(undefined, scope ?? null);
  await configuration().update('nferd.detector', name || undefined, target);
  // Where a wider setting shows through, say it in full.
  if (configuration().get('nferd.detector') !== name) await configuration().update('nferd.detector', name, target);
}
