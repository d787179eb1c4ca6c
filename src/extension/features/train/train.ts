import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { DetectorSummary, Engine, Progress } from '../../../protocol/engine.ts';
import type { Log } from '../../../protocol/log.ts';
import { RpcError, type Remote } from '../../../protocol/rpc.ts';
import { isImagePath } from '../../ids.ts';
import { signalOf } from '../../messages.ts';
import { detectorName, suggestNormalFolder } from '../detectors/detectorNames.ts';
import type { Detectors, ListedDetector } from '../detectors/detectors.ts';
import { progressText } from './progressText.ts';

type Mode = DetectorSummary['mode'];

/** The command *Train on normal images*, and the offer to train where there is no detector yet. */
export class Train {
  readonly #engine: () => Remote<Engine>;
  readonly #detectors: Detectors;
  readonly #log: Log;

  constructor(engine: () => Remote<Engine>, detectors: Detectors, log: Log) {
    this.#engine = engine;
    this.#detectors = detectors;
    this.#log = log;
  }

  async run(folder?: unknown): Promise<ListedDetector | undefined> {
    const chosen = folder instanceof vscode.Uri ? await asFolder(folder) : await askFolder();
    if (!chosen) return undefined;
    const mode = await askMode();
    return mode && this.#train(chosen, mode);
  }

  /** Suggests a folder of normal images for `image` and trains in instant mode if the user agrees. */
  async offer(image: vscode.Uri): Promise<ListedDetector | undefined> {
    const { t } = vscode.l10n;
    const top = vscode.workspace.getWorkspaceFolder(image)?.uri.fsPath;
    const { folder, images } = await suggestNormalFolder(image.fsPath, top, countImages);
    const name = vscode.workspace.asRelativePath(folder, false);
    const train = t('Train');
    const other = t('Choose another folder…');
    const button = await vscode.window.showInformationMessage(
      t('There is no detector yet. Train one on the {0} images in "{1}"?', images, name),
      {
        modal: true,
        detail: t(
          'They should all be normal. Instant mode answers in seconds; a distilled detector can be trained later.',
        ),
      },
      ...(images > 0 ? [train, other] : [other]),
    );
    if (!button) return undefined;
    const chosen = button === train ? vscode.Uri.file(folder) : await askFolder();
    return chosen && this.#train(chosen, 'instant', image);
  }

  async #train(folder: vscode.Uri, mode: Mode, resource = folder): Promise<ListedDetector | undefined> {
    const { t } = vscode.l10n;
    const name = detectorName(folder.fsPath, mode);
    const out = path.join(this.#detectors.folderFor(resource), name);
    const title = t('Training "{0}"', name);
    try {
      const summary = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title, cancellable: true },
        (progress, token) => {
          let reported = 0;
          let phase = '';
          const onProgress = (now: Progress) => {
            // The bar fills once for each phase.
            if (now.phase !== phase) reported = 0;
            phase = now.phase;
            const share = now.total > 0 ? (100 * now.done) / now.total : 0;
            progress.report({ message: progressText(now, t), increment: Math.max(0, share - reported) });
            reported = share;
          };
          return this.#engine().train({ folder: folder.fsPath, out, mode }, { signal: signalOf(token), onProgress });
        },
      );
      this.#tell(summary, resource);
    } catch (error) {
      if (error instanceof RpcError && error.ending === 'cancelled') return undefined;
      throw error;
    }
    return (await this.#detectors.list(resource)).find((detector) => detector.name === name);
  }

  #tell({ name, normalImages, thresholds }: DetectorSummary, resource: vscode.Uri): void {
    const { t } = vscode.l10n;
    const parts = [
      t(
        'Detector "{0}" is ready: {1} normal images, image threshold {2}.',
        name,
        normalImages,
        thresholds.image.toPrecision(3),
      ),
      thresholds.promised
        ? ''
        : t(
            'With so few images it promises no better than {0} % false alarms.',
            Number((100 * thresholds.falseAlarmRate).toPrecision(2)),
          ),
    ];
    const message = parts.filter(Boolean).join(' ');
    this.#log.info(message);
    void this.#detectors.resolve(resource).then(
      (used) =>
        used?.name !== name &&
        void vscode.window.showInformationMessage(message, t('Select detector')).then((button) => {
          if (button) void vscode.commands.executeCommand('nferd.selectDetector', resource);
        }),
      () => undefined,
    );
    void vscode.window.setStatusBarMessage(`$(check) ${message}`, 8000);
  }
}

async function askFolder(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Folder of normal images'),
    openLabel: vscode.l10n.t('Train'),
    canSelectFiles: false,
    canSelectFolders: true,
    ...(vscode.workspace.workspaceFolders?.[0] && { defaultUri: vscode.workspace.workspaceFolders[0].uri }),
  });
  return chosen?.[0];
}

async function asFolder(uri: vscode.Uri): Promise<vscode.Uri> {
  const found = await stat(uri.fsPath).catch(() => undefined);
  return found?.isFile() ? vscode.Uri.joinPath(uri, '..') : uri;
}

async function askMode(): Promise<Mode | undefined> {
  const { t } = vscode.l10n;
  const modes: (vscode.QuickPickItem & { readonly mode: Mode })[] = [
    { mode: 'instant', label: t('$(zap) Instant'), detail: t('Remembers normal patches. Ready in seconds.') },
    {
      mode: 'distilled',
      label: t('$(mortar-board) Distilled'),
      detail: t('Trains a student as well, which shows what it attends to. Takes minutes.'),
    },
  ];
  const picked = await vscode.window.showQuickPick(modes, { placeHolder: t('How to train'), matchOnDetail: true });
  return picked?.mode;
}

const countImages = async (folder: string): Promise<number> =>
  (await readdir(folder).catch(() => [] as string[])).filter(isImagePath).length;
