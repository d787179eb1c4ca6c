import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { datasetViewType } from '../../ids.ts';
import { requireTrust } from '../../trust.ts';
import { pageOf, type PageParts } from '../../webviewPage.ts';
import { DatasetSession, type DatasetServices } from './datasetSession.ts';

/** The command *Inspect dataset*: one panel for each folder, made again after the window was reloaded. */
export class DatasetPanels implements vscode.WebviewPanelSerializer {
  readonly #services: DatasetServices;
  readonly #page: () => PageParts;
  readonly #panels = new Map<string, vscode.WebviewPanel>();

  constructor(services: DatasetServices, page: () => PageParts) {
    this.#services = services;
    this.#page = page;
  }

  async run(clicked?: unknown): Promise<void> {
    requireTrust();
    const folder = clicked instanceof vscode.Uri ? await asFolder(clicked) : await askFolder();
    if (!folder) return;
    const known = this.#panels.get(folder.toString());
    if (known) return known.reveal();
    const title = titleOf(folder);
    this.#fill(folder, vscode.window.createWebviewPanel(datasetViewType, title, vscode.ViewColumn.Active, {}));
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const folder = (state as { readonly folder?: unknown } | undefined)?.folder;
    if (typeof folder !== 'string' || !vscode.workspace.isTrusted) return panel.dispose();
    this.#fill(vscode.Uri.file(folder), panel);
  }

  #fill(folder: vscode.Uri, panel: vscode.WebviewPanel): void {
    panel.title = titleOf(folder);
    // The page is whole, and thumbnails come as bytes: it may read nothing.
    panel.webview.options = { enableScripts: true, localResourceRoots: [] };
    const session = new DatasetSession(folder, panel, this.#services);
    this.#panels.set(folder.toString(), panel);
    panel.onDidDispose(() => {
      session.dispose();
      if (this.#panels.get(folder.toString()) === panel) this.#panels.delete(folder.toString());
    });
    panel.webview.html = pageOf(panel.webview, this.#page(), { title: vscode.l10n.t('Dataset view') });
  }
}

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
