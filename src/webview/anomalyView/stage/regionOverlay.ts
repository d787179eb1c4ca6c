import type { Region } from '../../../maps/regions.ts';
import { strokeTwice } from '../image/strokeTwice.ts';
import type { Extent, Viewport } from '../image/viewport.ts';

/** What is drawn of regions over the image. */
export interface RegionOverlay {
  readonly regions: readonly Region[];
  /** Their outlines. */
  readonly contour: boolean;
  /** Their boxes, with their numbers from 1. */
  readonly boxes: boolean;
  /** Outlined in any case, and more strongly. */
  readonly chosen?: Region | undefined;
}

/** Of regions that the pane sees, over an image that lies in it at `view`. */
export function drawRegions(
  context: CanvasRenderingContext2D,
  { regions, contour, boxes, chosen }: RegionOverlay,
  view: Viewport,
  pane: Extent,
): void {
  const seen = regions.filter((region) => isSeen(region, view, pane));
  if (contour) strokeOutlines(context, seen, view, 1.5);
  if (chosen && seen.includes(chosen)) strokeOutlines(context, [chosen], view, 3);
  if (!boxes) return;
  context.beginPath();
  for (const { box } of seen)
    context.rect(
      view.x + box.left * view.scale,
      view.y + box.top * view.scale,
      box.width * view.scale,
      box.height * view.scale,
    );
  strokeTwice(context, 1);
  // The highest peak's number lies on top.
  for (const region of seen.toReversed()) drawNumber(context, region, regions.indexOf(region) + 1, view, pane);
}

function isSeen({ box: { left, top, width, height } }: Region, { x, y, scale }: Viewport, pane: Extent): boolean {
  const isAlong = (start: number, length: number, room: number): boolean => start <= room && start + length >= 0;
  return isAlong(x + left * scale, width * scale, pane.width) && isAlong(y + top * scale, height * scale, pane.height);
}

function strokeOutlines(
  context: CanvasRenderingContext2D,
  regions: readonly Region[],
  { x, y, scale }: Viewport,
  width: number,
): void {
  context.beginPath();
  for (const { polygon, holes } of regions)
    for (const ring of [polygon, ...holes]) {
      context.moveTo(x + ring[0]! * scale, y + ring[1]! * scale);
      for (let i = 2; i < ring.length; i += 2) context.lineTo(x + ring[i]! * scale, y + ring[i + 1]! * scale);
      context.closePath();
    }
  strokeTwice(context, width);
}

const [tagHeight, tagPadding] = [16, 4];

/** On the box's top left corner, within the pane. */
function drawNumber(
  context: CanvasRenderingContext2D,
  { box }: Region,
  number: number,
  { x, y, scale }: Viewport,
  pane: Extent,
): void {
  context.font = '600 12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const text = String(number);
  const width = context.measureText(text).width + 2 * tagPadding;
  const left = Math.min(pane.width - width, Math.max(0, x + box.left * scale));
  const top = Math.min(pane.height - tagHeight, Math.max(0, y + box.top * scale - tagHeight));
  context.fillStyle = 'rgb(0 0 0 / 75%)';
  context.fillRect(left, top, width, tagHeight);
  context.fillStyle = '#fff';
  context.fillText(text, left + tagPadding, top + tagHeight / 2);
}
