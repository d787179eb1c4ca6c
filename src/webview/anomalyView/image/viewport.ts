/**
 * How an image lies in a pane: `scale` CSS pixels for a pixel of the image, its top left corner at
 * (x, y).
 */
export interface Viewport {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** In pixels of the image. */
export interface Part extends Extent {
  readonly left: number;
  readonly top: number;
}

const maxScale = 64;
const margin = 12;

/** The whole image, centred, never enlarged beyond 8 times. */
export function fit(image: Extent, pane: Extent): Viewport {
  const room = { width: Math.max(1, pane.width - 2 * margin), height: Math.max(1, pane.height - 2 * margin) };
  const scale = Math.min(8, room.width / image.width, room.height / image.height);
  return { scale, x: (pane.width - image.width * scale) / 2, y: (pane.height - image.height * scale) / 2 };
}

/** Zooms by `factor` and keeps what lies under (x, y) there. */
export function zoomAt(view: Viewport, factor: number, x: number, y: number, image: Extent, pane: Extent): Viewport {
  const least = Math.min(fit(image, pane).scale, 1);
  const scale = Math.min(maxScale, Math.max(least, view.scale * factor));
  const ratio = scale / view.scale;
  return keepInSight({ scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio }, image, pane);
}

export const panBy = (view: Viewport, dx: number, dy: number, image: Extent, pane: Extent): Viewport =>
  keepInSight({ ...view, x: view.x + dx, y: view.y + dy }, image, pane);

/**
 * Centred where it fits; else it can't leave a gap at one side while it is cut off at the other.
 */
function keepInSight(view: Viewport, image: Extent, pane: Extent): Viewport {
  const along = (start: number, size: number, room: number) =>
    size <= room ? (room - size) / 2 : Math.min(margin, Math.max(room - size - margin, start));
  return {
    scale: view.scale,
    x: along(view.x, image.width * view.scale, pane.width),
    y: along(view.y, image.height * view.scale, pane.height),
  };
}

/**
 * A part of the image in the middle of the pane, with as much around it as it is large; never
 * smaller than the whole image, and no further than pixels can be told apart.
 */
export function frame(part: Part, image: Extent, pane: Extent): Viewport {
  const largest = Math.min(pane.width / part.width, pane.height / part.height) / 3;
  const scale = Math.max(fit(image, pane).scale, Math.min(8, largest));
  const [x, y] = [part.left + part.width / 2, part.top + part.height / 2];
  return keepInSight({ scale, x: pane.width / 2 - x * scale, y: pane.height / 2 - y * scale }, image, pane);
}

/** Moves the view so that the image's point (x, y) is seen. */
export function reveal(view: Viewport, x: number, y: number, image: Extent, pane: Extent): Viewport {
  const [px, py] = [view.x + x * view.scale, view.y + y * view.scale];
  const border = 40;
  const shift = (at: number, room: number) => (at < border ? border - at : at > room - border ? room - border - at : 0);
  const [dx, dy] = [shift(px, pane.width), shift(py, pane.height)];
  return dx || dy ? panBy(view, dx, dy, image, pane) : view;
}
