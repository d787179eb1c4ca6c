import type { ShownNeighbour } from '../../../protocol/anomalyView.ts';
import { h } from '../../ui/dom.ts';
import { drawPicture, type Picture } from '../image/picture.ts';

/** Drawn at twice its size on the page, for dense screens. */
const side = 96;
export const cropCanvas = (): HTMLCanvasElement =>
  h('canvas', { className: 'crop', width: side, height: side, attrs: { 'aria-hidden': 'true' } });

/** Surroundings, in patches to each side. */
const around = 1;

type Patch = Pick<ShownNeighbour, 'left' | 'top' | 'width' | 'height'>;

/** The patch in a frame, with its surroundings. */
export function drawCrop(canvas: HTMLCanvasElement, picture: Picture, { left, top, width, height }: Patch): void {
  const context = canvas.getContext('2d')!;
  const size = Math.max(width, height) * (1 + 2 * around);
  const [cx, cy] = [left + width / 2, top + height / 2];
  const scale = side / size;
  const view = { scale, x: side / 2 - cx * scale, y: side / 2 - cy * scale };
  drawPicture(context, picture, view, { width: side, height: side }, true);
  const frame = [view.x + left * scale, view.y + top * scale, width * scale, height * scale] as const;
  context.strokeStyle = 'rgb(0 0 0 / 70%)';
  context.lineWidth = 5;
  context.strokeRect(...frame);
  context.strokeStyle = '#fff';
  context.lineWidth = 2;
  context.strokeRect(...frame);
}
