import type { AnyRuns } from '../../../dataset/maskRuns.ts';
import { enlarge } from '../../../maps/enlarge.ts';
import type { ColorMapName } from '../../model/colorMap.ts';
import { memo } from '../../model/memo.ts';
import { drawPicture, type Picture } from '../image/picture.ts';
import { strokeTwice } from '../image/strokeTwice.ts';
import type { Extent, Viewport } from '../image/viewport.ts';
import type { Layer } from '../layers/layers.ts';
import { greyCanvas } from '../layers/greyCanvas.ts';
import { mapCanvas } from '../layers/mapCanvas.ts';
import type { Place } from '../shown.ts';
import { drawRegions, type RegionOverlay } from './regionOverlay.ts';

export interface Scene {
  /** Absent while it still loads. */
  readonly picture?: Picture;
  readonly extent: Extent;
  readonly layer?: Layer;
  readonly opacity: number;
  readonly colorMap: ColorMapName;
  /** What the detector looks at; the rest is grey. */
  readonly roi?: AnyRuns;
  readonly overlay?: RegionOverlay;
  readonly probe?: Place;
}

/**
 * Maps are coloured at this many positions a side, so that colours follow values and not pixels.
 */
const fine = 256;

const enlarged = memo((layer: Layer['map']) => enlarge(layer, fine));
const coloured = memo((map: Layer['map'], low: number, high: number, name: ColorMapName) =>
  mapCanvas(enlarged(map), { low, high }, name, true),
);
const greyed = memo(greyCanvas);

/** Draws the part of the scene that a pane sees, with the pane's corner at the context's origin. */
export function drawScene(context: CanvasRenderingContext2D, scene: Scene, view: Viewport, pane: Extent): void {
  context.save();
  context.beginPath();
  context.rect(0, 0, pane.width, pane.height);
  context.clip();
  const { width, height } = scene.extent;
  // A picture may be smaller than the image that it stands for.
  if (scene.picture)
    drawPicture(context, scene.picture, { ...view, scale: (view.scale * width) / scene.picture.width }, pane);
  const box = [view.x, view.y, width * view.scale, height * view.scale] as const;
  if (scene.layer) {
    const { map, range } = scene.layer;
    context.globalAlpha = scene.opacity;
    context.imageSmoothingEnabled = true;
    context.drawImage(coloured(map, range.low, range.high, scene.colorMap), ...box);
    context.globalAlpha = 1;
  }
  if (scene.roi) {
    context.imageSmoothingEnabled = false;
    context.drawImage(greyed(scene.roi), ...box);
    context.imageSmoothingEnabled = true;
  }
  if (scene.overlay) drawRegions(context, scene.overlay, view, pane);
  if (scene.probe) drawProbe(context, view.x + scene.probe.x * box[2], view.y + scene.probe.y * box[3]);
  context.restore();
}

function drawProbe(context: CanvasRenderingContext2D, x: number, y: number): void {
  const [inner, outer] = [7, 15];
  context.beginPath();
  context.arc(x, y, inner, 0, 2 * Math.PI);
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const) {
    context.moveTo(x + dx * inner, y + dy * inner);
    context.lineTo(x + dx * outer, y + dy * outer);
  }
  strokeTwice(context, 1.75);
}
