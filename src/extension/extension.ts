import * as vscode from 'vscode';
import { anomalyViewType, type CommandId } from './ids.ts';
import { AnomalyViewProvider } from './features/anomalyView/anomalyViewProvider.ts';
import { readPageParts, type PageParts } from './features/anomalyView/html.ts';
import { decorations } from './features/decorations/decorations.ts';
import { Detect } from './features/detect/detect.ts';
import { Detections } from './features/detect/detections.ts';
import { Detectors } from './features/detectors/detectors.ts';
import { selectDetector } from './features/detectors/selectDetector.ts';
import { doctor } from './features/doctor/doctor.ts';
import { EngineProcess } from './features/engine/engineProcess.ts';
import { forkEngine } from './features/engine/forkEngine.ts';
import { Settings } from './features/settings/settings.ts';
import { StatusBar } from './features/statusBar/statusBar.ts';
import { Train } from './features/train/train.ts';
import { showFailure } from './messages.ts';

export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(new Extension(context));
}

/** Everything the extension is made of, and who knows whom. */
class Extension {
  readonly #log = vscode.window.createOutputChannel('NFERD', { log: true });
  readonly #settings = new Settings();
  readonly #engine: EngineProcess;
  readonly #detectors: Detectors;
  readonly #detections: Detections;
  readonly #statusBar: StatusBar;
  readonly #registrations: vscode.Disposable[];

  constructor(context: vscode.ExtensionContext) {
    const startedMs = performance.now();
    const dist = vscode.Uri.joinPath(context.extensionUri, 'dist');
    const engine = () => this.#engine.engine;
    this.#engine = new EngineProcess({
      spawn: () => forkEngine(vscode.Uri.joinPath(dist, 'worker.mjs').fsPath),
      options: () => this.#engineOptions(),
      log: this.#log,
      t: vscode.l10n.t,
      onDidChange: () => (this.#statusBar.busy = this.#engine.busy),
    });
    this.#detectors = new Detectors(this.#settings, context.globalStorageUri);
    this.#detections = new Detections(engine);
    this.#statusBar = new StatusBar(this.#detectors, this.#detections, this.#settings);
    const train = new Train(engine, this.#detectors, this.#log);
    const detect = new Detect(this.#detectors, this.#detections, this.#settings, train, this.#log);
    let page: PageParts | undefined;
    const view = new AnomalyViewProvider({
      engine,
      detectors: this.#detectors,
      detections: this.#detections,
      settings: this.#settings,
      train,
      log: this.#log,
      page: () => (page ??= readPageParts(vscode.Uri.joinPath(dist, 'webview'))),
    });
    const commands: Readonly<Record<CommandId, (...given: unknown[]) => unknown>> = {
      'nferd.detectAnomalies': (clicked, selected) => detect.run(clicked, selected),
      'nferd.trainOnNormalImages': (folder) => train.run(folder),
      'nferd.selectDetector': (resource) =>
        selectDetector(this.#detectors, train, resource instanceof vscode.Uri ? resource : undefined),
      'nferd.showLog': () => this.#log.show(),
      'nferd.doctor': () => doctor(engine, String(context.extension.packageJSON.version)),
    };
    this.#registrations = [
      ...Object.entries(commands).map(([id, run]) => vscode.commands.registerCommand(id, this.#guarded(run))),
      vscode.window.registerCustomEditorProvider(anomalyViewType, view, { supportsMultipleEditorsPerDocument: true }),
      decorations(this.#detections, this.#settings),
      this.#settings.onDidChange(() => this.#reconfigure()),
    ];
    this.#lastOptions = JSON.stringify(this.#engineOptions());
    this.#log.debug(`Activated in ${(performance.now() - startedMs).toFixed(1)} ms.`);
  }

  dispose(): void {
    const own = [this.#engine, this.#statusBar, this.#detections, this.#detectors, this.#settings, this.#log];
    vscode.Disposable.from(...this.#registrations, ...own).dispose();
  }

  #lastOptions: string;

  #engineOptions() {
    const { values } = this.#settings.read();
    return { executionProvider: values['nferd.executionProvider'], threads: values['nferd.inference.threads'] };
  }

  #reconfigure(): void {
    const options = JSON.stringify(this.#engineOptions());
    if (options === this.#lastOptions) return;
    this.#lastOptions = options;
    this.#engine.configure();
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
