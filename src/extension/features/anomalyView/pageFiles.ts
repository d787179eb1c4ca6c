import path from 'node:path';
import * as vscode from 'vscode';

/** The files that a view's page may show. It needs none for itself. */
export class PageFiles {
  readonly #webview: vscode.Webview;
  /** The image's folder and the workspace: where the normal images usually are. */
  readonly roots: readonly vscode.Uri[];

  constructor(image: vscode.Uri, webview: vscode.Webview) {
    this.#webview = webview;
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
    this.roots = [vscode.Uri.joinPath(image, '..'), ...folders];
  }

  /**
   * For `<img>`.
   * @param modifiedMs when the file was written: what was loaded before isn't shown again
   */
  uri(file: vscode.Uri, modifiedMs = 0): string {
    const uri = this.#webview.asWebviewUri(file);
    return (modifiedMs ? uri.with({ query: `v=${Math.round(modifiedMs)}` }) : uri).toString();
  }

  mayRead(file: vscode.Uri): boolean {
    return this.roots.some((root) => file.fsPath.startsWith(root.fsPath + path.sep));
  }
}
