import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { checkpointOf } from '../../../dataset/onDisk.ts';
import type { FolderCount } from '../../../dataset/dataset.ts';
import type { DetectorSummary, Engine, OddNormals, Progress } from '../../../protocol/engine.ts';
import type { Log } from '../../../protocol/log.ts';
import { RpcError, type Remote } from '../../../protocol/rpc.ts';
import { fewestNormals } from '../../../dataset/normalTrainingItems.ts';
import { isImagePath } from '../../../dataset/imagePath.ts';
import { detectorName } from '../../../dataset/detectorName.ts';
import { freeName, suggestNormalFolder } from '../detectors/detectorNames.ts';
import { commandButton, offer, showFailure, signalOf, type Button } from '../../messages.ts';
import { requireTrust } from '../../trust.ts';
import { detectorAt, type Detectors, type ListedDetector } from '../detectors/detectors.ts';
import type { Settings } from '../settings/settings.ts';
import { progressText } from './progressText.ts';

type Mode = DetectorSummary['mode'];

/** One training: what on, and where to. */
interface Plan {
  readonly folder: vscode.Uri;
  readonly mode: Mode;
  readonly name: string;
  readonly out: string;
  /** Whose settings count, and whose detectors the new one joins. */
  readonly resource: vscode.Uri;
}

/** The command *Train on normal images*, and the offer to train where there is no detector yet. */
export class Train {
  readonly #engine: (resource: vscode.Uri) => Remote<Engine>;
  readonly #detectors: Detectors;
  readonly #settings: Settings;
  readonly #log: Log;
  /** Folders that detectors are being trained into. */
  readonly #running = new Set<string>();

  constructor(engine: (resource: vscode.Uri) => Remote<Engine>, detectors: Detectors, settings: Settings, log: Log) {
    this.#engine = engine;
    this.#detectors = detectors;
    this.#settings = settings;
    this.#log = log;
  }

