import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type {
  Action,
  AnomalyViewApp,
  AnomalyViewHost,
  Phase,
  ShownNeighbour,
  StageNeighbours,
  UiState,
  ViewState,
} from '../../../protocol/anomalyView.ts';
import { connect, type Connection, type Handlers } from '../../../protocol/rpc.ts';
import { effectiveThresholds } from '../../../protocol/thresholds.ts';
import { anomalyViewType } from '../../ids.ts';
import { failureText, showFailure } from '../../messages.ts';
import { pageOf, portOf } from '../../webviewPage.ts';
import type { ListedDetector } from '../detectors/detectors.ts';
import { thresholdSettings, viewerSettings } from '../settings/settings.ts';
import type { ViewServices } from './anomalyViewProvider.ts';
import { folderImages } from './folderImages.ts';
import { numbersText } from './numbers.ts';

/** A longer side than this is of no use on a screen and costs a webview too much memory. */
const pictureSide = 8192;

/** One open *Anomaly view*: holds its state, and makes the webview follow the image, the detector and the settings. */
export class AnomalyViewSession {
  readonly #image: vscode.Uri;
  readonly #panel: vscode.WebviewPanel;
  readonly #services: ViewServices;
  readonly #memory: { ui: UiState };
  readonly #connection: Connection<AnomalyViewApp>;
  readonly #subscriptions: vscode.Disposable[] = [];
  #state: ViewState;
  #detector: ListedDetector | undefined;
  #run = 0;
  #disposed = false;

