import * as vscode from 'vscode';
import { commandButton, offer } from '../../messages.ts';
import type { ViewerSettings } from '../../../protocol/anomalyView.ts';
import { readSettings, settings, type ReadSettings, type SettingValues } from '../../config.ts';

/** The settings as they are now, refused values replaced; each refusal is shown once. */
export class Settings {
  readonly #changed = new vscode.EventEmitter<vscode.ConfigurationChangeEvent>();
  readonly #subscriptions: vscode.Disposable[];
  /** Refusals shown already and still true. */
  #shown = new Set<string>();
  /** Some of ours have changed: which, the event knows. */
  readonly onDidChange = this.#changed.event;
  /**
   * As they were read last, by workspace folder: VS Code takes a millisecond for it, and a view
   * asks several times while it opens.
   */
  readonly #known = new Map<string, ReadSettings>();

  constructor() {
    this.#subscriptions = [
      this.#changed,
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration('nferd')) return;
        this.#known.clear();
        this.#warn();
        this.#changed.fire(event);
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#known.clear()),
    ];
  }

  read(resource?: vscode.Uri): ReadSettings {
    const folder = resource && vscode.workspace.getWorkspaceFolder(resource)?.uri.toString();
    const found = this.#known.get(folder ?? '') ?? this.#readNow(resource);
    this.#known.set(folder ?? '', found);
    if (found.warnings.length > 0) setTimeout(() => this.#show(found.warnings));
    return found;
  }

  #readNow(resource: vscode.Uri | undefined): ReadSettings {
    const configuration = vscode.workspace.getConfiguration(undefined, resource ?? null);
    return readSettings((id) => configuration.get(id), vscode.l10n.t);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  #warn(): void {
    const scopes = [undefined, ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri)];
    const refused = new Set(scopes.flatMap((scope) => this.read(scope).warnings));
    this.#shown = new Set([...this.#shown].filter((warning) => refused.has(warning)));
  }

  #show(warnings: readonly string[]): void {
    for (const warning of warnings.filter((text) => !this.#shown.has(text))) {
      this.#shown.add(warning);
      const id = Object.keys(settings).find((key) => warning.startsWith(`${key}:`));
      const open = commandButton(vscode.l10n.t('Open settings'), 'workbench.action.openSettings', id ?? 'nferd.');
      void offer(vscode.window.showWarningMessage, warning, open);
    }
  }
}

export const viewerSettings = (values: SettingValues): ViewerSettings => ({
  opacity: values['nferd.viewer.opacity'],
  colorMap: values['nferd.viewer.colorMap'],
  contour: values['nferd.viewer.contour'],
  layout: values['nferd.viewer.layout'],
  range: values['nferd.viewer.range'],
  neighbours: values['nferd.viewer.neighbours'],
});
