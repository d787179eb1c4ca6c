import * as vscode from 'vscode';
import { commandButton, offer } from '../../messages.ts';
import type { ThresholdSettings } from '../../../verdict/thresholds.ts';
import type { ViewerSettings } from '../../../protocol/anomalyView.ts';
import { readSettings, settings, type ReadSettings, type SettingId, type SettingValues } from '../../config.ts';

/** The settings as they are now, refused values replaced; each refusal is shown once. */
export class Settings {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[];
  /** Refusals shown already and still true. */
  #shown = new Set<string>();
  readonly onDidChange = this.#changed.event;
  /** As they were read last, by workspace folder: VS Code takes a millisecond for it, and a view asks several times while it opens. */
  readonly #known = new Map<string, ReadSettings>();

  constructor() {
    this.#subscriptions = [
      this.#changed,
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration('nferd')) return;
        this.#known.clear();
        this.#warn();
        this.#changed.fire();
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

  /** Asks where to, then saves; null removes what overrides the calibration. @returns false where the user cancelled */
  async save(resource: vscode.Uri, changes: Partial<Record<SettingId, number | null>>): Promise<boolean> {
    return (await this.saveUndoably(resource, changes)) !== undefined;
  }

  /** As `save`. @returns what takes it back; undefined where the user cancelled */
  async saveUndoably(
    resource: vscode.Uri,
    changes: Partial<Record<SettingId, number | null>>,
  ): Promise<(() => Promise<void>) | undefined> {
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
      ...(vscode.workspace.workspaceFile
        ? [
            {
              label: vscode.l10n.t('Workspace settings'),
              description: vscode.workspace.name ?? '',
              target: vscode.ConfigurationTarget.Workspace,
            },
          ]
        : []),
      user,
    ];
    const placeHolder = vscode.l10n.t('Save the threshold to');
    const choice = await vscode.window.showQuickPick(choices, { placeHolder });
    if (!choice) return undefined;
    const configuration = vscode.workspace.getConfiguration(undefined, resource);
    const before = Object.keys(changes).map((id) => [id, valueAt(configuration.inspect(id), choice.target)] as const);
    const write = async (values: readonly (readonly [id: string, value: unknown])[]) => {
      for (const [id, value] of values) {
        await vscode.workspace.getConfiguration(undefined, resource).update(id, value, choice.target);
      }
    };
    await write(Object.entries(changes).map(([id, value]) => [id, value ?? undefined] as const));
    this.#tellOverridden(resource, changes);
    return () => write(before);
  }

  /** Says so where a narrower setting still wins over what was saved. */
  #tellOverridden(resource: vscode.Uri, changes: Partial<Record<SettingId, number | null>>): void {
    const now = vscode.workspace.getConfiguration(undefined, resource);
    const id = Object.keys(changes).find((each) => now.get(each) !== changes[each as SettingId]);
    if (id === undefined) return;
    const { t } = vscode.l10n;
    void offer(
      vscode.window.showWarningMessage,
      t('{0} was saved, but another value in the settings of the workspace or its folder overrides it.', id),
      commandButton(t('Open settings'), 'workbench.action.openSettings', id),
    );
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

/** What is written at one place; undefined: nothing. */
function valueAt(
  found: ReturnType<vscode.WorkspaceConfiguration['inspect']>,
  target: vscode.ConfigurationTarget,
): unknown {
  if (target === vscode.ConfigurationTarget.WorkspaceFolder) return found?.workspaceFolderValue;
  return target === vscode.ConfigurationTarget.Workspace ? found?.workspaceValue : found?.globalValue;
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
