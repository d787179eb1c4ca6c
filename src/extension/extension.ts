import path from 'node:path';
import * as vscode from 'vscode';
import { anomalyViewType, datasetViewType, type CommandId } from './ids.ts';
import { AnomalyViewProvider } from './features/anomalyView/anomalyViewProvider.ts';
import { installCuda, removeCuda } from './features/cuda/cuda.ts';
import { engineEnvironment } from './features/cuda/engineEnvironment.ts';
import { DatasetPanels } from './features/dataset/datasetPanels.ts';
import { decorations } from './features/decorations/decorations.ts';
import { Detect } from './features/detect/detect.ts';
import { Detections } from './features/detect/detections.ts';
import { Findings } from './features/detect/findings.ts';
import { Detectors } from './features/detectors/detectors.ts';
import { selectDetector } from './features/detectors/selectDetector.ts';
import { doctor } from './features/doctor/doctor.ts';
import { EngineProcess } from './features/engine/engineProcess.ts';
import { forkEngine } from './features/engine/forkEngine.ts';
import { Settings } from './features/settings/settings.ts';
import { StatusBar } from './features/statusBar/statusBar.ts';
import { Thresholds } from './features/thresholds/thresholds.ts';
import { Train } from './features/train/train.ts';
import { showFailure } from './messages.ts';
import { requireTrust } from './trust.ts';
import { readPageParts, type PageParts } from './webviewPage.ts';

export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(new Extension(context));
}

/** Everything the extension is made of, and who knows whom. */
class Extension {
  readonly #log = vscode.window.createOutputChannel('NFERD', { log: true });
  readonly #settings = new Settings();
  readonly #thresholds = new Thresholds(this.#settings);
  readonly #engine: EngineProcess;
  readonly #detectors: Detectors;
  readonly #findings: Findings;
  readonly #detections: Detections;
  readonly #statusBar: StatusBar;
  readonly #registrations: vscode.Disposable[];

  constructor(context: vscode.ExtensionContext) {
    const startedMs = performance.now();
    const dist = vscode.Uri.joinPath(context.extensionUri, 'dist');
    this.#engine = new EngineProcess({
      spawn: () => forkEngine(vscode.Uri.joinPath(dist, 'worker.mjs').fsPath, this.#engineEnvironment(context)),
      log: this.#log,
      t: vscode.l10n.t,
      onDidChange: () => (this.#statusBar.busy = this.#engine.busy),
    });
    const anyEngine = (resource?: vscode.Uri) => this.#engine.use(this.#engineOptions(resource));
    /** For what belongs to a workspace, by the options of its folder. */
    const engine = (resource?: vscode.Uri) => {
      requireTrust();
      return anyEngine(resource);
    };
    this.#detectors = new Detectors(this.#settings, context.globalStorageUri);
    this.#findings = new Findings(context.globalStorageUri, this.#log);
    this.#detections = new Detections(engine, this.#findings, this.#thresholds, this.#log);
    this.#statusBar = new StatusBar(this.#detectors, this.#detections, this.#settings);
    const train = new Train(engine, this.#detectors, this.#settings, this.#log);
    const detect = new Detect(this.#detectors, this.#detections, this.#thresholds, train, this.#log);
    const pages = new Map<string, PageParts>();
    const page = (name: string) => () => {
      const parts = pages.get(name) ?? readPageParts(vscode.Uri.joinPath(dist, 'webview'), name);
      pages.set(name, parts);
      return parts;
    };
    const shared = {
      engine,
      detectors: this.#detectors,
      settings: this.#settings,
      thresholds: this.#thresholds,
      train,
      log: this.#log,
    };
    const datasets = new DatasetPanels(shared, page('datasetView'));
    const view = new AnomalyViewProvider({
      ...shared,
      detections: this.#detections,
      teach: (image, mask) => datasets.teach(image, mask),
      draftsFolder: vscode.Uri.joinPath(context.globalStorageUri, 'maskDrafts').fsPath,
      page: page('anomalyView'),
    });
    const cuda = { engine: () => anyEngine(), renew: () => this.#engine.renew() };
    const commands: Readonly<Record<CommandId, (...given: unknown[]) => unknown>> = {
      'nferd.detectAnomalies': (clicked, selected) => detect.run(clicked, selected),
      'nferd.trainOnNormalImages': (folder) => train.run(folder),
      'nferd.inspectDataset': (folder) => datasets.run(folder),
      'nferd.selectDetector': (resource) =>
        selectDetector(this.#detectors, train, resource instanceof vscode.Uri ? resource : undefined),
      'nferd.showLog': () => this.#log.show(),
      'nferd.installCudaRuntime': () => installCuda(cuda),
      'nferd.removeCudaRuntime': () => removeCuda(cuda),
      'nferd.doctor': () => doctor(anyEngine, String(context.extension.packageJSON.version)),
    };
    this.#registrations = [
      ...Object.entries(commands).map(([id, run]) => vscode.commands.registerCommand(id, this.#guarded(run))),
      vscode.window.registerWebviewPanelSerializer(datasetViewType, datasets),
      vscode.window.registerCustomEditorProvider(anomalyViewType, view, { supportsMultipleEditorsPerDocument: true }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        const read = ['nferd.cuda', 'http.proxy', 'http.noProxy', 'http.proxyStrictSSL', 'http.proxySupport'];
        if (read.some((id) => event.affectsConfiguration(id))) this.#engine.renew();
      }),
      decorations(this.#findings, this.#detectors, this.#thresholds),
    ];
    // What activation need not wait for.
    const later = setTimeout(() => {
      this.#detectors.watch();
      this.#findings.watch();
      this.#statusBar.start();
    });
    this.#registrations.push(new vscode.Disposable(() => clearTimeout(later)));
    this.#log.debug(`Activated in ${(performance.now() - startedMs).toFixed(1)} ms.`);
  }

  dispose(): void {
    const views = [this.#statusBar, this.#detections, this.#findings, this.#detectors, this.#thresholds];
    vscode.Disposable.from(...this.#registrations, this.#engine, ...views, this.#settings, this.#log).dispose();
  }

  #engineEnvironment({ globalStorageUri }: vscode.ExtensionContext) {
    const http = vscode.workspace.getConfiguration('http');
    const network = {
      proxy: http.get<string>('proxy', ''),
      noProxy: http.get<string[]>('noProxy', []),
      strictSsl: http.get<boolean>('proxyStrictSSL', true),
      support: http.get<string>('proxySupport', ''),
    };
    const { values } = this.#settings.read();
    return engineEnvironment(globalStorageUri.fsPath, values['nferd.cuda.libraryPath'], network, path.join);
  }

  #engineOptions(resource?: vscode.Uri) {
    const { values } = this.#settings.read(resource);
    return { executionProvider: values['nferd.executionProvider'], threads: values['nferd.inference.threads'] };
  }

  /** A command that fails says so. */
  #guarded(run: (...given: unknown[]) => unknown) {
    return async (...given: unknown[]): Promise<void> => {
      try {
        await run(...given);
      } catch (error) {
        showFailure(error, this.#log);
      }
    };
  }
}
