import type {
  Action,
  AnomalyViewHost,
  GivenPicture,
  UiState,
  ViewChange,
  ViewState,
} from '../../protocol/anomalyView.ts';
import type { UserLabel } from '../../dataset/labels.ts';
import { RpcError, type Remote } from '../../protocol/rpc.ts';
import { h } from '../lib/dom.ts';
import { t } from '../lib/l10n.ts';
import { latestOnly } from '../lib/latestOnly.ts';
import { peakOf, wholeMap } from '../lib/maps.ts';
import { loadPicture, pictureOf } from '../lib/picture.ts';
import type { Viewport } from '../lib/viewport.ts';
import type { Scene } from './canvas.ts';
import { correct, type Correction } from './correction.ts';
import { exportPng } from './exportPng.ts';
import { flicker } from './flicker.ts';
import { helpDialog } from './help.ts';
import { keyboard } from './keyboard.ts';
import { labelSection } from './labels.ts';
import { layerSection } from './layerPicker.ts';
import { layersOf } from './layers.ts';
import { legend } from './legend.ts';
import { MaskMode } from './maskMode.ts';
import { judge, shownLayer, viewOf, type Model, type Place } from './model.ts';
import { notices } from './notice.ts';
import { Stage, type Panes } from './stage.ts';
import { thresholdSection } from './thresholds.ts';
import { toolbar } from './toolbar.ts';
import { verdictSection } from './verdict.ts';
import { placeText, whySection } from './why.ts';

/** What a page remembers of itself while it is hidden. */
export interface PageState {
  readonly viewport?: Viewport;
  readonly probe?: Place;
  readonly draft: Model['draft'];
  readonly ui?: UiState;
}

interface Page {
  readonly remembered: Partial<PageState>;
  readonly save: (state: PageState) => void;
  /** The first image where the page came with it. */
  readonly embedded: HTMLImageElement | null;
  /** The first image's file where the host sent it along; undefined where it did not. */
  readonly given: Promise<GivenPicture | undefined>;
}

/**
 * The view: one model, and sections that follow it. Tests read `#app`: data-state (busy, done, failed), data-image, data-score,
 * data-threshold, data-verdict (anomalous, normal), data-hot-x and data-hot-y (the hottest spot, in pixels of the image),
 * data-layer, and data-painted: the image whose map is on screen. What is in it has data-testid.
 */
export class App {
  readonly #root: HTMLElement;
  readonly #host: Remote<AnomalyViewHost>;
  readonly #page: Page;
  readonly #stage: Stage;
  readonly #sections: readonly { update(model: Model): void }[];
  /** Thumbnails may come after the image. */
  readonly #late: { update(model: Model): void };
  #lateTimer: number | undefined;
  #saveTimer: number | undefined;
  readonly #status = h('div', { className: 'hidden', data: { testid: 'status' }, attrs: { 'aria-live': 'polite' } });
  readonly #ask: (place: Place) => void;
  readonly #flicker = flicker((mapShown) => this.#change({ mapShown }));
  readonly #mask: MaskMode;
  #model: Model;
  #viewport: Viewport | undefined;
  #resumed = false;
  /** Whether what stands beside the map follows the model yet. */
  #following = false;
  #pictureUri: string | undefined;
  /** Of the image that the page came with, if it did. */
  readonly #embeddedUri: string;

