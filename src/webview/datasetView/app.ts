import type { DatasetPage, DatasetViewHost, DatasetViewState, Found } from '../../protocol/datasetView.ts';
import type { LabelLine, UserLabel } from '../../dataset/labels.ts';
import type { Inspection, InspectionMetrics } from '../../protocol/inspection.ts';
import type { Remote } from '../../protocol/rpc.ts';
import { h } from '../lib/dom.ts';
import { t } from '../lib/l10n.ts';
import { latestOnly } from '../lib/latestOnly.ts';
import { comparisonPanel } from './comparisonPanel.ts';
import { takesText } from './controls.ts';
import { curveCharts } from './curveCharts.ts';
import { describe } from './describe.ts';
import { defectPicker, helpOverlay } from './dialogs.ts';
import { filterBar } from './filterBar.ts';
import { Grid } from './grid.ts';
import { runOnHost, type HostAction } from './hostAction.ts';
import { labelCommand, viewCommand, type LabelCommand } from './keys.ts';
import { metricsTable } from './metricsTable.ts';
import { labelNames } from './names.ts';
import type { Arrangement } from './order.ts';
import { scatter } from './scatter.ts';
import { nothing, placeAfter, select, selectAll, selectRows, targets, type How, type Selection } from './selection.ts';
import { selectionBar } from './selectionBar.ts';
import { deriver, initialUi, type Found as Extras, type Shown, type Ui } from './shown.ts';
import { statusLine } from './statusLine.ts';
import { tabsOf, type Tab } from './tabs.ts';
import { thresholdPanel } from './thresholdPanel.ts';
import { toolbar } from './toolbar.ts';

/** What a page remembers of itself while it is hidden. */
export interface PageState extends DatasetPage {
  readonly ui: Omit<Ui, 'selection' | 'dragging'>;
}

interface Page {
  readonly remembered: Partial<PageState>;
  readonly save: (state: PageState) => void;
}

/**
 * The view: one state, what is derived from it, and sections that follow it. Tests read `#app`: data-state (busy, done, failed, resumable),
 * data-images, data-done, data-threshold, data-false-alarms, data-misses, data-labelled (by hand), data-proposal (with data-promised-false-alarms
 * and data-promised-misses) and data-selected. What is in it has data-testid.
 */
export class App {
  readonly #root: HTMLElement;
  readonly #host: Remote<DatasetViewHost>;
  readonly #page: Page;
  readonly #derive = deriver();
  readonly #grid: Grid;
  readonly #panel: HTMLElement;
  readonly #sections: readonly { update(shown: Shown): void }[];
  readonly #scatter: ReturnType<typeof scatter>;
  readonly #help = helpOverlay();
  readonly #picker: ReturnType<typeof defectPicker>;
  readonly #status = statusLine();
  #state: DatasetViewState;
  #ui: Ui;
  #extras: Extras = {};
  #shown: Shown;
  #metricsKey: readonly unknown[] = [];
  #metricsTimer: number | undefined;
  readonly #askMetrics = latestOnly((threshold: number) => this.#loadMetrics(threshold));
  #frame = 0;

