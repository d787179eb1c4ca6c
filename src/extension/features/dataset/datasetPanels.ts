import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { MaskRuns } from '../../../dataset/maskRuns.ts';
import { datasetViewType } from '../../ids.ts';
import { requireTrust } from '../../trust.ts';
import { pageOf, type PageParts } from '../../webviewPage.ts';
import { labelFolder } from '../anomalyView/labelFolder.ts';
import { DatasetSession, type DatasetServices } from './datasetSession.ts';

interface OpenView {
  readonly folder: vscode.Uri;
  readonly panel: vscode.WebviewPanel;
  readonly session: DatasetSession;
}

/**
 * The command *Inspect dataset*: one panel for each folder, made again after the window was
 * reloaded.
 */
export class DatasetPanels implements vscode.WebviewPanelSerializer {
  readonly #services: DatasetServices;
  readonly #page: () => PageParts;
  readonly #open = new Map<string, OpenView>();

  constructor(services: DatasetServices, page: () => PageParts) {
    this.#services = services;
    this.#page = page;
  }

  async run(clicked?: unknown): Promise<void> {
    requireTrust();
    const folder = clicked instanceof vscode.Uri ? await asFolder(clicked) : await askFolder();
    if (!folder) return;
    this.#reveal(folder, vscode.ViewColumn.Active);
  }

  /**
   * Teaches that what a mask of an image marks is normal, and shows the effect in the open view
   * nearest to the image, else in one of the folder that its labels are in.
   * @returns whether there is a new version to look at
   */
  async teach(image: vscode.Uri, mask: MaskRuns): Promise<boolean> {
    const above = [...this.#open.values()].filter(({ folder }) => isBelow(folder, image));
    const [nearest] = above.sort((a, b) => b.folder.fsPath.length - a.folder.fsPath.length);
    const workspaceFolder = vscode.workspace.getWorkspaceFolder(image)?.uri.fsPath;
    const folder = nearest?.folder ?? vscode.Uri.file(await labelFolder(image.fsPath, workspaceFolder));
    const { session } = this.#reveal(folder, vscode.ViewColumn.Beside);
    const relative = path.relative(folder.fsPath, image.fsPath).split(path.sep).join('/');
    return session.teachRegions([{ image: relative, mask }]);
  }

  #reveal(folder: vscode.Uri, column: vscode.ViewColumn): OpenView {
    const known = this.#open.get(folder.toString());
    known?.panel.reveal();
    return known ?? this.#fill(folder, vscode.window.createWebviewPanel(datasetViewType, titleOf(folder), column, {}));
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const folder = (state as { readonly folder?: unknown } | undefined)?.folder;
    if (typeof folder !== 'string' || !vscode.workspace.isTrusted) return panel.dispose();
    this.#fill(vscode.Uri.file(folder), panel);
  }

  #fill(folder: vscode.Uri, panel: vscode.WebviewPanel): OpenView {
    panel.title = titleOf(folder);
    // The page is whole, and thumbnails come as bytes: it may read nothing.
    panel.webview.options = { enableScripts: true, localResourceRoots: [] };
    const session = new DatasetSession(folder, panel, this.#services);
    const view = { folder, panel, session };
    this.#open.set(folder.toString(), view);
    panel.onDidDispose(() => {
      session.dispose();
      if (this.#open.get(folder.toString()) === view) this.#open.delete(folder.toString());
    });
    panel.webview.html = pageOf(panel.webview, this.#page(), { title: vscode.l10n.t('Dataset view') });
    return view;
  }
}

const isBelow = (folder: vscode.Uri, file: vscode.Uri): boolean =>
  file.fsPath.startsWith(folder.fsPath.replace(/[\\/]?$/, path.sep));

const titleOf = (folder: vscode.Uri): string =>
  vscode.l10n.t('Dataset: {0}', vscode.workspace.asRelativePath(folder, false).split('/').slice(-2).join('/'));

async function asFolder(uri: vscode.Uri): Promise<vscode.Uri> {
  const found = await stat(uri.fsPath).catch(() => undefined);
  return found?.isFile() ? vscode.Uri.joinPath(uri, '..') : uri;
}

/** A workspace folder, or any other. */
async function askFolder(): Promise<vscode.Uri | undefined> {
  const { t } = vscode.l10n;
  const folders = vscode.workspace.workspaceFolders ?? [];
  const other = { label: t('$(folder-opened) Choose a folder…'), uri: undefined };
  const items = folders.map(({ name, uri }) => ({ label: `$(root-folder) ${name}`, description: uri.fsPath, uri }));
  const picked = await vscode.window.showQuickPick([...items, other], { placeHolder: t('Folder to inspect') });
  if (!picked) return undefined;
  if (picked.uri) return picked.uri;
  const chosen = await vscode.window.showOpenDialog({
    title: t('Folder to inspect'),
    openLabel: t('Inspect'),
    canSelectFiles: false,
    canSelectFolders: true,
    ...(folders[0] && { defaultUri: folders[0].uri }),
  });
  return chosen?.[0];
}
