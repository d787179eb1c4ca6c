import type {
  Action,
  AnomalyViewHost,
  GivenPicture,
  UiState,
  ViewChange,
  ViewState,
} from '../../protocol/anomalyView.ts';
import type { Remote } from '../../protocol/rpc.ts';
import { memo } from '../model/memo.ts';
import { h } from '../ui/dom.ts';
import { t } from '../ui/l10n.ts';
import { Screen, type Section } from '../ui/screen.ts';
import { describe, describePainted } from './describe.ts';
import { pictureOf } from './image/picture.ts';
import type { Viewport } from './image/viewport.ts';
import { labelling } from './labelling.ts';
import { layerSection } from './layers/layerPicker.ts';
import { legend } from './layers/legend.ts';
import { wholeMap } from './layers/maps.ts';
import { MaskMode } from './mask/maskMode.ts';
import { helpDialog } from './panels/help.ts';
import { labelSection } from './panels/labels.ts';
import { notices } from './panels/notice.ts';
import { regionSection } from './panels/regions.ts';
import { thresholdSection } from './panels/thresholds.ts';
import { toolbar } from './panels/toolbar.ts';
import { verdictSection } from './panels/verdict.ts';
import { pictureLoading } from './pictureLoading.ts';
import { probing } from './probing.ts';
import { regionChoice } from './regionChoice.ts';
import { shownOf, type Model, type Place, type Shown } from './shown.ts';
import { exportPng } from './stage/exportPng.ts';
import { flicker } from './stage/flicker.ts';
import { keyboard } from './stage/keyboard.ts';
import { panesOf, sceneOf } from './stage/panes.ts';
import { Stage } from './stage/stage.ts';
import { whySection } from './why/why.ts';

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
 * The view: one state, what is derived from it, and sections that follow it. Tests read `#app`:
 * data-state (busy, done, failed), data-image, data-score, data-threshold, data-verdict (anomalous,
 * normal), data-hot-x and data-hot-y (the hottest spot, in pixels of the image), data-regions (how
 * many), data-layer, and data-painted: the image whose map is on screen. What is in it has
 * data-testid.
 */
export class App {
  readonly #root: HTMLElement;
  readonly #host: Remote<AnomalyViewHost>;
  readonly #page: Page;
  readonly #screen: Screen<Model, Shown>;
  readonly #stage: Stage;
  readonly #mask: MaskMode;
  readonly #status = h('div', { className: 'hidden', data: { testid: 'status' }, attrs: { 'aria-live': 'polite' } });
  readonly #keys = helpDialog();
  readonly #flicker = flicker((mapShown) => this.#screen.change({ mapShown }));
  readonly #probing: ReturnType<typeof probing>;
  readonly #labelling: ReturnType<typeof labelling>;
  readonly #regions: ReturnType<typeof regionChoice>;
  readonly #loadPicture: () => Promise<void>;
  /** Both have a say in where the map lies. */
  readonly #around: Readonly<Record<'bar' | 'notice', Section<Shown>>>;
  readonly #sections: readonly Section<Shown>[];
  /** Thumbnails may come after the image. */
  readonly #late: Section<Shown>;
  #lateTimer: number | undefined;
  #saveTimer: number | undefined;
  #viewport: Viewport | undefined;
  #resumed = false;
  /** Whether what stands beside the map follows the state yet. */
  #following = false;

