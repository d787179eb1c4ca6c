import type { DatasetPage, DatasetViewHost, DatasetViewState, Found } from '../../protocol/datasetView.ts';
import type { LabelLine } from '../../dataset/labels.ts';
import type { Remote } from '../../protocol/rpc.ts';
import { h } from '../ui/dom.ts';
import { tabsOf } from '../ui/editorControls.ts';
import { t } from '../ui/l10n.ts';
import { Screen, type Section } from '../ui/screen.ts';
import { curveCharts } from './charts/curveCharts.ts';
import { metricsTable } from './charts/metricsTable.ts';
import { comparisonPanel } from './comparison/comparisonPanel.ts';
import { describe } from './describe.ts';
import { filterBar } from './filters/filterBar.ts';
import type { Arrangement } from './filters/order.ts';
import { Grid } from './grid/grid.ts';
import { nothing, select, selectAll, selectRows, targets, type How } from './grid/selection.ts';
import { inspectionState } from './head/inspectionState.ts';
import { statusLine } from './head/statusLine.ts';
import { toolbar } from './head/toolbar.ts';
import { hostCalls } from './hostCalls.ts';
import { changedByHost, isAnother, withFound, withLabels } from './hostChange.ts';
import { keyboard } from './keyboard.ts';
import { defectPicker } from './labels/defectPicker.ts';
import { keysHelp } from './labels/keysHelp.ts';
import { labelling } from './labels/labelling.ts';
import { selectionBar } from './labels/selectionBar.ts';
import { SimilarityMap } from './map/similarityMap.ts';
import { measuring } from './measuring.ts';
import { deriver, initialUi, type Model, type Shown, type Ui } from './shown.ts';
import { thresholdPanel } from './threshold/thresholdPanel.ts';

/** What a page remembers of itself while it is hidden. */
export interface PageState extends DatasetPage {
  readonly ui: Omit<Ui, 'selection' | 'dragging'>;
}

interface Page {
  readonly remembered: Partial<PageState>;
  readonly save: (state: PageState) => void;
}

const mapTab = 1;

/**
 * The view: one state, what is derived from it, and sections that follow it. Tests read `#app`:
 * data-state (busy, done, failed, resumable), data-images, data-done, data-threshold,
 * data-false-alarms, data-misses, data-labelled (by hand), data-proposal (with
 * data-promised-false-alarms and data-promised-misses) and data-selected. What is in it has
 * data-testid.
 */
export class App {
  readonly #root: HTMLElement;
  readonly #host: Remote<DatasetViewHost>;
  readonly #page: Page;
  readonly #screen: Screen<Model, Shown>;
  readonly #status = statusLine();
  readonly #help = keysHelp();
  readonly #calls: ReturnType<typeof hostCalls>;
  readonly #labelling: ReturnType<typeof labelling>;
  readonly #measure: (shown: Shown) => void;
  readonly #grid: Grid;
  readonly #map: SimilarityMap;
  readonly #panel: HTMLElement;
  readonly #sections: readonly Section<Shown>[];

