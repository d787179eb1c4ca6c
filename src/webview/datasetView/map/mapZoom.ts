import { select } from 'd3-selection';
import { zoom, zoomIdentity, type D3ZoomEvent } from 'd3-zoom';
import type { Size, Zoom } from './mapModel.ts';

const most = 40;
const step = 1.5;

/** Whether a press drags the map, not a lasso: the middle button, or any with Alt held. */
export const drags = ({ button, altKey }: MouseEvent): boolean => button === 1 || (button === 0 && altKey);

interface ZoomEvents {
  readonly onZoom: (zoom: Zoom) => void;
  /** After a drag, a turn of the wheel, or a step. */
  readonly onEnd: (zoom: Zoom) => void;
}

export interface MapZoom {
  /** The pane's size is another one: the map still fills it. */
  resize(size: Size): void;
  set(zoom: Zoom): void;
  /**
   * @param by steps; negative: out.
   * @param at what stays where it is; the pane's centre where absent
   */
  step(by: number, at?: readonly [x: number, y: number]): void;
  /** In pixels of the pane. @returns how far it did */
  shift(dx: number, dy: number): readonly [dx: number, dy: number];
  reset(): void;
}

/**
 * Zooms by wheel, pinch on a touchpad and keys, and is dragged (`drags`); never farther out than
 * the whole map. A finger on the screen draws the lasso, as the mouse does.
 */
export function mapZoom(canvas: HTMLCanvasElement, { onZoom, onEnd }: ZoomEvents): MapZoom {
  let now: Zoom = zoomIdentity;
  const behavior = zoom<HTMLCanvasElement, unknown>()
    .scaleExtent([1, most])
    .touchable(false)
    .filter((event: Event) => event.type === 'wheel' || drags(event as MouseEvent))
    .on('zoom', ({ transform: { k, x, y } }: D3ZoomEvent<HTMLCanvasElement, unknown>) => onZoom((now = { k, x, y })))
    .on('end', () => onEnd(now));
  // A double click opens an image.
  const selection = select<HTMLCanvasElement, unknown>(canvas).call(behavior).on('dblclick.zoom', null);
  // The middle button would scroll the panel.
  canvas.addEventListener('mousedown', (event) => event.button === 1 && event.preventDefault());
  return {
    resize({ width, height }) {
      const pane: [[number, number], [number, number]] = [
        [0, 0],
        [width, height],
      ];
      behavior.extent(pane).translateExtent(pane);
      behavior.translateBy(selection, 0, 0);
    },
    set: ({ k, x, y }) => behavior.transform(selection, zoomIdentity.translate(x, y).scale(k)),
    step: (by, at) => behavior.scaleBy(selection, step ** by, ...(at ? [[at[0], at[1]] as [number, number]] : [])),
    shift(dx, dy) {
      const { x, y, k } = now;
      behavior.translateBy(selection, dx / k, dy / k);
      return [now.x - x, now.y - y];
    },
    reset: () => behavior.transform(selection, zoomIdentity),
  };
}
