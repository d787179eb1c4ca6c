import { h } from '../../ui/dom.ts';
import { t } from '../../ui/l10n.ts';
import { fit, frame, panBy, reveal, zoomAt, type Extent, type Part, type Viewport } from '../image/viewport.ts';
import type { Place } from '../shown.ts';
import type { Panes } from './panes.ts';
import type { PointerTool } from './pointerTool.ts';
import { drawScene } from './scene.ts';

export interface StageEvents {
  readonly onProbe: (place: Place) => void;
  /** After a drawing with a map is on screen. */
  readonly onPainted: () => void;
  readonly onViewport: (view: Viewport | undefined) => void;
}

const gap = 2;
const dragThreshold = 4;

/** The canvas: draws the scenes, zooms, pans, and tells where the user points. */
export class Stage {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly #events: StageEvents;
  #panes: Panes = [];
  #tool: PointerTool | undefined;
  /** Undefined: the whole image, whatever the size of the pane. */
  #view: Viewport | undefined;
  #scheduled = false;

  constructor(events: StageEvents, viewport: Viewport | undefined) {
    this.#events = events;
    this.#view = viewport;
    this.canvas = h('canvas', {
      tabIndex: 0,
      className: 'canvas',
      data: { testid: 'canvas' },
      attrs: { role: 'application', 'aria-label': t('Image and anomaly map'), 'aria-describedby': 'help' },
      on: {
        wheel: (event) => this.#wheel(event),
        pointerdown: (event) =>
          this.#tool && event.button === 0 ? this.#paintWith(this.#tool, event) : this.#press(event),
        pointermove: (event) => this.#tool?.hover(this.#pixel(event)),
        pointerleave: () => this.#tool?.hover(undefined),
      },
    });
    this.element = h('div', { className: 'stage' }, this.canvas);
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  show(panes: Panes): void {
    this.#panes = panes;
    this.draw();
  }

  /** What the pointer does instead of choosing a place; the middle button still moves the image. */
  use(tool: PointerTool | undefined): void {
    this.#tool = tool;
    this.canvas.classList.toggle('editing', tool !== undefined);
    this.draw();
  }

  fit(): void {
    this.#set(undefined);
  }

  /** One pixel of the image to one of the screen. */
  actualSize(): void {
    this.zoom(1 / devicePixelRatio / this.viewport.scale);
  }

  /** Zooms around the centre. */
  zoom(factor: number): void {
    const pane = this.#pane();
    const extent = this.#extent();
    if (extent) this.#set(zoomAt(this.viewport, factor, pane.width / 2, pane.height / 2, extent, pane));
  }

  reveal({ x, y }: Place): void {
    const extent = this.#extent();
    if (extent && this.#view) this.#set(reveal(this.#view, x * extent.width, y * extent.height, extent, this.#pane()));
  }

  /** Zooms to a part of the image. */
  frame(part: Part): void {
    const extent = this.#extent();
    if (extent) this.#set(frame(part, extent, this.#pane()));
  }

  get viewport(): Viewport {
    const extent = this.#extent();
    return this.#view ?? (extent ? fit(extent, this.#pane()) : { scale: 1, x: 0, y: 0 });
  }

  draw(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#paint();
    });
  }

  #paint(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    const ratio = devicePixelRatio;
    const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== columns || this.canvas.height !== rows) {
      this.canvas.width = columns;
      this.canvas.height = rows;
    }
    const context = this.canvas.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const pane = this.#pane();
    const view = this.viewport;
    for (const scene of this.#panes) {
      drawScene(context, scene, view, pane);
      this.#drawTool(context, view, pane);
      context.translate(pane.width + gap, 0);
    }
    if (this.#panes.some(({ layer }) => layer)) this.#events.onPainted();
  }

  #drawTool(context: CanvasRenderingContext2D, view: Viewport, pane: Extent): void {
    if (!this.#tool) return;
    context.save();
    context.beginPath();
    context.rect(0, 0, pane.width, pane.height);
    context.clip();
    this.#tool.draw(context, view, pane);
    context.restore();
  }

  #extent(): Extent | undefined {
    return this.#panes[0]?.extent;
  }

  #pane(): Extent {
    const { clientWidth: width, clientHeight: height } = this.element;
    return { width: this.#panes.length === 2 ? (width - gap) / 2 : width, height };
  }

  #set(view: Viewport | undefined): void {
    this.#view = view;
    this.#events.onViewport(view);
    this.draw();
  }

  /** Where an event lies in its pane. */
  #at({ offsetX, offsetY }: MouseEvent): { readonly x: number; readonly y: number } {
    const { width } = this.#pane();
    return { x: this.#panes.length === 2 && offsetX > width ? offsetX - width - gap : offsetX, y: offsetY };
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const extent = this.#extent();
    if (!extent) return;
    const { x, y } = this.#at(event);
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 33 : event.deltaY;
    // A pinch arrives as a wheel with the control key and small steps.
    const factor = Math.exp(-Math.max(-240, Math.min(240, pixels)) * (event.ctrlKey ? 0.01 : 0.0022));
    this.#set(zoomAt(this.viewport, factor, x, y, extent, this.#pane()));
  }

  /** In pixels of the image. */
  #pixel(event: MouseEvent): { readonly x: number; readonly y: number } {
    const { x, y } = this.#at(event);
    const view = this.viewport;
    return { x: (x - view.x) / view.scale, y: (y - view.y) / view.scale };
  }

  #paintWith(tool: PointerTool, event: PointerEvent): void {
    if (!this.#extent()) return;
    const moves = new AbortController();
    const { signal } = moves;
    const move = (moved: PointerEvent) => {
      for (const each of moved.getCoalescedEvents?.() ?? [moved]) tool.drag(this.#pixel(each));
    };
    const release = () => {
      moves.abort();
      tool.release();
    };
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.addEventListener('pointermove', move, { signal });
    this.canvas.addEventListener('pointerup', release, { signal });
    this.canvas.addEventListener('pointercancel', release, { signal });
    tool.press(this.#pixel(event));
  }

  #press(event: PointerEvent): void {
    const extent = this.#extent();
    if (!extent || (event.button !== 0 && event.button !== 1)) return;
    const start = { x: event.clientX, y: event.clientY, view: this.viewport, at: this.#at(event) };
    let dragged = false;
    const move = ({ clientX, clientY }: PointerEvent) => {
      const [dx, dy] = [clientX - start.x, clientY - start.y];
      dragged ||= Math.hypot(dx, dy) > dragThreshold;
      if (!dragged) return;
      this.canvas.classList.add('dragging');
      this.#set(panBy(start.view, dx, dy, extent, this.#pane()));
    };
    const release = () => {
      this.canvas.removeEventListener('pointermove', move);
      this.canvas.classList.remove('dragging');
      if (dragged || event.button !== 0) return;
      const x = (start.at.x - start.view.x) / (start.view.scale * extent.width);
      const y = (start.at.y - start.view.y) / (start.view.scale * extent.height);
      if (x >= 0 && x < 1 && y >= 0 && y < 1) this.#events.onProbe({ x, y });
    };
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.addEventListener('pointermove', move);
    this.canvas.addEventListener('pointerup', release, { once: true });
    this.canvas.addEventListener('pointercancel', () => this.canvas.removeEventListener('pointermove', move), {
      once: true,
    });
  }
}
