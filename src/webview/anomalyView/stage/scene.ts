import type { AnyRuns } from '../../../dataset/maskRuns.ts';
import { enlarge } from '../../../maps/enlarge.ts';
import type { ColorMapName } from '../../model/colorMap.ts';
import { memo } from '../../model/memo.ts';
import { drawPicture, type Picture } from '../image/picture.ts';
import { strokeTwice } from '../image/strokeTwice.ts';
import type { Extent, Viewport } from '../image/viewport.ts';
import { contour, type Segments } from '../layers/contour.ts';
import type { Layer } from '../layers/layers.ts';
import { greyCanvas } from '../layers/greyCanvas.ts';
import { mapCanvas } from '../layers/mapCanvas.ts';
import type { Place } from '../shown.ts';

export interface Scene {
  /** Absent while it still loads. */
  readonly picture?: Picture;
  readonly extent: Extent;
  readonly layer?: Layer;
  readonly opacity: number;
  readonly colorMap: ColorMapName;
  /** The level of the anomaly map whose contour is drawn. */
  readonly contourOf?: { readonly layer: Layer; readonly level: number };
  /** What the detector looks at; the rest is grey. */
  readonly roi?: AnyRuns;
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
const outlined = memo((map: Layer['map'], level: number) => contour(map, level));

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
  if (scene.contourOf) strokeContour(context, outlined(scene.contourOf.layer.map, scene.contourOf.level), box, pane);
  if (scene.probe) drawProbe(context, view.x + scene.probe.x * box[2], view.y + scene.probe.y * box[3]);
  context.restore();
}

type Box = readonly [x: number, y: number, width: number, height: number];

/** What the pane sees of a contour. */
function strokeContour(
  context: CanvasRenderingContext2D,
  segments: Segments,
  [x, y, width, height]: Box,
  pane: Extent,
): void {
  context.beginPath();
  for (let i = 0; i < segments.length; i += 4) {
    const [x0, y0] = [x + segments[i]! * width, y + segments[i + 1]! * height];
    const [x1, y1] = [x + segments[i + 2]! * width, y + segments[i + 3]! * height];
    if (Math.max(x0, x1) < 0 || Math.max(y0, y1) < 0 || Math.min(x0, x1) > pane.width || Math.min(y0, y1) > pane.height)
      continue;
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
  }
  strokeTwice(context, 1.5);
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