  async run(folder?: unknown): Promise<ListedDetector | undefined> {
    requireTrust();
    const chosen = folder instanceof vscode.Uri ? await asFolder(folder) : await askFolder();
    const mode = chosen && (await askMode());
    const plan = chosen && mode && (await this.#plan(chosen, mode, chosen));
    if (!plan) return undefined;
    const trained = await this.#train(plan);
    if (trained) this.#tellUse(trained, plan);
    return trained;
  }

  /**
   * Suggests a folder of normal images for `image` and trains in instant mode if the user agrees.
   */
  async offer(image: vscode.Uri): Promise<ListedDetector | undefined> {
    requireTrust();
    const { t } = vscode.l10n;
    const top = workspaceOf(image);
    const { folder, images } = await suggestNormalFolder(image.fsPath, top, countImages);
    const name = vscode.workspace.asRelativePath(folder, false);
    const train = t('Train');
    const other = t('Choose another folder…');
    const enough = images >= fewestNormals;
    const button = await vscode.window.showInformationMessage(
      enough
        ? t('There is no detector yet. Train one on the {0} images in "{1}"?', images, name)
        : t('There is no detector yet. Train one on a folder of normal images?'),
      {
        modal: true,
        detail: t(
          'They should all be normal. Instant mode answers in seconds; a distilled detector can be trained later.',
        ),
      },
      ...(enough ? [train, other] : [other]),
    );
    if (!button) return undefined;
    const chosen = button === train ? vscode.Uri.file(folder) : await askFolder();
    const plan = chosen && (await this.#plan(chosen, 'instant', image));
    return plan && this.#train(plan);
  }

  /** Where the detector goes; asks where there is one of that name. */
  async #plan(folder: vscode.Uri, mode: Mode, resource: vscode.Uri): Promise<Plan | undefined> {
    const { t } = vscode.l10n;
    const wanted = detectorName(folder.fsPath, mode);
    const parent = this.#detectors.folderFor(resource);
    const placed = (name: string): Plan => ({ folder, mode, name, out: path.join(parent, name), resource });
    const isRunning = (name: string) => this.#running.has(path.join(parent, name));
    if (isRunning(wanted)) {
      const message = t('"{0}" is being trained already. Wait for it or stop it first.', wanted);
      void vscode.window.showInformationMessage(message);
      return undefined;
    }
    const isTaken = async (name: string) =>
      isRunning(name) || (await detectorAt(path.join(parent, name))) !== undefined;
    if (!(await isTaken(wanted))) return placed(wanted);
    const free = await freeName(wanted, isTaken);
    const replace = t('Replace it');
    const keep = t('Keep it, train "{0}"', free);
    const message = t('There is a detector "{0}" already.', wanted);
    const detail = t('It stays as it is until the new one is ready.');
    const button = await vscode.window.showInformationMessage(message, { modal: true, detail }, replace, keep);
    return button ? placed(button === replace ? wanted : free) : undefined;
  }

  async #train(plan: Plan): Promise<ListedDetector | undefined> {
    const { t } = vscode.l10n;
    const { folder, out, mode, name, resource } = plan;
    const { values } = this.#settings.read(resource);
    const falseAlarmRate = values['nferd.threshold.falseAlarmRate'];
    const precision = values['nferd.training.precision'];
    const smallestDefect = values['nferd.training.smallestDefect'];
    const roi = values['nferd.training.roi'];
    const title = t('Training "{0}"', name);
    this.#running.add(out);
    try {
      const open = await this.#engine(resource).foldersToDecide(folder.fsPath);
      const normal = open.length > 0 ? await askNormal(open) : undefined;
      if (open.length > 0 && !normal) return undefined;
      const request = {
        ...{ folder: folder.fsPath, out, mode, precision },
        ...(falseAlarmRate !== null && { falseAlarmRate }),
        ...(smallestDefect > 0 && { smallestDefect }),
        ...(roi !== '' && { roi: path.resolve(workspaceOf(resource) ?? folder.fsPath, roi) }),
        ...(normal && { normal }),
      };
      const summary = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title, cancellable: true },
        (progress, token) => {
          let reported = 0;
          let phase = '';
          const onProgress = (now: Progress) => {
            if (token.isCancellationRequested) return;
            // The bar fills once for each phase.
            if (now.phase !== phase) reported = 0;
            phase = now.phase;
            const share = now.total > 0 ? (100 * now.done) / now.total : 0;
            progress.report({ message: progressText(now, t), increment: Math.max(0, share - reported) });
            reported = share;
          };
          token.onCancellationRequested(() => progress.report({ message: t('Stopping…') }));
          // What a stopped training keeps is on disk when this ends.
          return this.#engine(resource).train(request, { signal: signalOf(token), onProgress, untilEnded: true });
        },
      );
      this.#tell(summary);
    } catch (error) {
      if (error instanceof RpcError && error.ending === 'cancelled') await this.#tellStopped(plan);
      else showFailure(error, this.#log, this.#other(plan));
      return undefined;
    } finally {
      this.#running.delete(out);
    }
    return detectorAt(out);
  }

  #tell({ name, normalImages, thresholds, oddNormals }: DetectorSummary): void {
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
    void vscode.window.setStatusBarMessage(`$(check) ${message}`, 8000);
    if (oddNormals) this.#tellOdd(name, oddNormals);
  }

  /** One odd image among few makes the detector blind: it is worth a look. */
  #tellOdd(name: string, odd: OddNormals): void {
    const { t } = vscode.l10n;
    const message = oddText(name, odd);
    this.#log.warn(message);
    const look = commandButton(t('Look at it'), 'nferd.detectAnomalies', vscode.Uri.file(odd.images[0]!.path));
    const settings = commandButton(t('Open settings'), 'workbench.action.openSettings', 'nferd.threshold.image');
    void offer(vscode.window.showWarningMessage, message, look, settings);
  }

  /** What to do with a detector that was asked for by itself. */
  #tellUse({ name, folder }: ListedDetector, { resource }: Plan): void {
    const { t } = vscode.l10n;
    const ready = t('Detector "{0}" is ready.', name);
    const detect = commandButton(t('Detect anomalies'), 'nferd.detectAnomalies');
    const select = commandButton(t('Select detector'), 'nferd.selectDetector', resource);
    void this.#detectors.resolve(resource).then(
      (used) => offer(vscode.window.showInformationMessage, ready, used?.folder === folder ? detect : select),
      () => offer(vscode.window.showInformationMessage, ready, select),
    );
  }

  async #tellStopped(plan: Plan): Promise<void> {
    const { t } = vscode.l10n;
    const stopped = t('Training "{0}" was stopped.', plan.name);
    this.#log.info(stopped);
    if (!(await stat(checkpointOf(plan.out)).catch(() => undefined))) {
      void vscode.window.setStatusBarMessage(stopped, 8000);
      return;
    }
    const kept = t('What it learned is kept: another training on these images goes on from there.');
    const goOn = { title: t('Go on'), run: () => this.#again(plan) };
    void offer(vscode.window.showInformationMessage, `${stopped} ${kept}`, goOn);
  }

  async #again(plan: Plan): Promise<void> {
    const trained = await this.#train(plan);
    if (trained) this.#tellUse(trained, plan);
  }

  /** A way on from a folder that can't be trained on. */
  #other({ mode, resource }: Plan): Button {
    const run = async () => {
      const chosen = await askFolder();
      const plan = chosen && (await this.#plan(chosen, mode, resource));
      if (plan) await this.#again(plan);
    };
    return { title: vscode.l10n.t('Choose another folder…'), run };
  }
}

const workspaceOf = (resource: vscode.Uri): string | undefined =>
  vscode.workspace.getWorkspaceFolder(resource)?.uri.fsPath;

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

/** Which folders hold normal images, where their names don't tell; undefined where none was chosen. */
async function askNormal(folders: readonly FolderCount[]): Promise<string[] | undefined> {
  const { t } = vscode.l10n;
  const items = folders.map(({ folder, images }) => ({ label: folder, description: t('{0} images', images) }));
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    ignoreFocusOut: true,
    title: t('Which folders hold normal images?'),
    placeHolder: t('Names do not tell which folders hold normal images; the others are taken as defects'),
  });
  return picked && picked.length > 0 ? picked.map(({ label }) => label) : undefined;
}

const countImages = async (folder: string): Promise<number> =>
  (await readdir(folder).catch(() => [] as string[])).filter(isImagePath).length;

function oddText(name: string, { images: [first, ...more], threshold }: OddNormals): string {
  const { t } = vscode.l10n;
  const given = [name, path.basename(first!.path), first!.score.toPrecision(3), more.length] as const;
  const without = threshold.toPrecision(3);
  const sentences =
    more.length === 0
      ? [
          t('The image threshold of "{0}" hangs on one image: "{1}" scores {2}, far above the others.', ...given),
          t('Without it the threshold would be {0}.', without),
          t('If it is not normal, move it out and train again; else set nferd.threshold.image.'),
        ]
      : [
          t(
            'The image threshold of "{0}" hangs on few images: "{1}" scores {2}, far above the others, as {3} more do.',
            ...given,
          ),
          t('Without them the threshold would be {0}.', without),
          t('If they are not normal, move them out and train again; else set nferd.threshold.image.'),
        ];
  return sentences.join(' ');
}
