import * as vscode from 'vscode';
import type { DetectorSummary } from '../../../protocol/engine.ts';
import type { Rules } from '../../../verdict/rules.ts';
import { effectiveThresholds, type EffectiveThresholds, type ThresholdSettings } from '../../../verdict/thresholds.ts';
import type { SettingId } from '../../config.ts';
import { commandButton, offer } from '../../messages.ts';
import type { Settings } from '../settings/settings.ts';

/** What thresholds are made from: of a detector, or of what is remembered of one. */
export type Calibration = Pick<DetectorSummary, 'thresholds' | 'calibrationScores' | 'calibrationPeaks'>;

/** Those to be saved; null: back to the calibrated value. */
export interface ThresholdChange {
  readonly image?: number | null;
  readonly pixel?: number | null;
}

/**
 * The thresholds and rules that count, for whoever shows a verdict: what the settings say, else what was
 * calibrated.
 */
export class Thresholds {
  readonly #settings: Settings;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscription: vscode.Disposable;
  /** The settings say something else now. */
  readonly onDidChange = this.#changed.event;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#subscription = settings.onDidChange(
      (change) =>
        ['nferd.threshold', 'nferd.rules'].some((section) => change.affectsConfiguration(section)) &&
        this.#changed.fire(),
    );
  }

  /** What the settings say for `resource`. */
  settings(resource: vscode.Uri): ThresholdSettings {
    const { values } = this.#settings.read(resource);
    return {
      image: values['nferd.threshold.image'],
      pixel: values['nferd.threshold.pixel'],
      falseAlarmRate: values['nferd.threshold.falseAlarmRate'],
    };
  }

  /** What else `resource` is judged by. */
  rules(resource: vscode.Uri): Rules {
    const { values } = this.#settings.read(resource);
    return {
      smallestArea: values['nferd.rules.smallestArea'],
      mostRegions: values['nferd.rules.mostRegions'],
      largestTotalArea: values['nferd.rules.largestTotalArea'],
    };
  }

  /** Those that `resource`, an image or a folder, is judged by. */
  of(calibration: Calibration, resource: vscode.Uri): EffectiveThresholds {
    return effectiveThresholds(calibration, this.settings(resource));
  }

  /**
   * Asks where to, then saves.
   * @returns what takes it back; undefined where the user thought better of it
   */
  async save(resource: vscode.Uri, { image, pixel }: ThresholdChange): Promise<(() => Promise<void>) | undefined> {
    const given: readonly (readonly [SettingId, number | null | undefined])[] = [
      ['nferd.threshold.image', image],
      ['nferd.threshold.pixel', pixel],
    ];
    const changes = given.filter((each): each is [SettingId, number | null] => each[1] !== undefined);
    const target = await askTarget(resource);
    if (target === undefined) return undefined;
    const configuration = vscode.workspace.getConfiguration(undefined, resource);
    const before = changes.map(([id]) => [id, valueAt(configuration.inspect(id), target)] as const);
    const write = async (values: readonly (readonly [id: string, value: unknown])[]) => {
      for (const [id, value] of values) {
        await vscode.workspace.getConfiguration(undefined, resource).update(id, value, target);
      }
    };
    await write(changes.map(([id, value]) => [id, value ?? undefined] as const));
    tellOverridden(resource, changes);
    return () => write(before);
  }

  dispose(): void {
    vscode.Disposable.from(this.#subscription, this.#changed).dispose();
  }
}

async function askTarget(resource: vscode.Uri): Promise<vscode.ConfigurationTarget | undefined> {
  const { t } = vscode.l10n;
  const folder = vscode.workspace.getWorkspaceFolder(resource);
  const choices = [
    ...(folder
      ? [
          {
            label: t('Workspace folder settings'),
            description: `${folder.name}/.vscode/settings.json`,
            target: vscode.ConfigurationTarget.WorkspaceFolder,
          },
        ]
      : []),
    ...(vscode.workspace.workspaceFile
      ? [
          {
            label: t('Workspace settings'),
            description: vscode.workspace.name ?? '',
            target: vscode.ConfigurationTarget.Workspace,
          },
        ]
      : []),
    { label: t('User settings'), target: vscode.ConfigurationTarget.Global },
  ];
  return (await vscode.window.showQuickPick(choices, { placeHolder: t('Save the threshold to') }))?.target;
}

/** Says so where a narrower setting still wins over what was saved. */
function tellOverridden(resource: vscode.Uri, changes: readonly (readonly [SettingId, number | null])[]): void {
  const now = vscode.workspace.getConfiguration(undefined, resource);
  const [id] = changes.find(([each, value]) => now.get(each) !== value) ?? [];
  if (id === undefined) return;
  const { t } = vscode.l10n;
  void offer(
    vscode.window.showWarningMessage,
    t('{0} was saved, but another value in the settings of the workspace or its folder overrides it.', id),
    commandButton(t('Open settings'), 'workbench.action.openSettings', id),
  );
}

/** What is written at one place; undefined: nothing. */
function valueAt(
  found: ReturnType<vscode.WorkspaceConfiguration['inspect']>,
  target: vscode.ConfigurationTarget,
): unknown {
  if (target === vscode.ConfigurationTarget.WorkspaceFolder) return found?.workspaceFolderValue;
  return target === vscode.ConfigurationTarget.Workspace ? found?.workspaceValue : found?.globalValue;
}