  constructor(image: vscode.Uri, panel: vscode.WebviewPanel, services: ViewServices, memory: { ui: UiState }) {
    this.#image = image;
    this.#panel = panel;
    this.#services = services;
    this.#memory = memory;
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: this.#readable() };
    this.#state = {
      image: {
        path: image.fsPath,
        name: path.basename(image.fsPath),
        uri: this.#uri(image, modifiedMsNow(image)),
        place: 0,
        count: 0,
      },
      phase: busy(),
      ui: memory.ui,
      ...this.#settings(),
    };
    this.#connection = connect<AnomalyViewApp, AnomalyViewHost>(portOf(webview), this.#handlers());
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.joinPath(image, '..'), path.basename(image.fsPath)),
    );
    const later = debounce(200, () => void this.#detect());
    this.#subscriptions.push(
      watcher,
      watcher.onDidChange(later.call),
      watcher.onDidCreate(later.call),
      watcher.onDidDelete(() => this.#gone()),
      later,
      services.settings.onDidChange(() => this.#update({ ui: {}, ...this.#settings(), ...this.#thresholds() })),
      services.detectors.onDidChange(() => void this.#followDetector()),
    );
    webview.html = pageOf(webview, services.page(), {
      title: vscode.l10n.t('Anomaly view'),
      image: this.#state.image.uri,
    });
    void this.#detect();
    void this.#findPlace();
  }

  dispose(): void {
    this.#disposed = true;
    this.#connection.dispose();
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  /** Judges the image as it is on disk by the detector that is in use. */
  async #detect(): Promise<void> {
    const run = ++this.#run;
    const stale = () => this.#disposed || run !== this.#run;
    const { detectors, detections, log } = this.#services;
    this.#update({ phase: busy() });
    try {
      const detector = await detectors.resolve(this.#image);
      if (stale()) return;
      const uri = this.#uri(this.#image, await modifiedMs(this.#image));
      // Anew each time: the place in the folder may have been found meanwhile.
      const image = () => ({ ...this.#state.image, uri });
      this.#detector = detector;
      if (!detector)
        return this.#update({
          image: image(),
          phase: failed(vscode.l10n.t('There is no detector yet. Train one on normal images.'), ['train']),
        });
      const detection = await detections.detect(this.#image.fsPath, detector);
      if (stale()) return;
      this.#state = { ...this.#state, detection };
      this.#update({ image: image(), detection, ...this.#thresholds(), phase: { kind: 'done' } });
    } catch (error) {
      const message = failureText(error, log) ?? vscode.l10n.t('Cancelled.');
      if (!stale()) this.#update({ phase: failed(message, ['retry', 'selectDetector', 'showLog']) });
    }
  }

  #gone(): void {
    this.#run++;
    this.#services.detections.forget(this.#image.fsPath);
    const message = vscode.l10n.t('{0} was deleted or moved.', this.#state.image.name);
    this.#update({ phase: failed(message, ['retry', 'next']) });
  }

  /** Judges again where another detector is in use now, or the same was trained anew or deleted. */
  async #followDetector(): Promise<void> {
    const now = await this.#services.detectors.resolve(this.#image).catch(() => undefined);
    const same = now?.folder === this.#detector?.folder && now?.modifiedMs === this.#detector?.modifiedMs;
    if (!this.#disposed && (!same || this.#state.phase.kind === 'failed')) await this.#detect();
  }

  async #findPlace(): Promise<void> {
    const images = await folderImages(this.#image.fsPath);
    const place = images.indexOf(this.#image.fsPath) + 1;
    this.#update({ image: { ...this.#state.image, place, count: images.length } });
  }

  async #step(by: number): Promise<void> {
    const images = await folderImages(this.#image.fsPath);
    const at = images.indexOf(this.#image.fsPath);
    // An image that is gone has no place; start over.
    const next = images.at(at < 0 ? 0 : (at + by) % images.length);
    if (!next || next === this.#image.fsPath) return;
    const options = { preview: true, ...(this.#panel.viewColumn && { viewColumn: this.#panel.viewColumn }) };
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(next), anomalyViewType, options);
  }

  #handlers(): Handlers<AnomalyViewHost> {
    const { engine, settings, log } = this.#services;
    return {
      ready: () => this.#state,
      neighbours: ({ x, y }) => this.#neighbours(x, y),
      // A Buffer would travel to a webview as text, number by number.
      picture: async ({ image }) => new Uint8Array(await engine(this.#image).picture({ image, maxSide: pictureSide })),
      act: (action) => this.#act(action),
      remember: (ui) => {
        this.#memory.ui = ui;
        this.#state = { ...this.#state, ui };
      },
      openImage: async ({ path: file }) => {
        await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file), vscode.ViewColumn.Beside);
      },
      saveThresholds: ({ image, pixel }) =>
        settings
          .save(this.#image, {
            ...(image !== undefined && { 'nferd.threshold.image': image }),
            ...(pixel !== undefined && { 'nferd.threshold.pixel': pixel }),
          })
          .catch((error: unknown) => {
            showFailure(error, log);
            return false;
          }),
      savePng: async ({ png }) => {
        const name = `${path.parse(this.#image.fsPath).name}-anomalies.png`;
        const target = await vscode.window.showSaveDialog({
          defaultUri: vscode.Uri.joinPath(this.#image, '..', name),
          filters: { PNG: ['png'] },
        });
        if (target) await vscode.workspace.fs.writeFile(target, png);
      },
    };
  }

  async #act(action: Action): Promise<void> {
    const { log, train } = this.#services;
    const run: Readonly<Record<Action, () => unknown>> = {
      retry: () => this.#detect(),
      train: () => train.offer(this.#image),
      selectDetector: () => vscode.commands.executeCommand('nferd.selectDetector', this.#image),
      showLog: () => vscode.commands.executeCommand('nferd.showLog'),
      openSettings: () => vscode.commands.executeCommand('workbench.action.openSettings', 'nferd.'),
      openNumbers: () => this.#openNumbers(),
      previous: () => this.#step(-1),
      next: () => this.#step(1),
    };
    if (!Object.hasOwn(run, action)) return;
    try {
      await run[action]();
    } catch (error) {
      showFailure(error, log);
    }
  }

  async #openNumbers(): Promise<void> {
    const { detection, thresholds } = this.#state;
    if (!detection || !thresholds) return;
    const content = numbersText(detection, thresholds);
    const document = await vscode.workspace.openTextDocument({ language: 'json', content });
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
  }

  async #neighbours(x: number, y: number): Promise<StageNeighbours[]> {
    const { engine } = this.#services;
    if (!this.#detector) return [];
    const count = this.#state.settings.neighbours;
    const request = { image: this.#image.fsPath, detector: this.#detector.folder, x, y, count };
    const stages = await engine(this.#image).neighbours(request);
    return stages.map(({ stage, neighbours }) => ({
      stage,
      neighbours: neighbours.map((neighbour): ShownNeighbour => {
        const source = vscode.Uri.file(neighbour.image);
        return this.#mayRead(source) ? { ...neighbour, uri: this.#uri(source, 0) } : neighbour;
      }),
    }));
  }

  #update(change: Partial<ViewState>): void {
    if (this.#disposed) return;
    this.#state = { ...this.#state, ...change };
    // A hidden webview hears nothing; it asks for the whole state when it is shown again.
    if (this.#panel.visible) this.#connection.remote.update(change).catch(() => undefined);
  }

  #settings(): Pick<ViewState, 'settings' | 'warnings'> {
    const { values, warnings } = this.#services.settings.read(this.#image);
    return { settings: viewerSettings(values), warnings };
  }

  #thresholds(): Pick<ViewState, 'thresholds'> {
    const { detection } = this.#state;
    if (!detection) return {};
    const { values } = this.#services.settings.read(this.#image);
    return { thresholds: effectiveThresholds(detection.detector, thresholdSettings(values)) };
  }

  /** The image's folder and the workspace: where the normal images usually are. The page itself needs nothing. */
  #readable(): vscode.Uri[] {
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
    return [vscode.Uri.joinPath(this.#image, '..'), ...folders];
  }

  #mayRead(file: vscode.Uri): boolean {
    return this.#readable().some((root) => file.fsPath.startsWith(root.fsPath + path.sep));
  }

  #uri(file: vscode.Uri, modifiedMs: number): string {
    const uri = this.#panel.webview.asWebviewUri(file);
    return (modifiedMs ? uri.with({ query: `v=${Math.round(modifiedMs)}` }) : uri).toString();
  }
}

const modifiedMs = async ({ fsPath }: vscode.Uri): Promise<number> =>
  (await stat(fsPath).catch(() => undefined))?.mtimeMs ?? 0;
/** At once: the page asks for the image while it loads, and must not ask again under another address. */
const modifiedMsNow = ({ fsPath }: vscode.Uri): number => statSync(fsPath, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const busy = (): Phase => ({ kind: 'busy', message: vscode.l10n.t('Detecting anomalies…') });
const failed = (message: string, actions: readonly Action[]): Phase => ({ kind: 'failed', message, actions });

function debounce(ms: number, run: () => void): { readonly call: () => void; dispose(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    call() {
      clearTimeout(timer);
      timer = setTimeout(run, ms);
    },
    dispose: () => clearTimeout(timer),
  };
}