  constructor(root: HTMLElement, host: Remote<AnomalyViewHost>, state: ViewState, page: Page) {
    this.#root = root;
    this.#host = host;
    this.#page = page;
    const { remembered } = page;
    this.#viewport = remembered.viewport;
    this.#embeddedUri = state.image.uri;
    const ui = state.ui ?? remembered.ui;
    const picture = page.embedded ? pictureOf(page.embedded) : undefined;
    if (picture) performance.mark('nferd:picture');
    this.#model = {
      state: { ...state, ...(ui && { ui }) },
      mapShown: true,
      draft: remembered.draft ?? {},
      ...(picture && { picture }),
      ...(remembered.probe && { probe: remembered.probe }),
    };
    this.#stage = new Stage(
      {
        onProbe: (place) => this.#probe(place),
        onPainted: () => this.#painted(),
        onViewport: (viewport) => {
          this.#viewport = viewport;
          this.#save();
        },
      },
      remembered.viewport,
    );
    this.#ask = latestOnly((place: Place) => this.#findNeighbours(place));
    if (!state.ui && ui) this.#host.remember(ui).catch(() => undefined);
    const act = (action: Action) => {
      this.#mask.keep();
      void this.#host.act(action).catch(() => undefined);
    };
    const bar = toolbar({
      onUi: (ui) => this.#setUi(ui),
      onAct: act,
      onFit: () => this.#stage.fit(),
      onActualSize: () => this.#stage.actualSize(),
      onCopy: () => void this.#copy(),
      onMask: () => void this.#mask.toggle(),
      onHelp: () => keys.open(),
    });
    const keys = helpDialog();
    const setLabel = (label: UserLabel | null) => void this.#setLabel(label);
    const defectType = () => void this.#chooseDefectType();
    const label = labelSection(setLabel, defectType);
    this.#mask = new MaskMode({
      host: this.#host,
      extent: () => this.#model.state.detection?.original ?? this.#model.picture,
      region: () => {
        const judged = judge(this.#model);
        return judged && { map: wholeMap(judged.detection), level: judged.pixelThreshold };
      },
      position: () => this.#position(),
      onChange: (tool) => {
        bar.editing = tool !== undefined;
        this.#stage.use(tool);
      },
      onEnd: () => this.#stage.canvas.focus(),
    });
    const verdict = verdictSection();
    const thresholds = thresholdSection({
      onDraft: (draft) => this.#change({ draft }),
      onSave: (values) => void this.#saveThresholds(values),
    });
    const why = whySection({
      onOpen: (path) => void this.#host.openImage({ path }),
      picture: (image) => this.#host.picture({ image }),
    });
    const layers = layerSection((layer) => this.#setUi({ layer }));
    const scale = legend();
    const notice = notices(act);
    this.#stage.element.append(scale.element, notice.card);
    const help = h(
      'p',
      { id: 'help', className: 'hidden' },
      t(
        'Arrow keys move the position, with Shift by more; Home goes to the hottest spot. Plus and minus zoom, 0 shows the whole image, 1 its actual size. Space hides the map. Page Up and Page Down go to other images. A question mark shows all keys.',
      ),
    );
    const sections = [verdict.element, label.element, thresholds.element, why.element, layers.element];
    root.append(
      bar.element,
      this.#mask.element,
      notice.warnings,
      h(
        'div',
        { className: 'body' },
        this.#stage.element,
        h(
          'aside',
          { className: 'panel', tabIndex: 0, attrs: { 'aria-label': t('Verdict, thresholds and reasons') } },
          ...sections,
        ),
      ),
      help,
      keys.element,
      this.#status,
    );
    this.#sections = [bar, verdict, label, thresholds, why, scale, notice];
    this.#late = layers;
    keyboard(this.#stage.canvas, {
      move: (dx, dy) => this.#move(dx, dy),
      hottest: () => this.#hottest(),
      zoom: (factor) => this.#stage.zoom(factor),
      fit: () => this.#stage.fit(),
      actualSize: () => this.#stage.actualSize(),
      toggleMap: () => this.#change({ mapShown: !this.#model.mapShown }),
      act,
      label: setLabel,
      defectType,
      correct: (what) => this.#correct(what),
      help: () => keys.open(),
      editMask: () => void this.#mask.toggle(),
      maskKey: (event) => this.#mask.key(event),
    });
    addEventListener('pagehide', () => this.#mask.keep());
    // The map first, where the page came with it: what stands beside it follows when that is on screen.
    if (judge(this.#model) && this.#model.picture) {
      // Both have a say in where the map lies.
      bar.update(this.#model);
      notice.update(this.#model);
      this.#stage.show(this.#panes());
    } else this.#follow();
    if (remembered.probe && state.detection) this.#ask(remembered.probe);
  }

  /** From now on everything shows what the model says. */
  #follow(): void {
    this.#following = true;
    this.#render();
    void this.#loadPicture();
  }

  get revision(): number {
    return this.#model.state.revision;
  }

  /** What the host says has changed. */
  update(change: ViewChange): void {
    const before = this.#model.state;
    const state = { ...before, ...change };
    if (change.detection) performance.mark('nferd:detection');
    const another = change.detection !== undefined && change.detection !== before.detection;
    const moved =
      change.thresholds !== undefined && JSON.stringify(change.thresholds) !== JSON.stringify(before.thresholds);
    this.#change({ state, ...(moved && { draft: {} }), ...(another && { neighbours: [] }) });
    void this.#loadPicture();
    if (change.image && change.image.uri !== before.image.uri) this.#mask.forget();
    if (another && this.#model.probe) this.#ask(this.#model.probe);
  }

  #change(change: Partial<Model>): void {
    this.#model = { ...this.#model, ...change };
    this.#render();
    this.#save();
  }

  #setUi(change: UiState): void {
    const ui = { ...this.#model.state.ui, ...change };
    this.#change({ state: { ...this.#model.state, ui }, mapShown: true });
    this.#host.remember(ui).catch(() => undefined);
  }

  #save(): void {
    const { draft, probe, state } = this.#model;
    const { ui } = state;
    const viewport = this.#viewport;
    // Not at every step of a drag: what is saved goes through VS Code.
    clearTimeout(this.#saveTimer);
    this.#saveTimer = window.setTimeout(
      () => this.#page.save({ draft, ...(ui && { ui }), ...(probe && { probe }), ...(viewport && { viewport }) }),
      150,
    );
  }

  #render(): void {
    const judged = judge(this.#model);
    const { layout } = viewOf(this.#model);
    this.#flicker(layout === 'flicker' && judged !== undefined);
    for (const section of this.#sections) section.update(this.#model);
    clearTimeout(this.#lateTimer);
    this.#lateTimer = window.setTimeout(() => this.#late.update(this.#model), 30);
    this.#stage.show(this.#panes());
    this.#resumeMask();
    const { dataset } = this.#root;
    dataset.state = this.#model.state.phase.kind;
    dataset.image = this.#model.state.image.path;
    if (!judged) {
      for (const name of ['score', 'verdict', 'hot-x', 'hot-y', 'layer', 'threshold', 'painted']) {
        this.#root.removeAttribute(`data-${name}`);
      }
      return;
    }
    const { detection, anomalous, imageThreshold } = judged;
    const peak = peakOf(wholeMap(detection));
    dataset.score = String(detection.score);
    dataset.threshold = String(imageThreshold);
    dataset.verdict = anomalous ? 'anomalous' : 'normal';
    dataset.hotX = String(Math.floor(peak.x * detection.original.width));
    dataset.hotY = String(Math.floor(peak.y * detection.original.height));
    dataset.layer = shownLayer(this.#model)?.id;
  }

  /** Edits that were not saved are shown again, so that they are neither forgotten nor saved unseen: their window may have been closed. */
  #resumeMask(): void {
    const { state, picture } = this.#model;
    if (this.#resumed || !state.unsavedMask || !(state.detection ?? picture)) return;
    this.#resumed = true;
    if (!this.#mask.active) void this.#mask.toggle();
  }

  #painted(): void {
    const {
      picture,
      state: { phase, image },
    } = this.#model;
    const { dataset } = this.#root;
    if (!this.#following) setTimeout(() => this.#follow());
    if (phase.kind !== 'done' || !picture || dataset.painted === image.path) return;
    if (performance.getEntriesByName('nferd:painted').length === 0) performance.mark('nferd:painted');
    // Who waits for this reads what else is said there.
    if (dataset.image === image.path) dataset.painted = image.path;
  }

  #scene(withMap: boolean): Scene | undefined {
    const { picture, probe, state } = this.#model;
    const extent = state.detection?.original ?? picture;
    if (!extent) return undefined;
    const view = viewOf(this.#model);
    const judged = judge(this.#model);
    const layer = shownLayer(this.#model);
    const shown = withMap && judged && layer;
    const whole = judged && layersOf(judged.detection, judged.pixelThreshold, view.range)[0];
    return {
      ...(picture && { picture }),
      extent,
      opacity: view.opacity,
      colorMap: view.colorMap,
      ...(probe && { probe }),
      ...(shown && { layer }),
      ...(shown && whole && view.contour && { contourOf: { layer: whole, level: judged.pixelThreshold } }),
    };
  }

  #panes(): Panes {
    const scene = this.#scene(this.#model.mapShown);
    if (!scene) return [];
    const plain = viewOf(this.#model).layout === 'sideBySide' ? this.#scene(false) : undefined;
    return plain ? [plain, scene] : [scene];
  }

  async #loadPicture(): Promise<void> {
    const { uri, path, sent } = this.#model.state.image;
    if (uri === this.#pictureUri) return;
    const embedded = uri === this.#embeddedUri ? this.#page.embedded : undefined;
    this.#pictureUri = uri;
    try {
      const given = sent && !embedded ? await this.#page.given : undefined;
      const bytes = given?.uri === uri ? given.bytes : undefined;
      const picture = await loadPicture(uri, () => this.#host.picture({ image: path }), embedded ?? bytes);
      if (!this.#model.picture) performance.mark('nferd:picture');
      if (uri !== this.#pictureUri) return;
      const { pictureFailure: _, ...model } = this.#model;
      this.#model = { ...model, picture };
      this.#render();
    } catch (error) {
      if (uri === this.#pictureUri) this.#change({ pictureFailure: (error as Error).message });
    }
  }

  #probe(place: Place): void {
    this.#change({ probe: place });
    this.#status.textContent = placeText(this.#model, place);
    if (this.#model.state.detection) this.#ask(place);
  }

  /** By positions of the anomaly map. */
  #move(dx: number, dy: number): void {
    const { detection } = this.#model.state;
    if (!detection) return;
    const anomalyMap = wholeMap(detection);
    const from = this.#model.probe ?? peakOf(anomalyMap);
    const along = (at: number, by: number, size: number) =>
      (Math.min(size - 1, Math.max(0, Math.floor(at * size) + by)) + 0.5) / size;
    const place = { x: along(from.x, dx, anomalyMap.width), y: along(from.y, dy, anomalyMap.height) };
    this.#stage.reveal(place);
    this.#probe(place);
  }

  #hottest(): void {
    const { detection } = this.#model.state;
    if (!detection) return;
    const { x, y } = peakOf(wholeMap(detection));
    this.#stage.reveal({ x, y });
    this.#probe({ x, y });
  }

  async #findNeighbours(place: Place): Promise<void> {
    const still = () => this.#model.probe === place || JSON.stringify(this.#model.probe) === JSON.stringify(place);
    try {
      const neighbours = await this.#host.neighbours(place);
      const { neighboursFailure: _, ...model } = this.#model;
      if (still()) {
        this.#model = { ...model, neighbours };
        this.#render();
      }
    } catch (error) {
      if (error instanceof RpcError && error.ending !== 'error') return;
      if (still()) this.#change({ neighboursFailure: (error as Error).message });
    }
  }

  async #setLabel(label: UserLabel | null): Promise<void> {
    this.#mask.keep();
    try {
      await this.#host.setLabel({ label });
      this.#change({ labelNote: undefined });
      this.#status.textContent = label === null ? t('Label taken back.') : t('Labelled: {0}.', label);
    } catch (error) {
      this.#change({ labelNote: t('The label was not stored: {0}', (error as Error).message) });
    }
  }

  async #chooseDefectType(): Promise<void> {
    this.#mask.keep();
    try {
      await this.#host.chooseDefectType();
      this.#change({ labelNote: undefined });
    } catch (error) {
      this.#change({ labelNote: t('The label was not stored: {0}', (error as Error).message) });
    }
  }

  #correct(what: Correction): void {
    const given = correct(what, judge(this.#model)?.anomalous);
    if ('label' in given) return void this.#setLabel(given.label);
    this.#change({ labelNote: given.refusal });
    this.#status.textContent = given.refusal;
  }

  /** The chosen place in pixels of the image. */
  #position() {
    const { probe, picture, state } = this.#model;
    const extent = state.detection?.original ?? picture;
    return probe && extent && { x: probe.x * extent.width, y: probe.y * extent.height };
  }

  async #saveThresholds(values: Parameters<AnomalyViewHost['saveThresholds']>[0]): Promise<void> {
    const saved = await this.#host.saveThresholds(values).catch(() => false);
    if (saved) this.#change({ draft: {} });
  }

  async #copy(): Promise<void> {
    const scene = this.#scene(true);
    if (!scene) return;
    const png = await exportPng(scene);
    try {
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
      this.#status.textContent = t('Copied as PNG.');
    } catch {
      await this.#host.savePng({ png: new Uint8Array(await png.arrayBuffer()) }).catch(() => undefined);
    }
  }
}
