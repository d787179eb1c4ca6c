import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { debounce } from '../../debounce.ts';
import { detectorFile, detectorsFolder } from '../../../dataset/onDisk.ts';
import { commandButton, Failure } from '../../messages.ts';
import { requireTrust } from '../../trust.ts';
import type { Settings } from '../settings/settings.ts';

export interface ListedDetector {
  readonly name: string;
  readonly folder: string;
  /** When it was written. */
  readonly modifiedMs: number;
}

/** Whether both are one as it was written once: a detector that was trained anew is another. */
export const sameDetector = (a: ListedDetector | undefined, b: ListedDetector | undefined): boolean =>
  a?.folder === b?.folder && a?.modifiedMs === b?.modifiedMs;

/** The detectors of each workspace folder, and which of them an image is judged by. */
export class Detectors {
  readonly #settings: Settings;
  readonly #home: vscode.Uri;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Many files change together. */
  readonly #changedSoon = debounce(300, () => this.#changed.fire());
  readonly #subscriptions: vscode.Disposable[];
  /** The folders in which a detector was found last. */
  readonly #expected = new Set<string>();
  /** There are others now, or another is chosen. */
  readonly onDidChange = this.#changed.event;

  /** @param home where detectors go when no workspace folder is open */
  constructor(settings: Settings, home: vscode.Uri) {
    this.#settings = settings;
    this.#home = home;
    this.#subscriptions = [
      this.#changed,
      this.#changed.event(() => this.#expected.clear()),
      vscode.workspace.onDidChangeWorkspaceFolders(this.#changedSoon.call),
      vscode.workspace.onDidGrantWorkspaceTrust(this.#changedSoon.call),
      settings.onDidChange((change) => change.affectsConfiguration('nferd.detector') && this.#changed.fire()),
      this.#changedSoon,
    ];
  }

  /** From now on detectors that others make, change or delete are told of. */
  watch(): void {
    const patterns = [`**/${detectorsFolder}/**`, new vscode.RelativePattern(this.#home, `${detectorsFolder}/**`)];
    for (const pattern of patterns) {
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const events = [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete];
      this.#subscriptions.push(watcher, ...events.map((event) => event(this.#changedSoon.call)));
    }
  }

  /** Where the detectors for `resource` are kept. */
  folderFor(resource?: vscode.Uri): string {
    const folder =
      (resource && vscode.workspace.getWorkspaceFolder(resource)) ?? vscode.workspace.workspaceFolders?.[0];
    return path.join((folder?.uri ?? this.#home).fsPath, ...detectorsFolder.split('/'));
  }

  /** The newest first. @throws Failure in a workspace that isn't trusted */
  async list(resource?: vscode.Uri): Promise<ListedDetector[]> {
    requireTrust();
    const parent = this.folderFor(resource);
    // Hidden ones are still being written.
    const names = (await readdir(parent).catch(() => [] as string[])).filter((name) => !name.startsWith('.'));
    const found = await Promise.all(names.map((name) => detectorAt(path.join(parent, name))));
    return found.filter((detector) => detector !== undefined).sort((a, b) => b.modifiedMs - a.modifiedMs);
  }

  /** Whether there was a detector for `resource` when it was last asked for. */
  expects(resource: vscode.Uri): boolean {
    return this.#expected.has(this.folderFor(resource));
  }

  /**
   * The detector that the settings name, else the newest; undefined where there is none.
   * @throws Failure where it is missing
   */
  async resolve(resource?: vscode.Uri): Promise<ListedDetector | undefined> {
    let found: ListedDetector | undefined;
    try {
      return (found = await this.#resolve(resource));
    } finally {
      this.#expected[found ? 'add' : 'delete'](this.folderFor(resource));
    }
  }

  async #resolve(resource?: vscode.Uri): Promise<ListedDetector | undefined> {
    requireTrust();
    const scope = resource ?? vscode.workspace.workspaceFolders?.[0]?.uri;
    const wanted = this.#settings.read(scope).values['nferd.detector'].trim();
    if (wanted === '') return (await this.list(resource))[0];
    const found = await detectorAt(path.resolve(this.folderFor(resource), wanted));
    if (found) return found;
    const { t } = vscode.l10n;
    throw new Failure(
      t('nferd.detector: there is no detector "{0}". Select another or clear the setting.', wanted),
      commandButton(t('Select detector'), 'nferd.selectDetector', resource),
      commandButton(t('Open settings'), 'workbench.action.openSettings', 'nferd.detector'),
    );
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }
}

/** The detector in a folder, if there is one. */
export async function detectorAt(folder: string): Promise<ListedDetector | undefined> {
  const file = await stat(path.join(folder, detectorFile)).catch(() => undefined);
  return file?.isFile() ? { name: path.basename(folder), folder, modifiedMs: file.mtimeMs } : undefined;
}
