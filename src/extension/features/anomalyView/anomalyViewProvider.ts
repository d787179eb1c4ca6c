import type * as vscode from 'vscode';
import { nowMs } from '../../webviewPage.ts';
import { AnomalyViewSession, type ViewServices } from './anomalyViewSession.ts';
import { MaskDrafts } from './maskDrafts.ts';
import { keptUi, type ViewMemory } from './viewMemory.ts';

/** The read-only custom editor *Anomaly view*. */
export class AnomalyViewProvider implements vscode.CustomReadonlyEditorProvider {
  readonly #services: ViewServices;
  readonly #memory: ViewMemory;

  constructor(services: ViewServices) {
    this.#services = services;
    this.#memory = { drafts: new MaskDrafts(services.draftsFolder, (message) => services.log.warn(message)) };
    services.settings.onDidChange((change) => {
      if (this.#memory.ui) this.#memory.ui = keptUi(this.#memory.ui, change);
    });
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const askedMs = nowMs();
    let session: AnomalyViewSession | undefined;
    // VS Code sets up the webview as soon as this returns.
    const begin = setImmediate(() => {
      session = new AnomalyViewSession(uri, panel, this.#services, this.#memory, askedMs);
    });
    panel.onDidDispose(() => {
      clearImmediate(begin);
      session?.dispose();
    });
  }
}