  constructor(root: HTMLElement, host: Remote<DatasetViewHost>, state: DatasetViewState, page: Page) {
    this.#root = root;
    this.#host = host;
    this.#page = page;
    this.#state = state;
    this.#ui = { ...initialUi, ...page.remembered.ui };
    this.#shown = this.#derive(this.#state, this.#ui, this.#extras);
    this.#grid = new Grid({
      onSelect: (place, how) => this.#select(place, how),
      onOpen: (row) => this.#open(row),
      fetch: (rows, detector) => this.#host.thumbnails({ rows, ...(detector && { detector }) }),
    });
    this.#scatter = scatter({
      onSelect: (rows) => this.#selectRows(rows),
      onOpen: (row) => this.#open(row),
      onColor: (colorBy) => this.#set({ colorBy }),
      onWanted: () => void this.#loadProjection(),
    });
    this.#picker = defectPicker((type) => {
      if (type !== undefined) void this.#label(this.#targets(), 'anomalous', type);
      this.#grid.element.focus();
    });
    const act = (action: HostAction) => void this.#act(action);
    const bar = toolbar({ onAct: act, onHelp: this.#help.toggle });
    const filters = filterBar({
      onArrange: (change) => this.#arrange(change),
      onLook: (change) => this.#set(change),
    });
    const threshold = thresholdPanel({
      onThreshold: (draft, dragging) => this.#set({ draft, dragging }),
      onBrush: (scores) => this.#arrange({ scores }),
      onReset: () => this.#set({ draft: undefined, dragging: false }),
      onSave: (image) => void this.#saveThreshold(image),
      onUndoThreshold: () => void this.#status.tell(this.#host.undoThreshold()),
      onProposal: (proposal) => this.#set({ proposal }),
      onMissCost: (missCost) => this.#set({ missCost }),
      onTeach: () => void this.#teach(),
    });
    const comparison = comparisonPanel({
      onCompare: (detector) => void this.#status.tell(this.#host.compareWith({ detector })),
      onEnd: () => void this.#status.tell(this.#host.endComparison()),
      onShowChanged: () => this.#arrange({ verdict: 'changed' }),
      onAccept: () => void this.#status.tell(this.#host.acceptTaught()),
      onDiscard: () => void this.#status.tell(this.#host.discardTaught()),
    });
    const table = metricsTable((defect) => this.#arrange({ defect }));
    const curves = curveCharts();
    const footer = selectionBar({
      onCommand: (command) => this.#command(command),
      onOpen: () => this.#targets()[0] !== undefined && this.#open(this.#targets()[0]!),
      onAdvance: (advance) => this.#set({ advance }),
    });
    this.#sections = [bar, filters, threshold, comparison, table, curves, footer, this.#scatter, this.#grid];
    const pages: readonly Tab[] = [
      [t('Metrics'), 'tab-metrics', table.element, curves.element],
      [t('Similarity map'), 'tab-map', this.#scatter.element],
      [t('Compare'), 'tab-compare', comparison.picker],
    ];
    const tabs = tabsOf(pages, this.#ui.tab, (tab) => this.#showTab(tab));
    const attrs = { 'aria-label': t('Threshold and metrics') };
    const panel = h('aside', { className: 'panel', tabIndex: 0, attrs }, threshold.element, tabs);
    root.append(
      bar.element,
      bar.below,
      filters.element,
      comparison.bar,
      h('div', { className: 'body' }, this.#grid.pane, panel),
      footer.element,
      this.#status.element,
      this.#help.element,
      this.#picker.element,
    );
    document.addEventListener('keydown', (event) => this.#key(event));
    this.#panel = panel;
    this.#render();
  }

  /** What the host says has changed. */
  update(change: Partial<DatasetViewState>): void {
    const before = this.#state;
    this.#state = { ...before, ...change };
    const [was, now] = [before.inspection, this.#state.inspection];
    if (was?.detector.version !== now?.detector.version || was?.rows.paths !== now?.rows.paths) {
      this.#ui = { ...this.#ui, selection: sameRows(was, now, this.#ui.selection) };
      this.#extras = {};
      this.#scatter.points = undefined;
    }
    const { arrangement } = this.#ui;
    if (before.comparison && !this.#state.comparison && arrangement.verdict === 'changed')
      this.#ui = { ...this.#ui, arrangement: { ...arrangement, verdict: 'all' } };
    const asBefore = JSON.stringify(this.#state.thresholds) === JSON.stringify(before.thresholds);
    // What was saved, or written by hand; another detector leaves the draft as it is.
    if (was?.detector.version === now?.detector.version && !asBefore) this.#ui = { ...this.#ui, draft: undefined };
    if (before.progress && 'progress' in change && !change.progress) {
      this.#scatter.points = undefined;
      if (this.#ui.tab === 1) void this.#loadProjection();
    }
    this.#render();
  }

  /** What an inspection under way has found. */
  found(found: Found): void {
    const { inspection } = this.#state;
    if (!inspection || inspection.rows.paths.length !== found.state.length) return;
    this.#state = { ...this.#state, inspection: { ...inspection, rows: { ...inspection.rows, ...found } } };
    this.#render();
  }

  labelled(lines: readonly LabelLine[]): void {
    const { inspection } = this.#state;
    if (!inspection) return;
    const labels = { ...inspection.labels };
    for (const line of lines) labels[line.image] = line;
    this.#state = { ...this.#state, inspection: { ...inspection, labels } };
    this.#render();
  }

  #set(change: Partial<Ui>): void {
    this.#ui = { ...this.#ui, ...change };
    this.#later();
  }

  /** One rendering a frame, however fast the threshold is dragged. */
  #later(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#render());
  }

  #arrange(change: Partial<Arrangement>): void {
    this.#set({ arrangement: { ...this.#ui.arrangement, ...change } });
    this.#grid.scrollToTop();
  }

  #render(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const shown = this.#derive(this.#state, this.#ui, this.#extras);
    this.#shown = shown;
    this.#panel.hidden = !shown.results;
    for (const section of this.#sections) section.update(shown);
    describe(this.#root, shown);
    this.#wantMetrics(shown);
    const { selection: _, dragging: __, ...ui } = this.#ui;
    // Once a drag has ended.
    if (!shown.ui.dragging) this.#page.save({ folder: this.#state.folder, ui });
  }

  /** A tab's content may lie below what is in view. */
  #showTab(tab: number): void {
    if (tab === this.#ui.tab) return;
    this.#set({ tab });
    requestAnimationFrame(() => {
      const [tabs, panel] = [this.#panel.querySelector('.tabs')!, this.#panel];
      panel.scrollTop += tabs.getBoundingClientRect().top - panel.getBoundingClientRect().top;
    });
  }

  #targets(): number[] {
    return targets(this.#ui.selection);
  }

  #select(place: number, how: How): void {
    const order = this.#shown.results?.order;
    if (!order) return;
    this.#ui = { ...this.#ui, selection: select(order, this.#ui.selection, place, how) };
    this.#render();
    this.#grid.reveal(place);
  }

  #selectRows(rows: readonly number[]): void {
    this.#ui = { ...this.#ui, selection: selectRows(rows) };
    this.#render();
    const order = this.#shown.results?.order;
    if (order && rows[0] !== undefined) this.#grid.reveal(order.indexOf(rows[0]));
  }

  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || takesText(event.target)) return;
    const view = viewCommand(event);
    if (view) {
      const run = {
        undo: () => this.#act('undo'),
        redo: () => this.#act('redo'),
        help: () => this.#help.toggle(),
        all: () => {
          const order = this.#shown.results?.order;
          if (order) this.#set({ selection: selectAll(order, this.#ui.selection) });
        },
      };
      event.preventDefault();
      // VS Code listens at the window, and would undo what was typed last in a filter as well.
      event.stopPropagation();
      void run[view]();
      return;
    }
    const inGrid = event.target === document.body || this.#grid.element.contains(event.target as Node);
    if (inGrid && this.#grid.key(event)) return event.preventDefault();
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (inGrid && plain && event.key === 'Escape')
      return this.#set({ selection: { ...nothing, focus: this.#ui.selection.focus } });
    if (plain && event.key.toLowerCase() === 'h') return this.#set({ heatmap: !this.#ui.heatmap });
    if (event.key === 'Backspace' && !inGrid) return;
    const command = labelCommand(event);
    if (!command) return;
    event.preventDefault();
    this.#command(command);
  }

  #command(command: LabelCommand): void {
    const { results } = this.#shown;
    const rows = this.#targets();
    if (!results || rows.length === 0) return this.#status.say(t('Select an image first.'));
    if (command.do === 'pickType') return this.#picker.open(results.defectTypes);
    if (command.do === 'clear') return void this.#label(rows, null);
    if (command.do === 'label') {
      void this.#label(rows, command.label);
      if (command.pickType) this.#picker.open(results.defectTypes);
      return;
    }
    const { threshold, inspection } = results;
    const flagged = (row: number) => inspection.rows.score[row]! > threshold;
    const meant =
      command.do === 'falseAlarm'
        ? rows.filter(flagged)
        : rows.filter((row) => inspection.rows.score[row]! <= threshold);
    if (meant.length === 0) {
      return this.#status.say(
        command.do === 'falseAlarm'
          ? t('Not flagged: only an anomalous verdict can be a false positive.')
          : t('Flagged already: only a normal verdict can be a miss.'),
      );
    }
    void this.#label(meant, command.do === 'falseAlarm' ? 'normal' : 'anomalous');
  }

  /** The view shows a label once it is on disk. */
  async #label(
    rows: readonly number[],
    label: Parameters<Remote<DatasetViewHost>['label']>[0]['label'],
    defectType?: string,
  ): Promise<void> {
    const { results, ui } = this.#shown;
    if (!results) return;
    const { paths } = results.inspection.rows;
    const [row] = rows;
    const goOn = ui.advance && rows.length === 1 && label !== null && defectType === undefined;
    const before = goOn ? results.order.indexOf(row!) : -1;
    const images = rows.map((each) => paths[each]!);
    // The next image is there at once; a fast hand doesn't wait for the disk.
    if (goOn) this.#goOn(row!, before, results.order);
    const done = await this.#status.tell(
      this.#host.label({ images, label, ...(defectType && { defectType }) }).then(() => true),
    );
    if (!done) return;
    this.#status.say(
      label === null
        ? t('{0}: label cleared', nameOf(images))
        : t('{0}: {1}', nameOf(images), defectType ?? labelWord(label)),
    );
  }

  #goOn(row: number, before: number, order: Uint32Array): void {
    if (this.#ui.selection.focus !== row) return;
    const place = placeAfter(order, row, before);
    this.#select(place, 'one');
  }

  #open(row: number): void {
    const path = this.#shown.results?.inspection.rows.paths[row];
    if (path !== undefined) void this.#status.tell(this.#host.openImage({ image: path }));
  }

  async #act(action: HostAction): Promise<void> {
    const done = await this.#status.tell(runOnHost(this.#host, action, this.#shown.results?.threshold));
    if (done) this.#status.say(done);
  }

  async #saveThreshold(image: number | null): Promise<void> {
    const saved = await this.#status.tell(this.#host.saveThresholds({ image }));
    if (saved) this.#set({ draft: undefined, dragging: false });
  }

  async #teach(): Promise<void> {
    const { results } = this.#shown;
    if (!results) return;
    const images = this.#targets().map((row) => results.inspection.rows.paths[row]!);
    await this.#status.tell(this.#host.teachAsNormal({ images }));
  }

  /** Metrics follow labels, results and the threshold, at most a few times a second and never while it is dragged. */
  #wantMetrics({ results, state, ui }: Shown): void {
    if (!results || ui.dragging || state.progress) return;
    const { rows, labels } = results.inspection;
    const key = [rows, labels, results.threshold, results.inspection.detector.version];
    if (key.every((each, i) => Object.is(each, this.#metricsKey[i]))) return;
    this.#metricsKey = key;
    clearTimeout(this.#metricsTimer);
    this.#metricsTimer = window.setTimeout(() => this.#askMetrics(results.threshold), 250);
  }

  async #loadMetrics(imageThreshold: number): Promise<void> {
    const metrics: InspectionMetrics | undefined = await this.#status.tell(this.#host.metrics({ imageThreshold }));
    if (!metrics) return;
    this.#extras = { metrics };
    this.#render();
  }

  async #loadProjection(): Promise<void> {
    if (!this.#shown.results || this.#state.progress) return;
    this.#scatter.points = await this.#status.tell(this.#host.projection());
  }
}

const nameOf = (images: readonly string[]): string =>
  images.length === 1 ? images[0]! : t('{0} images', images.length);

const labelWord = (label: UserLabel): string => labelNames[label]();

/** The selection in the rows of another inspection of the same folder. */
function sameRows(was: Inspection | undefined, now: Inspection | undefined, selection: Selection): Selection {
  if (!was || !now || selection.focus < 0) return nothing;
  const at = new Map(now.rows.paths.map((path, row) => [path, row]));
  const to = (row: number) => at.get(was.rows.paths[row]!) ?? -1;
  return {
    rows: new Set([...selection.rows].map(to).filter((row) => row >= 0)),
    anchor: to(selection.anchor),
    focus: to(selection.focus),
  };
}
