import { cp, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { DatasetViewApp, DatasetViewHost, DatasetViewState } from '../../../protocol/datasetView.ts';
import type { Engine, Progress } from '../../../protocol/engine.ts';
import type {
  ImportSummary,
  Inspection,
  InspectionEngine,
  InspectionKey,
  LabelLine,
} from '../../../protocol/inspection.ts';
import type { Log } from '../../../protocol/log.ts';
import {
  connect,
  RpcError,
  type CallOptions,
  type Connection,
  type Handlers,
  type Remote,
} from '../../../protocol/rpc.ts';
import { anomalyViewType } from '../../ids.ts';
import { commandButton, Failure, failureText, offer } from '../../messages.ts';
import { portOf } from '../../webviewPage.ts';
import { freeName } from '../detectors/detectorNames.ts';
import { detectorAt, type Detectors, type ListedDetector } from '../detectors/detectors.ts';
import { thresholdSettings, viewerSettings, type Settings } from '../settings/settings.ts';
import type { Train } from '../train/train.ts';
import { askExport, askImport, askReport } from './labelFiles.ts';
import { changedLines, LabelHistory, linesFor, type LabelRequest } from './labelHistory.ts';
import { ownInspection, ownMetrics, ownThumbnail } from './ownBuffers.ts';

/** What every open dataset view shares. */
export interface DatasetServices {
  readonly engine: (resource: vscode.Uri) => Remote<Engine & InspectionEngine>;
  readonly detectors: Detectors;
  readonly settings: Settings;
  readonly train: Train;
  readonly log: Log;
}

interface Taught {
  readonly name: string;
  /** Where it waits to be accepted. */
  readonly folder: string;
}

/** Partial results are asked for no more often than this, and take at most a twentieth of the engine's time. */
const pollMs = 1000;

/** One open *Dataset view*: runs the inspection, owns labels and their history, and makes the webview follow. */
export class DatasetSession {
  readonly folder: vscode.Uri;
  readonly #panel: vscode.WebviewPanel;
  readonly #services: DatasetServices;
  readonly #connection: Connection<DatasetViewApp>;
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #history = new LabelHistory();
  #state: DatasetViewState;
  #detector: ListedDetector | undefined;
  #running: AbortController | undefined;
  #labelling: Promise<unknown> = Promise.resolve();
  #undoThreshold: (() => Promise<void>) | undefined;
  #taught: Taught | undefined;
  #disposed = false;

  constructor(folder: vscode.Uri, panel: vscode.WebviewPanel, services: DatasetServices) {
    this.folder = folder;
    this.#panel = panel;
    this.#services = services;
    this.#state = {
      folder: folder.fsPath,
      name: vscode.workspace.asRelativePath(folder, false),
      needsDetector: false,
      canUndo: false,
      canRedo: false,
      canUndoThreshold: false,
      detectors: [],
      ...this.#settings(),
    };
    this.#connection = connect<DatasetViewApp, DatasetViewHost>(portOf(panel.webview), this.#handlers());
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.joinPath(folder, '.nferd'), 'labels.jsonl'),
    );
    const reread = () => void this.#rereadLabels();
    this.#subscriptions.push(
      watcher,
      watcher.onDidChange(reread),
      watcher.onDidCreate(reread),
      watcher.onDidDelete(reread),
      services.settings.onDidChange(() => this.#update(this.#settings())),
      services.detectors.onDidChange(() => void this.#followDetector()),
    );
    void this.#open();
  }

  dispose(): void {
    this.#disposed = true;
    this.#running?.abort();
    this.#connection.dispose();
    vscode.Disposable.from(...this.#subscriptions).dispose();
    if (this.#taught) void rm(this.#taught.folder, { recursive: true, force: true });
  }

  get #engine(): Remote<Engine & InspectionEngine> {
    return this.#services.engine(this.folder);
  }

  get #key(): InspectionKey {
    if (!this.#detector) throw new Failure(vscode.l10n.t('There is no detector yet. Train one on normal images.'));
    return { folder: this.folder.fsPath, detector: this.#detector.folder };
  }

  /** Shows what is stored and looks at the rest. */
  async #open(): Promise<void> {
    try {
      await this.#listDetectors();
      this.#detector = await this.#services.detectors.resolve(this.folder);
      if (!this.#detector) {
        const failure = vscode.l10n.t('There is no detector yet. Train one on normal images, then inspect the folder.');
        return this.#update({ failure, needsDetector: true });
      }
      this.#update({ failure: undefined, needsDetector: false });
    } catch (error) {
      return this.#fail(error);
    }
    await this.#inspect();
  }

  async #inspect(): Promise<void> {
    if (!this.#detector) return this.#open();
    const key = this.#key;
    await this.#run(vscode.l10n.t('Looking for images'), async (options) => {
      const following = this.#follow(key, options.signal);
      try {
        this.#show(ownInspection(await this.#engine.inspect(key, { ...options, untilEnded: true })));
      } finally {
        following.stop();
        // A stopped inspection has stored what it found.
        const still = () => key.detector === this.#detector?.folder;
        if (options.signal.aborted && still()) await this.#read(key, still).catch(() => undefined);
      }
    });
  }

  /** Does one thing at a time, with its progress in the view; what fails is shown there. @returns undefined where it failed or was stopped */
  async #run<T>(
    phase: string,
    work: (
      options: Required<Pick<CallOptions, 'signal' | 'onProgress'>> & { readonly signal: AbortSignal },
    ) => Promise<T>,
  ): Promise<T | undefined> {
    if (this.#running) throw new Failure(vscode.l10n.t('The folder is being inspected. Wait for it or stop it first.'));
    const controller = new AbortController();
    this.#running = controller;
    let toldMs = 0;
    const onProgress = (progress: Progress) => {
      const nowMs = performance.now();
      if (nowMs - toldMs < 100 && progress.done < progress.total) return;
      toldMs = nowMs;
      if (!controller.signal.aborted) this.#update({ progress });
    };
    this.#update({ progress: { phase, done: 0, total: 0 }, failure: undefined });
    try {
      return await work({ signal: controller.signal, onProgress });
    } catch (error) {
      this.#fail(error);
      return undefined;
    } finally {
      if (this.#running === controller) {
        this.#running = undefined;
        this.#update({ progress: undefined });
      }
    }
  }

  /** Shows what is stored at once, and then what the inspection adds to it. */
  #follow(key: InspectionKey, signal: AbortSignal): { stop(): void } {
    let timer: NodeJS.Timeout | undefined;
    let stopped = false;
    const look = async () => {
      const startMs = performance.now();
      await this.#read(key, () => !stopped && !signal.aborted).catch(() => undefined);
      const tookMs = performance.now() - startMs;
      if (!stopped) timer = setTimeout(() => void look(), Math.max(pollMs, 20 * tookMs));
    };
    void look();
    return {
      stop() {
        stopped = true;
        clearTimeout(timer);
      },
    };
  }

  async #read(key: InspectionKey, wanted = () => true): Promise<void> {
    const inspection = ownInspection(await this.#engine.readInspection(key));
    if (wanted() && !this.#disposed) this.#show(inspection);
  }

  /** Labels are the session's once it has any: a result may have been made before the last of them. */
  #show(inspection: Inspection): void {
    const before = this.#state.inspection;
    const labels = before?.labels ?? inspection.labels;
    const same = before?.detector.version === inspection.detector.version && samePaths(before, inspection);
    this.#state = { ...this.#state, inspection: { ...inspection, labels } };
    if (!same) return this.#update({ inspection: this.#state.inspection! });
    // The view keeps its paths and labels: only what was found goes there.
    const { state, score, peak, failures } = inspection.rows;
    this.#state = {
      ...this.#state,
      inspection: { ...inspection, labels, rows: { ...inspection.rows, paths: before.rows.paths } },
    };
    if (this.#panel.visible) this.#connection.remote.found({ state, score, peak, failures }).catch(() => undefined);
  }

  #fail(error: unknown): void {
    const failure = failureText(error, this.#services.log);
    if (failure !== undefined) this.#update({ failure });
  }

  async #listDetectors(): Promise<void> {
    const list = await this.#services.detectors.list(this.folder);
    this.#update({ detectors: list.map(({ folder, name }) => ({ folder, name })) });
  }

  /** Inspects by another detector where another is in use now, or the same was made anew. */
  async #followDetector(): Promise<void> {
    await this.#listDetectors().catch(() => undefined);
    const now = await this.#services.detectors.resolve(this.folder).catch(() => undefined);
    const same = now?.folder === this.#detector?.folder && now?.modifiedMs === this.#detector?.modifiedMs;
    if (this.#disposed || same) return;
    this.#running?.abort();
    this.#running = undefined;
    this.#update({ progress: undefined });
    await this.#open();
  }

  #handlers(): Handlers<DatasetViewHost> {
    return {
      ready: () => this.#state,
      thumbnails: async ({ rows, detector }) => {
        const key = this.#key;
        const found = await this.#engine.thumbnails({ ...key, ...(detector && { detector }), rows });
        return found.map(ownThumbnail);
      },
      metrics: async ({ imageThreshold }) =>
        ownMetrics(await this.#engine.inspectionMetrics({ ...this.#key, imageThreshold })),
      projection: async () => {
        const { x, y } = await this.#engine.projection(this.#key);
        return { x: x.slice(), y: y.slice() };
      },
      compareWith: ({ detector }) => this.#compareWith(detector),
      label: (request) => this.#queued(() => this.#label(request)),
      undo: () => this.#queued(() => this.#write(this.#history.undo(now()))),
      redo: () => this.#queued(() => this.#write(this.#history.redo(now()))),
      saveThresholds: ({ image }) => this.#saveThreshold(image),
      undoThreshold: async () => {
        const undo = this.#undoThreshold;
        this.#undoThreshold = undefined;
        this.#update({ canUndoThreshold: false });
        await undo?.();
        return undo !== undefined;
      },
      teachAsNormal: ({ images }) => this.#teach(images),
      acceptTaught: () => this.#acceptTaught(),
      discardTaught: () => this.#discardTaught(),
      openImage: async ({ image }) => {
        const uri = vscode.Uri.joinPath(this.folder, image);
        const viewColumn = vscode.ViewColumn.Beside;
        await vscode.commands.executeCommand('vscode.openWith', uri, anomalyViewType, { viewColumn, preview: true });
      },
      exportLabels: () => this.#export(),
      importLabels: () => this.#import(),
      writeReport: ({ imageThreshold }) => this.#report(imageThreshold),
      inspect: () => this.#inspect(),
      cancel: () => {
        this.#running?.abort();
        if (this.#running) this.#update({ progress: { phase: vscode.l10n.t('Stopping…'), done: 0, total: 0 } });
      },
      selectDetector: async () => void (await vscode.commands.executeCommand('nferd.selectDetector', this.folder)),
      train: async () => {
        const [first] = this.#state.inspection?.rows.paths ?? [];
        const trained = await this.#services.train.offer(vscode.Uri.joinPath(this.folder, first ?? 'image.png'));
        if (trained && !this.#detector) await this.#open();
      },
    };
  }

  /** Another detector's results on the same folder. */
  async #compareWith(detector: string): Promise<Inspection> {
    const { folder } = this.#key;
    const other = await this.#run(vscode.l10n.t('Comparing'), (options) =>
      this.#engine.inspect({ folder, detector }, options),
    );
    if (!other) throw new RpcError('cancelled', vscode.l10n.t('Cancelled.'));
    return ownInspection(other);
  }

  /** One at a time: each knows the labels that the one before has left. */
  #queued<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#labelling.then(step);
    this.#labelling = done.catch(() => undefined);
    return done;
  }

  get #labels(): Readonly<Record<string, LabelLine>> {
    return this.#state.inspection?.labels ?? {};
  }

  async #label(request: LabelRequest): Promise<void> {
    const lines = linesFor(request, this.#labels, now());
    const before = this.#labels;
    await this.#write(lines);
    this.#history.record(before, lines);
    this.#tellHistory();
  }

  /** On disk first; then everyone hears of it. */
  async #write(lines: readonly LabelLine[]): Promise<void> {
    if (lines.length === 0) return;
    await this.#engine.appendLabels({ folder: this.folder.fsPath, lines });
    this.#adopt(lines);
    this.#tellHistory();
  }

  #adopt(lines: readonly LabelLine[]): void {
    const { inspection } = this.#state;
    if (!inspection || lines.length === 0) return;
    const labels = { ...inspection.labels };
    for (const line of lines) labels[line.image] = line;
    this.#state = { ...this.#state, inspection: { ...inspection, labels } };
    if (this.#panel.visible) this.#connection.remote.labelled(lines).catch(() => undefined);
  }

  #tellHistory(): void {
    const { canUndo, canRedo } = this.#history;
    if (canUndo !== this.#state.canUndo || canRedo !== this.#state.canRedo) this.#update({ canUndo, canRedo });
  }

  /** Another window, or a hand, has written labels. */
  #rereadLabels(): Promise<void> {
    return this.#queued(async () => {
      const labels = await this.#engine.readLabels({ folder: this.folder.fsPath }).catch(() => undefined);
      if (labels && !this.#disposed) this.#adopt(changedLines(this.#labels, labels, now()));
    });
  }

  async #saveThreshold(image: number | null): Promise<boolean> {
    const undo = await this.#services.settings.saveUndoably(this.folder, { 'nferd.threshold.image': image });
    if (!undo) return false;
    this.#undoThreshold = undo;
    this.#update({ canUndoThreshold: true });
    return true;
  }

  async #teach(images: readonly string[]) {
    const key = this.#key;
    await this.#discardTaught();
    const parent = this.#services.detectors.folderFor(this.folder);
    const isTaken = async (name: string) => (await detectorAt(path.join(parent, name))) !== undefined;
    const name = await freeName(path.basename(key.detector).replace(/-\d+$/, ''), isTaken);
    const out = path.join(path.dirname(parent), 'taught', name);
    await rm(out, { recursive: true, force: true });
    await mkdir(path.dirname(out), { recursive: true });
    const regions = images.map((image) => ({ image }));
    return this.#run(vscode.l10n.t('Teaching'), async (options) => {
      const detector = await this.#engine.teachAsNormal({ ...key, regions, out }, options);
      this.#taught = { name, folder: out };
      const inspection = await this.#engine.inspect({ folder: key.folder, detector: out }, options);
      return { detector, inspection: ownInspection(inspection) };
    });
  }

  async #acceptTaught(): Promise<void> {
    const taught = this.#taught;
    if (!taught) return;
    this.#taught = undefined;
    const to = path.join(this.#services.detectors.folderFor(this.folder), taught.name);
    await mkdir(path.dirname(to), { recursive: true });
    await rename(taught.folder, to).catch(async () => {
      await cp(taught.folder, to, { recursive: true });
      await rm(taught.folder, { recursive: true, force: true });
    });
    // Where the settings name a detector, they name the new one from now on; else the newest is in use anyway.
    const configuration = vscode.workspace.getConfiguration(undefined, this.folder);
    if (configuration.get<string>('nferd.detector')) {
      const inFolder = vscode.workspace.getWorkspaceFolder(this.folder) !== undefined;
      const target = inFolder ? vscode.ConfigurationTarget.WorkspaceFolder : vscode.ConfigurationTarget.Global;
      await configuration.update('nferd.detector', taught.name, target);
    }
    await this.#followDetector();
  }

  async #discardTaught(): Promise<void> {
    const taught = this.#taught;
    this.#taught = undefined;
    if (taught) await rm(taught.folder, { recursive: true, force: true });
  }

  async #export(): Promise<void> {
    const asked = await askExport(this.folder);
    if (!asked) return;
    const { format, out } = asked;
    const summary = await this.#run(vscode.l10n.t('Exporting labels'), (options) =>
      this.#engine.exportLabels({ folder: this.folder.fsPath, format, out }, options),
    );
    if (!summary) return;
    const { t } = vscode.l10n;
    this.#tellSummary(t('{0} labels and {1} masks exported to {2}.', summary.images, summary.masks, out), summary, out);
  }

  /** One step of the history. */
  async #import(): Promise<void> {
    const asked = await askImport(this.folder);
    if (!asked) return;
    const folder = this.folder.fsPath;
    const summary = await this.#queued(async () => {
      const before = this.#labels;
      const imported = await this.#run(vscode.l10n.t('Importing labels'), (options) =>
        this.#engine.importLabels({ folder, ...asked }, options),
      );
      const lines = changedLines(before, await this.#engine.readLabels({ folder }), now());
      this.#history.record(before, lines);
      this.#adopt(lines);
      this.#tellHistory();
      return imported;
    });
    if (!summary) return;
    const { t } = vscode.l10n;
    this.#tellSummary(
      t('{0} labels and {1} masks imported from {2}.', summary.images, summary.masks, asked.from),
      summary,
    );
  }

  async #report(imageThreshold: number): Promise<void> {
    const asked = await askReport(this.folder);
    if (!asked) return;
    const key = this.#key;
    const written = await this.#run(vscode.l10n.t('Writing the report'), async (options) => {
      await this.#engine.writeReport({ ...key, ...asked, imageThreshold }, options);
      return true;
    });
    if (!written) return;
    this.#tellSummary(vscode.l10n.t('Report written to {0}.', asked.out), { notes: [] }, asked.out);
  }

  #tellSummary(message: string, { notes }: Pick<ImportSummary, 'notes'>, out?: string): void {
    const { t } = vscode.l10n;
    notes.forEach((note) => this.#services.log.warn(note));
    const skipped =
      notes.length > 0 ? ` ${notes.length === 1 ? notes[0]! : t('{0} notes are in the log.', notes.length)}` : '';
    void offer(
      vscode.window.showInformationMessage,
      message + skipped,
      ...(out ? [commandButton(t('Show in folder'), 'revealFileInOS', vscode.Uri.file(out))] : []),
      ...(notes.length > 1 ? [commandButton(t('Show engine log'), 'nferd.showLog')] : []),
    );
  }

  #settings(): Pick<DatasetViewState, 'thresholdSettings' | 'colorMap'> {
    const { values } = this.#services.settings.read(this.folder);
    return { thresholdSettings: thresholdSettings(values), colorMap: viewerSettings(values).colorMap };
  }

  #update(change: Partial<DatasetViewState>): void {
    if (this.#disposed) return;
    this.#state = { ...this.#state, ...change };
    // A hidden webview hears nothing; it asks for the whole state when it is shown again.
    if (this.#panel.visible) this.#connection.remote.update(change).catch(() => undefined);
  }
}

const now = (): string => new Date().toISOString();

const samePaths = (a: Inspection, b: Inspection): boolean =>
  a.rows.paths.length === b.rows.paths.length && a.rows.paths.every((each, row) => each === b.rows.paths[row]);
