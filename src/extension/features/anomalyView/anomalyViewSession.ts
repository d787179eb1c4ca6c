import { statSync, type Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type {
  Action,
  AnomalyViewApp,
  AnomalyViewHost,
  GivenPicture,
  Phase,
  ShownNeighbour,
  StageNeighbours,
  ViewState,
} from '../../../protocol/anomalyView.ts';
import type { Log } from '../../../protocol/log.ts';
import type { MaskRuns } from '../../../dataset/maskRuns.ts';
import { connect, type Connection, type Handlers, type Remote } from '../../../protocol/rpc.ts';
import { debounce } from '../../debounce.ts';
import { failureText, showFailure } from '../../messages.ts';
import { pageOf, portOf, type PageParts } from '../../webviewPage.ts';
import type { Detections } from '../detect/detections.ts';
import { sameDetector, type Detectors, type ListedDetector } from '../detectors/detectors.ts';
import type { WholeEngine } from '../engine/engineProcess.ts';
import { viewerSettings, type Settings } from '../settings/settings.ts';
import type { Thresholds } from '../thresholds/thresholds.ts';
import type { Train } from '../train/train.ts';
import { ImageLabel } from './imageLabel.ts';
import { labelHandlers } from './labelHandlers.ts';
import { PageFiles } from './pageFiles.ts';
import { placeInFolder } from './placeInFolder.ts';
import { viewActions } from './viewActions.ts';
import { keptUi, type ViewMemory } from './viewMemory.ts';

/** What every open view shares. */
export interface ViewServices {
  readonly engine: (resource: vscode.Uri) => Remote<WholeEngine>;
  readonly detectors: Detectors;
  readonly detections: Detections;
  readonly settings: Settings;
  readonly thresholds: Thresholds;
  readonly train: Train;
  /**
   * Teaches in the dataset view that what an image's mask marks is normal.
   * @returns whether there is a new version to look at
   */
  readonly teach: (image: vscode.Uri, mask: MaskRuns) => Promise<boolean>;
  readonly log: Log;
  /** For masks that were not saved. */
  readonly draftsFolder: string;
  /** The webview's bundle, read when it is first needed. */
  readonly page: () => PageParts;
}

/** A longer side than this is of no use on a screen and costs a webview too much memory. */
const pictureSide = 8192;
/**
 * What the map needs not, comes when the page says that it is there; or after this time, where it
 * says nothing.
 */
const settledMs = 1000;
/** The status bar tells of a saved mask for so long. */
const saidMs = 4000;
/** A larger file the page asks for itself. */
const sentBytes = 2 ** 21;
/** A larger file is sent beside the page, not in it. */
const embeddedBytes = 2 ** 18;
/** They decide whether a detection works at all. */
const engineSettings = ['nferd.executionProvider', 'nferd.inference', 'nferd.cuda'];
/** The page waits so long for what it can be made with: VS Code isn't ready for it sooner. */
const holdMs = 150;

/**
 * One open *Anomaly view*: holds its state, and makes the webview follow the image, the detector
 * and the settings.
 */
export class AnomalyViewSession {
  readonly #image: vscode.Uri;
  readonly #panel: vscode.WebviewPanel;
  readonly #services: ViewServices;
  readonly #memory: ViewMemory;
  readonly #label: ImageLabel;
  readonly #files: PageFiles;
  readonly #connection: Connection<AnomalyViewApp>;
  readonly #subscriptions: vscode.Disposable[] = [];
  #state: ViewState;
  #detector: ListedDetector | undefined;
  #lastDetector: string | undefined;
  #run = 0;
  /** When the image that is shown was written; 0 where it is gone. */
  #shownMs = 0;
  #disposed = false;
  #settled = false;
  /** Whether the image may have changed since its detection began. */
  #unwatched = false;
  /** Whether the page was made; until then it hears nothing. */
  #made = false;

  /** @param askedMs when VS Code asked for the view, in milliseconds since 1970 */
  constructor(
    image: vscode.Uri,
    panel: vscode.WebviewPanel,
    services: ViewServices,
    memory: ViewMemory,
    askedMs: number,
  ) {
    this.#image = image;
    this.#panel = panel;
    this.#services = services;
    this.#memory = memory;
    const { webview } = panel;
    this.#files = new PageFiles(image, webview);
    webview.options = { enableScripts: true, localResourceRoots: this.#files.roots };
    const file = statNow(image.fsPath);
    // A pipe of that name would never be read to its end.
    const sent = file !== undefined && file.isFile() && file.size <= sentBytes;
    this.#state = {
      revision: 0,
      image: {
        path: image.fsPath,
        name: path.basename(image.fsPath),
        uri: this.#files.uri(image, file?.mtimeMs),
        place: 0,
        count: 0,
        sent,
      },
      phase: busy(),
      ...(memory.ui && { ui: memory.ui }),
      ...this.#settings(),
    };
    const folder = vscode.workspace.getWorkspaceFolder(image)?.uri.fsPath;
    this.#label = new ImageLabel(image.fsPath, folder, () => services.engine(image), memory.drafts);
    this.#connection = connect<AnomalyViewApp, AnomalyViewHost>(portOf(webview), this.#handlers());
    const settled = setTimeout(() => this.#settle(), settledMs);
    this.#subscriptions.push(
      new vscode.Disposable(() => clearTimeout(settled)),
      panel.onDidChangeViewState(() => panel.visible && void this.#catchUp()),
      services.settings.onDidChange((change) => this.#followSettings(change)),
      services.thresholds.onDidChange(() => this.#update(this.#thresholds())),
      services.detectors.onDidChange(() => void this.#followDetector()),
    );
    void this.#open(askedMs, file?.size ?? 0);
  }

  /** Does once what is not needed for the map to be on screen. */
  #settle(): void {
    if (this.#disposed || this.#settled) return;
    this.#settled = true;
    // All of the folder: in a pattern some characters of a name would be wildcards.
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.joinPath(this.#image, '..'), '*'),
    );
    const own = (run: () => void) => (file: vscode.Uri) => file.fsPath === this.#image.fsPath && run();
    const later = debounce(200, () => void this.#detect());
    this.#subscriptions.push(
      later,
      watcher,
      watcher.onDidChange(own(later.call)),
      watcher.onDidCreate(own(later.call)),
      watcher.onDidDelete(own(() => this.#gone())),
    );
    void this.#findPlace();
    void this.#catchUp();
  }

  dispose(): void {
    this.#disposed = true;
    this.#connection.dispose();
    vscode.Disposable.from(...this.#subscriptions).dispose();
    void this.#saveMask();
  }

  /** On leaving. What can't be saved waits in the memory for the next view of the image. */
  async #saveMask(): Promise<void> {
    const { name } = this.#state.image;
    try {
      if ((await modifiedMs(this.#image)) === 0 || !(await this.#label.saveUnsaved())) return;
      vscode.window.setStatusBarMessage(vscode.l10n.t('The mask of {0} was saved.', name), saidMs);
    } catch (error) {
      const why = failureText(error, this.#services.log) ?? vscode.l10n.t('Cancelled.');
      const message = vscode.l10n.t(
        'The mask of {0} was not saved; it is kept: open the image again to save it. {1}',
        name,
        why,
      );
      void vscode.window.showWarningMessage(message);
    }
  }

  /**
   * Makes the page with what is known by then: VS Code takes a while to set up a webview, and the
   * engine has begun already.
   */
  async #open(askedMs: number, bytes: number): Promise<void> {
    const { webview } = this.#panel;
    const picture = this.#readPicture();
    const detected = this.#detect();
    const embedded = bytes <= embeddedBytes ? await picture : undefined;
    await within(holdMs, detected);
    if (this.#disposed) return;
    this.#made = true;
    webview.html = pageOf(webview, this.#services.page(), {
      title: vscode.l10n.t('Anomaly view'),
      data: { state: this.#state },
      ...(embedded?.uri === this.#state.image.uri && { picture: embedded.bytes }),
      askedMs,
    });
    // While the page still loads: asking for it later costs a way there and back.
    const sent = embedded ? undefined : await picture;
    if (sent && !this.#disposed) this.#connection.remote.picture(sent).catch(() => undefined);
  }

  /** The image's file, where it is small enough to go along. */
  async #readPicture(): Promise<GivenPicture | undefined> {
    const { uri, sent } = this.#state.image;
    const file = sent ? await readFile(this.#image.fsPath).catch(() => undefined) : undefined;
    // A Buffer would travel to a webview as text, number by number.
    return file && { uri, bytes: new Uint8Array(file) };
  }

  /** Judges the image as it is on disk by the detector that is in use. */
  async #detect(): Promise<void> {
    const run = ++this.#run;
    const stale = () => this.#disposed || run !== this.#run;
    const { detectors, detections, log } = this.#services;
    this.#update({ phase: busy() });
    const stamped = modifiedMs(this.#image).then((ms) => void (stale() || (this.#shownMs = ms)));
    try {
      const [detector] = await Promise.all([detectors.resolve(this.#image), stamped]);
      if (stale()) return;
      const uri = this.#files.uri(this.#image, this.#shownMs);
      // Anew each time: the place in the folder may have been found meanwhile.
      const image = () => ({ ...this.#state.image, uri });
      this.#detector = detector;
      const lost = this.#lastDetector;
      if (detector) this.#lastDetector = detector.name;
      else
        return this.#update({
          image: image(),
          phase:
            lost !== undefined
              ? failed(vscode.l10n.t('The detector "{0}" was deleted or moved, and there is no other.', lost), [
                  'train',
                  'selectDetector',
                  'retry',
                ])
              : failed(vscode.l10n.t('There is no detector yet. Train one on normal images.'), ['train']),
        });
      const detection = await detections.detect(this.#image.fsPath, detector);
      if (stale()) return;
      this.#state = { ...this.#state, detection };
      this.#update({ image: image(), detection, ...this.#thresholds(), phase: { kind: 'done' } });
    } catch (error) {
      const message = failureText(error, log) ?? vscode.l10n.t('Cancelled.');
      if (!stale()) this.#update({ phase: failed(message, ['retry', 'selectDetector', 'showLog']) });
    } finally {
      if (this.#unwatched && !stale()) void this.#catchUp();
    }
  }

  /**
   * What nobody told of: a view that opens doesn't watch yet, a hidden one hears nothing, and some
   * file systems tell of no changes.
   */
  async #catchUp(): Promise<void> {
    void this.#readLabel();
    this.#unwatched = this.#state.phase.kind === 'busy';
    if (this.#unwatched) return;
    const now = await modifiedMs(this.#image);
    if (this.#disposed || this.#state.phase.kind === 'busy' || now === this.#shownMs) return;
    if (now === 0) this.#gone();
    else await this.#detect();
  }

  async #readLabel(): Promise<void> {
    if (this.#disposed) return;
    const label = await this.#label.read().catch((error: unknown) => void failureText(error, this.#services.log));
    const unsavedMask = await this.#label.hasUnsaved().catch(() => false);
    if (unsavedMask !== (this.#state.unsavedMask ?? false)) this.#update({ unsavedMask });
    if (label && (label.label !== this.#state.label || label.defectType !== this.#state.defectType))
      this.#update(label);
  }

  #gone(): void {
    this.#shownMs = 0;
    this.#run++;
    this.#services.detections.forget(this.#image.fsPath);
    const message = vscode.l10n.t('{0} was deleted or moved.', this.#state.image.name);
    this.#update({ phase: failed(message, ['retry', 'next']) });
  }

  /** Judges again where another detector is in use now, or the same was trained anew or deleted. */
  async #followDetector(): Promise<void> {
    const now = await this.#services.detectors.resolve(this.#image).catch(() => undefined);
    const same = sameDetector(now, this.#detector);
    if (!this.#disposed && (!same || this.#state.phase.kind === 'failed')) await this.#detect();
  }

  #followSettings(change: vscode.ConfigurationChangeEvent): void {
    const { ui } = this.#state;
    this.#update({ ...this.#settings(), ...(ui && { ui: keptUi(ui, change) }) });
    // What failed may work with these.
    const retried = engineSettings.some((id) => change.affectsConfiguration(id));
    if (retried && this.#state.phase.kind === 'failed') void this.#detect();
  }

  async #findPlace(): Promise<void> {
    if (this.#disposed) return;
    const { place, count } = await placeInFolder(this.#image.fsPath);
    this.#update({ image: { ...this.#state.image, place, count } });
  }

  #handlers(): Handlers<AnomalyViewHost> {
    const { engine, thresholds, train, log } = this.#services;
    return {
      ready: ({ revision }) => {
        setTimeout(() => this.#settle());
        return revision === this.#state.revision ? undefined : this.#state;
      },
      neighbours: ({ x, y }) => this.#neighbours(x, y),
      // A Buffer would travel to a webview as text, number by number.
      picture: async ({ image }) => new Uint8Array(await engine(this.#image).picture({ image, maxSide: pictureSide })),
      act: viewActions({
        image: this.#image,
        state: () => this.#state,
        detect: () => this.#detect(),
        column: () => this.#panel.viewColumn,
        train,
        log,
      }),
      remember: (ui) => {
        this.#memory.ui = ui;
        this.#state = { ...this.#state, ui };
      },
      ...labelHandlers({
        label: this.#label,
        state: () => this.#state,
        update: (change) => this.#update(change),
        note: (change) => this.#note(change),
        teach: (marked) => this.#services.teach(this.#image, marked),
      }),
      openImage: async ({ path: file }) => {
        await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file), vscode.ViewColumn.Beside);
      },
      saveThresholds: (change) =>
        thresholds.save(this.#image, change).then(
          (undo) => undo !== undefined,
          (error: unknown) => {
            showFailure(error, log);
            return false;
          },
        ),
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
        return this.#files.mayRead(source) ? { ...neighbour, uri: this.#files.uri(source) } : neighbour;
      }),
    }));
  }

  #update(change: Partial<ViewState>): void {
    if (this.#disposed) return;
    const { revision } = this.#note(change);
    // A hidden webview hears nothing; it asks for the whole state when it is shown again.
    if (this.#made && this.#panel.visible)
      this.#connection.remote.update({ ...change, revision }).catch(() => undefined);
  }

  #note(change: Partial<ViewState>): ViewState {
    return (this.#state = { ...this.#state, ...change, revision: this.#state.revision + 1 });
  }

  #settings(): Pick<ViewState, 'settings' | 'rules' | 'warnings'> {
    const { values, warnings } = this.#services.settings.read(this.#image);
    return { settings: viewerSettings(values), rules: this.#services.thresholds.rules(this.#image), warnings };
  }

  #thresholds(): Pick<ViewState, 'thresholds'> {
    const { detection } = this.#state;
    return detection ? { thresholds: this.#services.thresholds.of(detection.detector, this.#image) } : {};
  }
}

/** Undefined where it can't be told. */
function statNow(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}

const modifiedMs = async ({ fsPath }: vscode.Uri): Promise<number> =>
  (await stat(fsPath).catch(() => undefined))?.mtimeMs ?? 0;

const busy = (): Phase => ({ kind: 'busy', message: vscode.l10n.t('Detecting anomalies…') });
const failed = (message: string, actions: readonly Action[]): Phase => ({ kind: 'failed', message, actions });

/** When `work` has ended, or after so long. */
function within(ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void work.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