  constructor(root: HTMLElement, host: Remote<AnomalyViewHost>, state: ViewState, page: Page) {
    this.#root = root;
    this.#host = host;
    this.#page = page;
    this.#viewport = page.remembered.viewport;
    this.#screen = new Screen(this.#firstModel(state), shownOf, (shown) => this.#paint(shown));
    const screen = this.#screen;
    const say = (text: string) => (this.#status.textContent = text);
    const reveal = (place: Place) => this.#stage.reveal(place);
    this.#probing = probing({ screen, host, reveal, say });
    this.#labelling = labelling({ screen, host, keep: () => this.#mask.keep(), say });
    this.#loadPicture = pictureLoading({ screen, host, embedded: page.embedded, given: page.given });
    this.#stage = this.#makeStage();
    this.#regions = regionChoice({ screen, frame: (part) => this.#stage.frame(part), probe: this.#probing.probe, say });
    const bar = toolbar({
      onUi: (change) => this.#setUi(change),
      onAct: (action) => this.#act(action),
      onFit: () => this.#stage.fit(),
      onActualSize: () => this.#stage.actualSize(),
      onCopy: () => void this.#copy(),
      onMask: () => void this.#mask.toggle(),
      onHelp: () => this.#keys.open(),
    });
    this.#mask = this.#makeMask((editing) => (bar.editing = editing));
    const notice = notices((action) => this.#act(action));
    const scale = legend();
    this.#stage.element.append(scale.element, notice.card);
    const beside = this.#makeSections();
    this.#late = beside.late;
    this.#around = { bar, notice };
    this.#sections = [bar, ...beside.sections, scale, notice];
    root.append(
      bar.element,
      this.#mask.element,
      notice.warnings,
      h('div', { className: 'body' }, this.#stage.element, beside.panel),
      helpText(),
      this.#keys.element,
      this.#status,
    );
    this.#listen();
    this.#begin();
    if (!state.ui && page.remembered.ui) this.#host.remember(page.remembered.ui).catch(() => undefined);
  }

  get revision(): number {
    return this.#screen.state.state.revision;
  }

  /** What the host says has changed. */
  update(change: ViewChange): void {
    const before = this.#screen.state.state;
    const state = { ...before, ...change };
    if (change.detection) performance.mark('nferd:detection');
    const another = change.detection !== undefined && change.detection !== before.detection;
    const moved =
      change.thresholds !== undefined && JSON.stringify(change.thresholds) !== JSON.stringify(before.thresholds);
    this.#screen.change({ state, ...(moved && { draft: {} }), ...(another && { neighbours: [] }) });
    void this.#loadPicture();
    if (change.image && change.image.uri !== before.image.uri) this.#mask.forget();
    if (another) this.#probing.again();
  }

  #firstModel(state: ViewState): Model {
    const { embedded, remembered } = this.#page;
    const ui = state.ui ?? remembered.ui;
    const picture = embedded ? pictureOf(embedded) : undefined;
    if (picture) performance.mark('nferd:picture');
    return {
      state: { ...state, ...(ui && { ui }) },
      mapShown: true,
      draft: remembered.draft ?? {},
      ...(picture && { picture }),
      ...(remembered.probe && { probe: remembered.probe }),
    };
  }

  #makeStage(): Stage {
    const events = {
      onProbe: (place: Place) => this.#probing.probe(place),
      onPainted: () => {
        if (!this.#following) setTimeout(() => this.#follow());
        describePainted(this.#root, this.#screen.shown);
      },
      onViewport: (viewport: Viewport | undefined) => {
        this.#viewport = viewport;
        this.#save(this.#screen.shown);
      },
    };
    return new Stage(events, this.#viewport);
  }

  #makeMask(onEditing: (editing: boolean) => void): MaskMode {
    return new MaskMode({
      host: this.#host,
      extent: () => this.#extent(),
      region: () => {
        const { judged } = this.#screen.shown;
        return judged && { map: wholeMap(judged.detection), level: judged.pixelThreshold };
      },
      position: () => {
        const { probe } = this.#screen.state;
        const extent = this.#extent();
        return probe && extent && { x: probe.x * extent.width, y: probe.y * extent.height };
      },
      onChange: (tool) => {
        onEditing(tool !== undefined);
        this.#stage.use(tool);
      },
      onEnd: () => this.#stage.canvas.focus(),
    });
  }

  /** What stands beside the image. */
  #makeSections() {
    const verdict = verdictSection();
    const label = labelSection(this.#labelling.label, this.#labelling.defectType);
    const thresholds = thresholdSection({
      onDraft: (draft) => this.#screen.change({ draft }),
      onSave: (values) => void this.#saveThresholds(values),
    });
    const regions = regionSection(this.#regions.choose, (boxes) => this.#setUi({ boxes }));
    const why = whySection({
      onOpen: (path) => void this.#host.openImage({ path }),
      picture: (image) => this.#host.picture({ image }),
    });
    const late = layerSection((layer) => this.#setUi({ layer }));
    const sections = [verdict, label, thresholds, regions, why];
    const attrs = { 'aria-label': t('Verdict, thresholds, regions and reasons') };
    const elements = [...sections, late].map(({ element }) => element);
    return { panel: h('aside', { className: 'panel', tabIndex: 0, attrs }, ...elements), sections, late };
  }

  #listen(): void {
    keyboard(this.#stage.canvas, {
      ...this.#probing,
      ...this.#labelling,
      stepRegion: this.#regions.step,
      zoom: (factor) => this.#stage.zoom(factor),
      fit: () => this.#stage.fit(),
      actualSize: () => this.#stage.actualSize(),
      toggleMap: () => this.#screen.change({ mapShown: !this.#screen.state.mapShown }),
      act: (action) => this.#act(action),
      help: () => this.#keys.open(),
      editMask: () => void this.#mask.toggle(),
      maskKey: (event) => this.#mask.key(event),
    });
    addEventListener('pagehide', () => this.#mask.keep());
  }

  /**
   * The map first, where the page came with it: what stands beside it follows when that is on
   * screen.
   */
  #begin(): void {
    const { shown } = this.#screen;
    if (shown.judged && shown.picture) {
      this.#around.bar.update(shown);
      this.#around.notice.update(shown);
      this.#stage.show(panesOf(shown));
    } else this.#follow();
    this.#probing.again();
  }

  /** From now on everything shows what the state says. */
  #follow(): void {
    this.#following = true;
    this.#screen.paint();
    void this.#loadPicture();
  }

  #paint(shown: Shown): void {
    this.#flicker(shown.view.layout === 'flicker' && shown.judged !== undefined);
    for (const section of this.#sections) section.update(shown);
    clearTimeout(this.#lateTimer);
    this.#lateTimer = window.setTimeout(() => this.#late.update(this.#screen.shown), 30);
    this.#stage.show(panesOf(shown));
    this.#resumeMask(shown);
    describe(this.#root, shown);
    this.#save(shown);
  }

  /**
   * Edits that were not saved are shown again, so that they are neither forgotten nor saved unseen:
   * their window may have been closed.
   */
  #resumeMask({ state, picture }: Shown): void {
    if (this.#resumed || !state.unsavedMask || !(state.detection ?? picture)) return;
    this.#resumed = true;
    if (!this.#mask.active) void this.#mask.toggle();
  }

  #save({ draft, probe, state: { ui } }: Shown): void {
    this.#saveLater(draft, ui, probe, this.#viewport);
  }

  /** Not at every step of a drag: what is saved goes through VS Code. */
  readonly #saveLater = memo((draft: Model['draft'], ui?: UiState, probe?: Place, viewport?: Viewport) => {
    clearTimeout(this.#saveTimer);
    const state = { draft, ...(ui && { ui }), ...(probe && { probe }), ...(viewport && { viewport }) };
    this.#saveTimer = window.setTimeout(() => this.#page.save(state), 150);
  });

  #extent() {
    const { state, picture } = this.#screen.state;
    return state.detection?.original ?? picture;
  }

  #act(action: Action): void {
    this.#mask.keep();
    void this.#host.act(action).catch(() => undefined);
  }

  #setUi(change: UiState): void {
    const { state } = this.#screen.state;
    const ui = { ...state.ui, ...change };
    this.#screen.change({ state: { ...state, ui }, mapShown: true });
    this.#host.remember(ui).catch(() => undefined);
  }

  async #saveThresholds(values: Parameters<AnomalyViewHost['saveThresholds']>[0]): Promise<void> {
    const saved = await this.#host.saveThresholds(values).catch(() => false);
    if (saved) this.#screen.change({ draft: {} });
  }

  async #copy(): Promise<void> {
    const scene = sceneOf(this.#screen.shown, true);
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

const helpText = (): HTMLElement =>
  h(
    'p',
    { id: 'help', className: 'hidden' },
    [
      t('Arrow keys move the position, with Shift by more; Home goes to the hottest spot.'),
      t('R goes to the next region, Shift and R to the one before.'),
      t('Plus and minus zoom, 0 shows the whole image, 1 its actual size.'),
      t('Space hides the map. Page Up and Page Down go to other images. A question mark shows all keys.'),
    ].join(' '),
  );
