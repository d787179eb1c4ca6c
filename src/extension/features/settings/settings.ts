import * as vscode from 'vscode';
import type { ThresholdSettings } from '../../../protocol/thresholds.ts';
import type { ViewerSettings } from '../../../protocol/anomalyView.ts';
import { readSettings, settings, type ReadSettings, type SettingId, type SettingValues } from '../../config.ts';

/** The settings as they are now, refused values replaced; each refusal is shown once. */
export class Settings {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[];
  readonly #shown = new Set<string>();
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#subscriptions = [
      this.#changed,
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration('nferd')) return;
        this.#warn();
        this.#changed.fire();
      }),
    ];
  }

  read(resource?: vscode.Uri): ReadSettings {
    const configuration = vscode.workspace.getConfiguration(undefined, resource ?? null);
    const found = readSettings((id) => configuration.get(id), vscode.l10n.t);
    if (found.warnings.length > 0) setTimeout(() => this.#show(found.warnings));
    return found;
  }

  /** Asks where to, then saves; null removes what overrides the calibration. @returns false where the user cancelled */
  async save(resource: vscode.Uri, changes: Partial<Record<SettingId, number | null>>): Promise<boolean> {
    const folder = vscode.workspace.getWorkspaceFolder(resource);
    const user = { label: vscode.l10n.t('User settings'), target: vscode.ConfigurationTarget.Global };
    const choices = [
      ...(folder
        ? [
            {
              label: vscode.l10n.t('Workspace folder settings'),
              description: `${folder.name}/.vscode/settings.json`,
              target: vscode.ConfigurationTarget.WorkspaceFolder,
            },
          ]
        : []),
      user,
    ];
    const placeHolder = vscode.l10n.t('Save the threshold to');
    const choice = await vscode.window.showQuickPick(choices, { placeHolder });
    if (!choice) return false;
    const configuration = vscode.workspace.getConfiguration(undefined, resource);
    for (const [id, value] of Object.entries(changes)) {
      await configuration.update(id, value ?? undefined, choice.target);
    }
    return true;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  #warn(): void {
    this.#shown.clear();
    this.read();
    for (const folder of vscode.workspace.workspaceFolders ?? []) this.read(folder.uri);
  }

  #show(warnings: readonly string[]): void {
    for (const warning of warnings.filter((text) => !this.#shown.has(text))) {
      this.#shown.add(warning);
      const open = vscode.l10n.t('Open settings');
      void vscode.window.showWarningMessage(warning, open).then((button) => {
        const id = Object.keys(settings).find((key) => warning.startsWith(key));
        if (button) void vscode.commands.executeCommand('workbench.action.openSettings', id ?? '@ext:nferd.nferd');
      });
    }
  }
}

export const thresholdSettings = (values: SettingValues): ThresholdSettings => ({
  image: values['nferd.threshold.image'],
  pixel: values['nferd.threshold.pixel'],
  falseAlarmRate: values['nferd.threshold.falseAlarmRate'],
});

export const viewerSettings = (values: SettingValues): ViewerSettings => ({
  opacity: values['nferd.viewer.opacity'],
  colorMap: values['nferd.viewer.colorMap'],
  contour: values['nferd.viewer.contour'],
  layout: values['nferd.viewer.layout'],
  range: values['nferd.viewer.range'],
  neighbours: values['nferd.viewer.neighbours'],
});
