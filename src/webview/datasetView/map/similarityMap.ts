import { knownLabels } from '../../../dataset/labels.ts';
import { memo } from '../../model/memo.ts';
import { tool } from '../../ui/controls.ts';
import { h } from '../../ui/dom.ts';
import { checkbox } from '../../ui/editorControls.ts';
import { figures, t } from '../../ui/l10n.ts';
import { labelNames } from '../../ui/labelNames.ts';
import type { Results, Shown, Ui } from '../shown.ts';
import type { Points } from './lasso.ts';
import { circleInput, lassoInput, type MapInputPorts } from './mapInput.ts';
import { placed, whole, zoomed, type Coloring, type Size, type Zoom } from './mapModel.ts';
import { mapZoom, type MapZoom } from './mapZoom.ts';
import { mapPainter } from './paintMap.ts';

export interface MapEvents {
  readonly onSelect: (rows: readonly number[]) => void;
  readonly onOpen: (row: number) => void;
  readonly onColor: (by: Ui['colorBy']) => void;
  /** After a zoom; x and y as shares of the map's width and height. */
  readonly onZoom: (zoom: Zoom) => void;
  /** Called when the points are to be seen and not there yet. */
  readonly onWanted: () => void;
}

/** Rings around thousands would hide everything: so many are not drawn. */
const mostRings = 2000;

const noPoints: Points = { x: [], y: [] };

/**
 * Image embeddings in the plane, where similar images lie close together: to look at, to zoom into,
 * to select from.
 */
export class SimilarityMap {
  readonly element: HTMLElement;
  readonly #events: MapEvents;
  readonly #canvas = mapCanvas();
  readonly #hint = h('p', { className: 'note hint', attrs: { 'aria-live': 'polite' } });
  readonly #byLabel: ReturnType<typeof checkbox>;
  readonly #zoom: MapZoom;
  readonly #paint: ReturnType<typeof mapPainter>;
  readonly #lasso: ReturnType<typeof lassoInput>;
  readonly #circle: ReturnType<typeof circleInput>;
  readonly #placed = memo((points: Points, width: number, height: number) => placed(points, { width, height }));
  readonly #seen = memo(zoomed);
  #points: Points | undefined;
  #shown: Shown | undefined;
  #size: Size = { width: 0, height: 0 };
  #at: Zoom = whole;
  #frame = 0;

