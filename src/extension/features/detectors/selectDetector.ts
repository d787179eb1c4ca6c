import * as vscode from 'vscode';
import { targetImage } from '../../activeImage.ts';
import type { Train } from '../train/train.ts';
import type { Detectors } from './detectors.ts';

/** Lets the user choose the detector for what is open; the choice is a setting. */
export async function selectDetector(detectors: Detectors, train: Train, resource?: vscode.Uri): Promise<void> {
  const { t } = vscode.l10n;
  const scope = resource ?? targetImage() ?? vscode.workspace.workspaceFolders?.[0]?.uri;
  const [list, current] = await Promise.all([detectors.list(scope), detectors.resolve(scope).catch(() => undefined)]);
  const newest = {
    label: t('$(history) The newest'),
    description: list[0]?.name ?? t('none yet'),
    apply: () => save(scope, undefined),
  };
  const other = { label: t('$(mortar-board) Train another…'), description: '', apply: () => train.run() };
  const picked = await vscode.window.showQuickPick(
    [
      ...list.map(({ name, folder, modifiedMs }) => ({
        label: `$(symbol-misc) ${name}`,
        description: [
          folder === current?.folder ? t('in use') : '',
          new Date(modifiedMs).toLocaleString(vscode.env.language),
        ]
          .filter(Boolean)
          .join(' · '),
        apply: () => save(scope, name),
      })),
      ...(list.length > 0 ? [newest] : []),
      other,
    ],
    { placeHolder: t('Detector to judge images by') },
  );
  await picked?.apply();
}

async function save(scope: vscode.Uri | undefined, name: string | undefined): Promise<void> {
  const folder = scope && vscode.workspace.getWorkspaceFolder(scope);
  const target = folder ? vscode.ConfigurationTarget.WorkspaceFolder : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration(undefined, scope ?? null).update('nferd.detector', name, target);
}
