import { visibleTiles } from '../image/pyramid.ts';
import type { Extent, Viewport } from '../image/viewport.ts';
import type { Area, Mask } from './mask.ts';

const side = 1024;
/**
 * Seen on dark and light images and beside every colour map: cyan, as bytes in memory order (alpha,
 * blue, green, red).
 */
const colour = 0x8cffe600;

export interface MaskOverlay {
  /** Paints anew what changed. */
  changed(area: Area): void;
  /** Over an image that lies in the pane at `view`, in pixels of the mask. */
  draw(context: CanvasRenderingContext2D, view: Viewport, pane: Extent): void;
}

/** A mask as tiles, only where something is in it. */
export function maskOverlay(mask: Mask): MaskOverlay {
  const columns = Math.ceil(mask.width / side);
  const rows = Math.ceil(mask.height / side);
  const tiles = Array.from({ length: columns * rows }, (_, index) => {
    const [left, top] = [(index % columns) * side, Math.floor(index / columns) * side];
    const [width, height] = [Math.min(side, mask.width - left), Math.min(side, mask.height - top)];
    return { left, top, width, height, canvas: undefined as HTMLCanvasElement | undefined };
  });

  return {
    changed({ left, top, right, bottom }) {
      for (const tile of visibleTiles(tiles, { left, top, width: right - left, height: bottom - top })) {
        const [x0, y0] = [Math.max(left, tile.left), Math.max(top, tile.top)];
        const [x1, y1] = [Math.min(right, tile.left + tile.width), Math.min(bottom, tile.top + tile.height)];
        const pixels = new ImageData(x1 - x0, y1 - y0);
        const words = new Uint32Array(pixels.data.buffer);
        let some = false;
        for (let y = y0; y < y1; y++) {
          for (let x = x0; x < x1; x++) {
            if (!mask.data[y * mask.width + x]) continue;
            words[(y - y0) * (x1 - x0) + x - x0] = colour;
            some = true;
          }
        }
        if (!some && !tile.canvas) continue;
        if (!tile.canvas) {
          tile.canvas = document.createElement('canvas');
          tile.canvas.width = tile.width;
          tile.canvas.height = tile.height;
        }
        tile.canvas.getContext('2d')!.putImageData(pixels, x0 - tile.left, y0 - tile.top);
      }
    },
    draw(context, view, pane) {
      const { scale } = view;
      const ratio = context.getTransform().a;
      const snap = (at: number): number => Math.round(at * ratio) / ratio;
      const seen = {
        left: -view.x / scale,
        top: -view.y / scale,
        width: pane.width / scale,
        height: pane.height / scale,
      };
      context.imageSmoothingEnabled = scale < 1;
      for (const { canvas, left, top, width, height } of visibleTiles(tiles, seen)) {
        if (!canvas) continue;
        const [x0, y0] = [snap(view.x + left * scale), snap(view.y + top * scale)];
        const [x1, y1] = [snap(view.x + (left + width) * scale), snap(view.y + (top + height) * scale)];
        context.drawImage(canvas, x0, y0, x1 - x0, y1 - y0);
      }
    },
  };
}
