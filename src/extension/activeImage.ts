import path from 'node:path';
import * as vscode from 'vscode';
import { imageExtensions, isImagePath } from '../dataset/imagePath.ts';

/** The image in the active tab, whatever shows it. */
export function targetImage(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText ? input.uri : undefined;
  return uri?.scheme === 'file' && isImagePath(uri.path) ? uri : undefined;
}

/**
 * What is selected in the Explorer: a keyboard shortcut there brings no arguments, and no API
 * tells; copying the paths does.
 */
async function explorerSelection(): Promise<vscode.Uri[]> {
  const { clipboard } = vscode.env;
  const before = await clipboard.readText();
  await vscode.commands.executeCommand('copyFilePath');
  const paths = (await clipboard.readText()).split(/\r?\n/);
  await clipboard.writeText(before);
  return paths.filter(path.isAbsolute).map((file) => vscode.Uri.file(file));
}

/**
 * The images a command was asked for: those selected, else that clicked, else the open one, else
 * one chosen in a dialog.
 */
export async function chosenImages(clicked?: unknown, selected?: unknown): Promise<vscode.Uri[]> {
  const listed = clicked === 'explorer' ? await explorerSelection() : selected;
  const given = (Array.isArray(listed) && listed.length > 0 ? listed : [clicked]).filter(
    (uri): uri is vscode.Uri => uri instanceof vscode.Uri && uri.scheme === 'file' && isImagePath(uri.path),
  );
  if (given.length > 0) return given;
  const active = targetImage();
  if (active) return [active];
  const title = vscode.l10n.t('Choose images');
  return (
    (await vscode.window.showOpenDialog({
      title,
      canSelectMany: true,
      filters: { [vscode.l10n.t('Images')]: [...imageExtensions] },
    })) ?? []
  );
}
