import type * as vscode from 'vscode';
import type { UiState } from '../../../protocol/anomalyView.ts';
import type { Log } from '../../../protocol/log.ts';
import type { MaskRuns } from '../../../dataset/maskRuns.ts';
import type { Remote } from '../../../protocol/rpc.ts';
import { nowMs, type PageParts } from '../../webviewPage.ts';
import type { Detections } from '../detect/detections.ts';
import type { Detectors } from '../detectors/detectors.ts';
import type { WholeEngine } from '../engine/engineProcess.ts';
import type { Settings } from '../settings/settings.ts';
import type { Train } from '../train/train.ts';
import { AnomalyViewSession } from './anomalyViewSession.ts';
import { MaskDrafts } from './maskDrafts.ts';

/** What every open view shares. */
export interface ViewServices {
  readonly engine: (resource: vscode.Uri) => Remote<WholeEngine>;
  readonly detectors: Detectors;
  readonly detections: Detections;
  readonly settings: Settings;
  readonly train: Train;
  /** Teaches in the dataset view that what an image's mask marks is normal. @returns whether there is a new version to look at */
  readonly teach: (image: vscode.Uri, mask: MaskRuns) => Promise<boolean>;
  readonly log: Log;
  /** For masks that were not saved. */
  readonly draftsFolder: string;
  /** The webview's bundle, read when it is first needed. */
  readonly page: () => PageParts;
}

/** What goes from view to view. */
export interface ViewMemory {
  ui?: UiState;
  readonly drafts: MaskDrafts;
}

/** The read-only custom editor *Anomaly view*. */
export class AnomalyViewProvider implements vscode.CustomReadonlyEditorProvider {
  readonly #services: ViewServices;
  readonly #memory: ViewMemory;

  constructor(services: ViewServices) {
    this.#services = services;
    this.#memory = { drafts: new MaskDrafts(services.draftsFolder, (message) => services.log.warn(message)) };
    services.settings.onDidChange(() => (this.#memory.ui = {}));
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
