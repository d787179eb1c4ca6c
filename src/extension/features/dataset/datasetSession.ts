import * as vscode from 'vscode';
import {
  stateChange,
  type DatasetViewApp,
  type DatasetViewHost,
  type DatasetViewState,
} from '../../../protocol/datasetView.ts';
import type { Engine } from '../../../protocol/engine.ts';
import type { LabelLine } from '../../../dataset/labels.ts';
import type { Inspection, InspectionEngine, InspectionKey, NormalRegion } from '../../../protocol/inspection.ts';
import type { Log } from '../../../protocol/log.ts';
import { connect, type Connection, type Handlers, type Remote } from '../../../protocol/rpc.ts';
import { needRegions } from '../../../verdict/rules.ts';
import type { EffectiveThresholds } from '../../../verdict/thresholds.ts';
import { anomalyViewType } from '../../ids.ts';
import { Failure, failureText } from '../../messages.ts';
import { portOf } from '../../webviewPage.ts';
import { sameDetector, type Detectors, type ListedDetector } from '../detectors/detectors.ts';
import { viewerSettings, type Settings } from '../settings/settings.ts';
import type { Thresholds } from '../thresholds/thresholds.ts';
import type { Train } from '../train/train.ts';
import { Labelling } from './labelling.ts';
import { exportLabels, importLabels, writeReport } from './labelTransfer.ts';
import { watchLabels } from './labelWatch.ts';
import { ownInspection, ownMetrics, ownThumbnail } from './ownBuffers.ts';
import { Teaching } from './teaching.ts';
import { Work } from './work.ts';

/** What every open dataset view shares. */
export interface DatasetServices {
  readonly engine: (resource: vscode.Uri) => Remote<Engine & InspectionEngine>;
  readonly detectors: Detectors;
  readonly settings: Settings;
  readonly thresholds: Thresholds;
  readonly train: Train;
  readonly log: Log;
}

/**
 * Partial results are asked for no more often than this, and take at most a twentieth of the
 * engine's time.
 */
const pollMs = 1000;

/**
 * One open *Dataset view*: runs the inspection, owns labels and their history, and makes the
 * webview follow.
 */