  constructor(root: HTMLElement, host: Remote<DatasetViewHost>, state: DatasetViewState, page: Page) {
    this.#root = root;
    this.#host = host;
    this.#page = page;
    const model = { state, ui: { ...initialUi, ...page.remembered.ui } };
    this.#screen = new Screen<Model, Shown>(model, deriver(), (shown) => this.#paint(shown));
    this.#calls = hostCalls(host, this.#screen, this.#status);
    this.#measure = measuring(host, this.#screen, this.#status);
    this.#grid = new Grid({
      onSelect: (place, how) => this.#select(place, how),
      onOpen: this.#calls.open,
      fetch: (rows, detector) => host.thumbnails({ rows, ...(detector && { detector }) }),
    });
    this.#map = new SimilarityMap({
      onSelect: (rows) => this.#selectRows(rows),
      onOpen: this.#calls.open,
      onColor: (colorBy) => this.#set({ colorBy }),
      onZoom: (mapZoom) => this.#set({ mapZoom }),
      onWanted: () => void this.#loadProjection(),
    });
    const picker = defectPicker((type) => {
      if (type !== undefined) this.#labelling.setType(type);
      this.#grid.element.focus();
    });
    this.#labelling = labelling({
      screen: this.#screen,
      host,
      status: this.#status,
      pickType: picker.open,
      goTo: (place) => this.#select(place, 'one'),
    });
    const head = this.#makeHead();
    const comparison = this.#makeComparison();
    const beside = this.#makePanel(comparison.picker);
    const footer = this.#makeFooter();
    this.#panel = beside.panel;
    this.#sections = [...head, comparison, ...beside.sections, footer, this.#map, this.#grid];
    root.append(
      ...head.map(({ element }) => element),
      comparison.bar,
      h('div', { className: 'body' }, this.#grid.pane, this.#panel),
      footer.element,
      this.#status.element,
      this.#help.element,
      picker.element,
    );
    this.#listen();
    this.#screen.paint();
  }

  /** What the host says has changed. */
  update(change: Partial<DatasetViewState>): void {
    const before = this.#screen.state;
    const model = changedByHost(before, change);
    const ended = before.state.progress && 'progress' in change && !change.progress;
    if (ended || isAnother(before.state.inspection, model.state.inspection)) this.#map.points = undefined;
    this.#screen.change(model);
    if (ended && model.ui.tab === mapTab) void this.#loadProjection();
  }

  /** What an inspection under way has found. */
  found(found: Found): void {
    this.#screen.change({ state: withFound(this.#screen.state.state, found) });
  }

  labelled(lines: readonly LabelLine[]): void {
    this.#screen.change({ state: withLabels(this.#screen.state.state, lines) });
  }

  #makeHead() {
    const act = this.#calls.act;
    const bar = toolbar({ onAct: (action) => void act(action), onHelp: this.#help.toggle });
    const filters = filterBar({
      onArrange: (change) => this.#arrange(change),
      onLook: (change) => this.#set(change),
    });
    return [bar, inspectionState((action) => void act(action)), filters];
  }

  #makeComparison() {
    return comparisonPanel({
      onCompare: this.#calls.compareWith,
      onEnd: this.#calls.endComparison,
      onShowChanged: () => this.#arrange({ verdict: 'changed' }),
      onAccept: this.#calls.acceptTaught,
      onDiscard: this.#calls.discardTaught,
    });
  }

  /** What stands beside the grid. */
  #makePanel(comparison: HTMLElement) {
    const threshold = thresholdPanel({
      onThreshold: (draft, dragging) => this.#set({ draft, dragging }),
      onBrush: (scores) => this.#arrange({ scores }),
      onReset: () => this.#set({ draft: undefined, dragging: false }),
      onSave: (image) => void this.#calls.saveThreshold(image),
      onUndoThreshold: this.#calls.undoThreshold,
      onProposal: (proposal) => this.#set({ proposal }),
      onMissCost: (missCost) => this.#set({ missCost }),
      onTeach: this.#calls.teach,
    });
    const table = metricsTable((defect) => this.#arrange({ defect }));
    const curves = curveCharts();
    const tabs = tabsOf(
      [
        [t('Metrics'), 'tab-metrics', table.element, curves.element],
        [t('Similarity map'), 'tab-map', this.#map.element],
        [t('Compare'), 'tab-compare', comparison],
      ],
      this.#screen.state.ui.tab,
      (tab) => this.#showTab(tab),
    );
    const attrs = { 'aria-label': t('Threshold and metrics') };
    const panel = h('aside', { className: 'panel', tabIndex: 0, attrs }, threshold.element, tabs);
    return { panel, sections: [threshold, table, curves] };
  }

  #makeFooter() {
    return selectionBar({
      onCommand: (command) => this.#labelling.command(command),
      onOpen: () => {
        const [first] = targets(this.#screen.state.ui.selection);
        if (first !== undefined) this.#calls.open(first);
      },
      onAdvance: (advance) => this.#set({ advance }),
    });
  }

  #listen(): void {
    keyboard({
      view: {
        undo: () => void this.#calls.act('undo'),
        redo: () => void this.#calls.act('redo'),
        help: this.#help.toggle,
        all: () => {
          const order = this.#screen.shown.results?.order;
          if (order) this.#set({ selection: selectAll(order, this.#screen.state.ui.selection) });
        },
      },
      inGrid: (target) => target === document.body || this.#grid.element.contains(target as Node),
      grid: (event) => this.#grid.key(event),
      selectNothing: () => this.#set({ selection: { ...nothing, focus: this.#screen.state.ui.selection.focus } }),
      toggleHeatmap: () => this.#set({ heatmap: !this.#screen.state.ui.heatmap }),
      label: (command) => this.#labelling.command(command),
    });
  }

  #paint(shown: Shown): void {
    this.#panel.hidden = !shown.results;
    for (const section of this.#sections) section.update(shown);
    describe(this.#root, shown);
    this.#measure(shown);
    const { selection: _, dragging, ...ui } = shown.ui;
    // Once a drag has ended.
    if (!dragging) this.#page.save({ folder: shown.state.folder, ui });
  }

  #set(change: Partial<Ui>): void {
    this.#screen.changeSoon({ ui: { ...this.#screen.state.ui, ...change } });
  }

  #arrange(change: Partial<Arrangement>): void {
    this.#set({ arrangement: { ...this.#screen.state.ui.arrangement, ...change } });
    this.#grid.scrollToTop();
  }

  /** A tab's content may lie below what is in view. */
  #showTab(tab: number): void {
    if (tab === this.#screen.state.ui.tab) return;
    this.#set({ tab });
    requestAnimationFrame(() => {
      const [tabs, panel] = [this.#panel.querySelector('.tabs')!, this.#panel];
      panel.scrollTop += tabs.getBoundingClientRect().top - panel.getBoundingClientRect().top;
    });
  }

  #select(place: number, how: How): void {
    const order = this.#screen.shown.results?.order;
    if (!order) return;
    const { ui } = this.#screen.state;
    this.#screen.change({ ui: { ...ui, selection: select(order, ui.selection, place, how) } });
    this.#grid.reveal(place);
  }

  #selectRows(rows: readonly number[]): void {
    this.#screen.change({ ui: { ...this.#screen.state.ui, selection: selectRows(rows) } });
    const order = this.#screen.shown.results?.order;
    if (order && rows[0] !== undefined) this.#grid.reveal(order.indexOf(rows[0]));
  }

  async #loadProjection(): Promise<void> {
    const { inspection, progress } = this.#screen.state.state;
    if (!inspection || progress) return;
    this.#map.points = await this.#status.tell(this.#host.projection());
  }
}