  constructor(events: MapEvents) {
    this.#events = events;
    this.#byLabel = checkbox(t('Colours by label'), 'colorBy', (by) => events.onColor(by ? 'label' : 'score'));
    this.#zoom = mapZoom(this.#canvas, {
      onZoom: (zoom) => this.#zoomed(zoom),
      onEnd: ({ k, x, y }) => events.onZoom({ k, x: x / this.#size.width, y: y / this.#size.height }),
    });
    this.#paint = mapPainter(this.#canvas);
    const ports = this.#ports();
    this.#lasso = lassoInput(this.#canvas, ports);
    this.#circle = circleInput(this.#canvas, ports);
    const controls = h('div', { className: 'row' }, this.#byLabel, zoomTools(this.#zoom));
    this.element = h('div', { className: 'embedding' }, controls, this.#canvas, this.#hint, mapHelp());
    new ResizeObserver(([entry]) => this.#resized(entry!.contentRect)).observe(this.#canvas);
    new IntersectionObserver(([entry]) => {
      if (entry!.isIntersecting && !this.#points) events.onWanted();
    }).observe(this.#canvas);
  }

  update(shown: Shown): void {
    this.#shown = shown;
    this.#byLabel.checked = shown.ui.colorBy === 'label';
    this.#later();
  }

  set points(found: Points | undefined) {
    this.#points = found;
    this.#canvas.dataset['points'] = String(found ? Array.from(found.x).filter(Number.isFinite).length : 0);
    this.#later();
  }

  #ports(): MapInputPorts {
    const { onSelect, onOpen } = this.#events;
    return {
      points: () => this.#seenPoints(),
      size: () => this.#size,
      zoom: this.#zoom,
      start: () => {
        const { x, y } = this.#seenPoints();
        const focus = this.#shown?.ui.selection.focus ?? -1;
        return Number.isFinite(x[focus]) ? [x[focus]!, y[focus]!] : undefined;
      },
      onSelect,
      onOpen,
      onPoint: (row) => (this.#hint.textContent = this.#wordsOf(row)),
      onCircle: (count) => (this.#hint.textContent = t('{0} images in the circle', count)),
      onChange: () => this.#later(),
    };
  }

  #wholePoints(): Points {
    const { width, height } = this.#size;
    return this.#points && width > 0 ? this.#placed(this.#points, width, height) : noPoints;
  }

  #seenPoints(): Points {
    return this.#seen(this.#wholePoints(), this.#at);
  }

  #resized({ width, height }: Size): void {
    const kept = this.#size.width === 0 ? this.#shown?.ui.mapZoom : undefined;
    this.#size = { width, height };
    if (width === 0) return;
    this.#zoom.resize(this.#size);
    if (kept) this.#zoom.set({ k: kept.k, x: kept.x * width, y: kept.y * height });
    this.#later();
  }

  #zoomed(zoom: Zoom): void {
    this.#at = zoom;
    this.#canvas.dataset['zoom'] = zoom.k.toFixed(2);
    this.#later();
  }

  #later(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { results, ui } = this.#shown ?? {};
    if (!results || !ui || this.#size.width === 0) return;
    const style = getComputedStyle(this.#canvas);
    const { rows, focus } = ui.selection;
    const selected = rows.size > mostRings ? [] : [...rows];
    const marks = { selected, focus, lasso: this.#lasso.lasso, circle: this.#circle.circle };
    const inks = { ink: style.color, accent: style.getPropertyValue('--accent') || '#39f' };
    const points = { whole: this.#wholePoints(), seen: this.#seenPoints() };
    this.#paint(this.#size, points, coloringOf(results, ui.colorBy, style), marks, inks);
  }

  #wordsOf(row: number): string {
    const results = this.#shown?.results;
    if (row < 0 || !results) return '';
    const { rows } = results.inspection;
    const label = labelNames[knownLabels[results.labels.label[row]!]!]();
    return `${rows.paths[row]} · ${figures(rows.score[row]!)} · ${label}`;
  }
}

const mapCanvas = (): HTMLCanvasElement =>
  h('canvas', {
    tabIndex: 0,
    className: 'scatter',
    data: { testid: 'scatter', zoom: '1.00' },
    attrs: {
      role: 'application',
      'aria-describedby': 'scatter-help',
      'aria-label': t('Similar images lie close together'),
    },
  });

const zoomTools = (zoom: MapZoom): HTMLElement =>
  h(
    'div',
    { className: 'tools' },
    tool('zoomIn', 'mapZoomIn', t('Zoom in (Page Up)'), () => zoom.step(1)),
    tool('zoomOut', 'mapZoomOut', t('Zoom out (Page Down)'), () => zoom.step(-1)),
    tool('fit', 'mapWhole', t('Whole map (Home)'), () => zoom.reset()),
  );

const mapHelp = (): HTMLElement =>
  h(
    'p',
    { id: 'scatter-help', className: 'note' },
    [
      t('Drag around points to select them; the wheel zooms, Alt or the middle button drags the map.'),
      t('Keyboard: arrows move a circle, + and − size it, Enter selects what is in it.'),
      t('Page Up and Page Down zoom, Home shows the whole map.'),
    ].join(' '),
  );

function coloringOf({ inspection, labels, thresholds }: Results, by: Ui['colorBy'], style: CSSStyleDeclaration) {
  const coloring: Coloring = {
    by,
    score: inspection.rows.score,
    threshold: thresholds.image.value,
    label: labels.label,
    labelColors: knownLabels.map((label) => style.getPropertyValue(`--label-${label}`) || style.color),
  };
  return coloring;
}