export class DatasetSession {
  readonly folder: vscode.Uri;
  readonly #panel: vscode.WebviewPanel;
  readonly #services: DatasetServices;
  readonly #connection: Connection<DatasetViewApp>;
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #work: Work;
  readonly #labelling: Labelling;
  readonly #teaching: Teaching;
  #state: DatasetViewState;
  #detector: ListedDetector | undefined;
  #undoThreshold: (() => Promise<void>) | undefined;
  #disposed = false;
  /** Once the first inspection has ended, however it ended. */
  readonly #opened: Promise<void>;

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
      colorMap: this.#colorMap,
    };
    const engine = () => this.#engine;
    this.#work = new Work({
      onStart: () => this.#update({ failure: undefined }),
      onProgress: (progress) => this.#update({ progress }),
      onFailure: (error) => this.#fail(error),
    });
    this.#labelling = new Labelling(folder.fsPath, {
      engine,
      shown: () => this.#state.inspection?.labels,
      onLines: (lines) => this.#adopt(lines),
      onHistory: (can) => this.#update(can),
    });
    this.#teaching = new Teaching({
      folder,
      engine,
      work: this.#work,
      detectors: () => services.detectors.folderFor(folder),
      pixelThreshold: (detector) => services.thresholds.of(detector, folder).pixel.value,
      openImage: (image) => void this.#openImage(image),
    });
    this.#connection = connect<DatasetViewApp, DatasetViewHost>(portOf(panel.webview), this.#handlers());
    this.#subscriptions.push(
      watchLabels(folder, () => void this.#labelling.follow()),
      services.settings.onDidChange((change) => {
        if (change.affectsConfiguration('nferd.viewer')) this.#update({ colorMap: this.#colorMap });
      }),
      services.thresholds.onDidChange(() => this.#updateThresholds()),
      services.detectors.onDidChange(() => void this.#followDetector()),
    );
    this.#opened = this.#open();
  }

  dispose(): void {
    this.#disposed = true;
    this.#work.dispose();
    this.#connection.dispose();
    vscode.Disposable.from(...this.#subscriptions).dispose();
    void this.#teaching.discard();
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
      const { comparison } = this.#state;
      if (comparison?.inspection.detector.folder === this.#detector.folder) this.#showComparison(undefined);
    } catch (error) {
      return this.#fail(error);
    }
    await this.#inspect();
  }

  async #inspect(): Promise<void> {
    if (!this.#detector) return this.#open();
    const key = this.#key;
    const inspect = async (options: { readonly signal: AbortSignal }) => {
      const following = this.#follow(key, options.signal);
      const still = () => key.detector === this.#detector?.folder;
      try {
        const inspection = ownInspection(await this.#engine.inspect(key, { ...options, untilEnded: true }));
        if (still()) this.#show(inspection);
      } finally {
        following.stop();
        // A stopped inspection has stored what it found.
        if (options.signal.aborted && still()) await this.#read(key, still).catch(() => undefined);
      }
    };
    await this.#work.run(vscode.l10n.t('Looking for images'), inspect, { inspects: true });
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

  /**
   * Labels are the session's once it has any: a result may have been made before the last of them.
   */
  #show(inspection: Inspection): void {
    const before = this.#state.inspection;
    const labels = before?.labels ?? inspection.labels;
    const same = before?.detector.version === inspection.detector.version && samePaths(before, inspection);
    const shown = {
      inspection: { ...inspection, labels },
      thresholds: this.#thresholdsOf(inspection),
      hasRules: this.#hasRules,
    };
    this.#state = { ...this.#state, ...shown };
    if (!same) return this.#update(shown);
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
    if (await this.#sameDetector()) return;
    await this.#work.settle();
    // Meanwhile another event may have come first.
    if (this.#disposed || (await this.#sameDetector())) return;
    await this.#open();
  }

  async #sameDetector(): Promise<boolean> {
    const now = await this.#services.detectors.resolve(this.folder).catch(() => undefined);
    return sameDetector(now, this.#detector);
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
      endComparison: () => this.#endComparison(),
      label: (request) => this.#labelling.label(request),
      undo: async () => ({ skipped: await this.#labelling.undo() }),
      redo: async () => ({ skipped: await this.#labelling.redo() }),
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
      discardTaught: () => this.#endComparison(),
      openImage: ({ image }) => this.#openImage(image),
      exportLabels: () => exportLabels(this.#transfer),
      importLabels: () => importLabels(this.#transfer),
      writeReport: ({ imageThreshold }) => this.#writeReport(imageThreshold),
      inspect: () => this.#inspect(),
      cancel: () => this.#work.stop(),
      selectDetector: async () => void (await vscode.commands.executeCommand('nferd.selectDetector', this.folder)),
      train: async () => {
        const [first] = this.#state.inspection?.rows.paths ?? [];
        const trained = await this.#services.train.offer(vscode.Uri.joinPath(this.folder, first ?? 'image.png'));
        if (trained && !this.#detector) await this.#open();
      },
    };
  }

  get #transfer() {
    const { log } = this.#services;
    return { folder: this.folder, engine: () => this.#engine, work: this.#work, labelling: this.#labelling, log };
  }

  /** Another detector's results on the same folder. */
  async #compareWith(detector: string): Promise<void> {
    const { folder } = this.#key;
    const found = await this.#work.run(vscode.l10n.t('Comparing'), (options) =>
      this.#engine.inspect({ folder, detector }, options),
    );
    if (!found) return;
    await this.#teaching.discard();
    this.#showComparison({ inspection: ownInspection(found), taught: false });
  }

  /** A taught detector that was not accepted goes with it. */
  async #endComparison(): Promise<void> {
    this.#showComparison(undefined);
    await this.#teaching.discard();
  }

  #adopt(lines: readonly LabelLine[]): void {
    const { inspection } = this.#state;
    if (!inspection || lines.length === 0) return;
    const labels = { ...inspection.labels };
    for (const line of lines) labels[line.image] = line;
    this.#state = { ...this.#state, inspection: { ...inspection, labels } };
    if (this.#panel.visible) this.#connection.remote.labelled(lines).catch(() => undefined);
  }

  async #saveThreshold(image: number | null): Promise<boolean> {
    const undo = await this.#services.thresholds.save(this.folder, { image });
    if (!undo) return false;
    this.#undoThreshold = undo;
    this.#update({ canUndoThreshold: true });
    return true;
  }

  async #openImage(image: string): Promise<void> {
    const uri = vscode.Uri.joinPath(this.folder, image);
    const viewColumn = vscode.ViewColumn.Beside;
    await vscode.commands.executeCommand('vscode.openWith', uri, anomalyViewType, { viewColumn, preview: true });
  }

  /**
   * As soon as the folder is inspected; the effect is shown as after `teachAsNormal`.
   * @returns false where nothing was taught, and the view says why
   * @throws Failure while something else runs
   */
  async teachRegions(regions: readonly NormalRegion[]): Promise<boolean> {
    await this.#opened;
    const { inspection } = this.#state;
    return inspection !== undefined && this.#showTaught(await this.#teaching.teachPlaces(inspection, { regions }));
  }

  async #teach(images: readonly string[]): Promise<void> {
    const { inspection } = this.#state;
    if (inspection) this.#showTaught(await this.#teaching.teach(inspection, images));
  }

  #showTaught(inspection: Inspection | undefined): boolean {
    if (inspection) this.#showComparison({ inspection, taught: true });
    return inspection !== undefined;
  }

  async #acceptTaught(): Promise<void> {
    const name = await this.#teaching.accept();
    this.#showComparison(undefined);
    if (name === undefined) return;
    // Where the settings name a detector, they name the new one from now on; else the newest is in
    // use anyway.
    const configuration = vscode.workspace.getConfiguration(undefined, this.folder);
    if (configuration.get<string>('nferd.detector')) {
      const inFolder = vscode.workspace.getWorkspaceFolder(this.folder) !== undefined;
      const target = inFolder ? vscode.ConfigurationTarget.WorkspaceFolder : vscode.ConfigurationTarget.Global;
      await configuration.update('nferd.detector', name, target);
    }
    await this.#followDetector();
  }

  /** Judged as in the anomaly view. */
  #writeReport(imageThreshold: number): Promise<void> {
    const { inspection } = this.#state;
    // Without one there is nothing to report, which is said there.
    const pixelThreshold = inspection ? this.#thresholdsOf(inspection).pixel.value : NaN;
    const rules = this.#services.thresholds.rules(this.folder);
    return writeReport(this.#transfer, this.#key, {
      imageThreshold: inspection ? imageThreshold : NaN,
      pixelThreshold,
      rules,
    });
  }

  get #colorMap(): DatasetViewState['colorMap'] {
    return viewerSettings(this.#services.settings.read(this.folder).values).colorMap;
  }

  #thresholdsOf({ detector }: Inspection): EffectiveThresholds {
    return this.#services.thresholds.of(detector, this.folder);
  }

  get #hasRules(): boolean {
    return needRegions(this.#services.thresholds.rules(this.folder));
  }

  #updateThresholds(): void {
    const { inspection, comparison } = this.#state;
    this.#update({
      hasRules: this.#hasRules,
      ...(inspection && { thresholds: this.#thresholdsOf(inspection) }),
      ...(comparison && { comparedThresholds: this.#thresholdsOf(comparison.inspection) }),
    });
  }

  #showComparison(comparison: DatasetViewState['comparison']): void {
    this.#update({ comparison, comparedThresholds: comparison && this.#thresholdsOf(comparison.inspection) });
  }

  #update(change: Partial<DatasetViewState>): void {
    if (this.#disposed) return;
    this.#state = { ...this.#state, ...change };
    // A hidden webview hears nothing; it asks for the whole state when it is shown again.
    if (this.#panel.visible) this.#connection.remote.update(stateChange(change)).catch(() => undefined);
  }
}

const samePaths = (a: Inspection, b: Inspection): boolean =>
  a.rows.paths.length === b.rows.paths.length && a.rows.paths.every((each, row) => each === b.rows.paths[row]);
