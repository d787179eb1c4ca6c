import { colorize, colorTable } from '../lib/colorMap.ts';
import { contour, type Segments } from '../lib/contour.ts';
import { enlarge } from '../lib/maps.ts';
import type { Picture } from '../lib/picture.ts';
import type { Extent, Viewport } from '../lib/viewport.ts';
import type { Layer } from './layers.ts';
import type { Place } from './model.ts';

export interface Scene {
  readonly picture: Picture;
  readonly extent: Extent;
  readonly layer?: Layer;
  readonly opacity: number;
  readonly colorMap: Parameters<typeof colorTable>[0];
  /** The level of the anomaly map whose contour is drawn. */
  readonly contourOf?: { readonly layer: Layer; readonly level: number };
  readonly probe?: Place;
}

/** Maps are coloured at this many positions a side, so that colours follow values and not pixels. */
const fine = 512;

/** The last result of a function, kept while its arguments stay the same objects and values. */
function lastOf<A extends readonly unknown[], R>(make: (...args: A) => R): (...args: A) => R {
  let last: { readonly args: A; readonly result: R } | undefined;
  return (...args) => {
    if (!last || args.some((argument, index) => argument !== last?.args[index])) last = { args, result: make(...args) };
    return last.result;
  };
}

const enlarged = lastOf((layer: Layer['map']) => enlarge(layer, fine));
const coloured = lastOf((map: Layer['map'], low: number, high: number, name: Scene['colorMap']) =>
  mapCanvas(enlarged(map), { low, high }, name, true),
);
const outlined = lastOf((map: Layer['map'], level: number) => contour(map, level));

/** A map as a canvas of its own size. */
export function mapCanvas(
  map: Layer['map'],
  range: Layer['range'],
  name: Scene['colorMap'],
  fade: boolean,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = map.width;
  canvas.height = map.height;
  const pixels = new ImageData(colorize(map.data, range, colorTable(name), fade), map.width, map.height);
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  return canvas;
}

/** Draws the part of the scene that a pane sees, with the pane's corner at the context's origin. */
export function drawScene(context: CanvasRenderingContext2D, scene: Scene, view: Viewport, pane: Extent): void {
  context.save();
  context.beginPath();
  context.rect(0, 0, pane.width, pane.height);
  context.clip();
  drawPicture(context, scene, view, pane);
  const { width, height } = scene.extent;
  const box = [view.x, view.y, width * view.scale, height * view.scale] as const;
  if (scene.layer) {
    const { map, range } = scene.layer;
    context.globalAlpha = scene.opacity;
    context.imageSmoothingEnabled = true;
    context.drawImage(coloured(map, range.low, range.high, scene.colorMap), ...box);
    context.globalAlpha = 1;
  }
  if (scene.contourOf) strokeContour(context, outlined(scene.contourOf.layer.map, scene.contourOf.level), box);
  if (scene.probe) drawProbe(context, view.x + scene.probe.x * box[2], view.y + scene.probe.y * box[3]);
  context.restore();
}

/** Only what is seen, from the level that has just enough pixels. */
function drawPicture(
  context: CanvasRenderingContext2D,
  { picture, extent }: Scene,
  view: Viewport,
  pane: Extent,
): void {
  const shown = view.scale * devicePixelRatio * (extent.width / picture.width);
  const { source, width, height } = picture.level(shown);
  const left = Math.max(0, -view.x / view.scale);
  const top = Math.max(0, -view.y / view.scale);
  const right = Math.min(extent.width, (pane.width - view.x) / view.scale);
  const bottom = Math.min(extent.height, (pane.height - view.y) / view.scale);
  if (right <= left || bottom <= top) return;
  const [fx, fy] = [width / extent.width, height / extent.height];
  context.imageSmoothingEnabled = view.scale < 3;
  context.imageSmoothingQuality = 'high';
  context.drawImage(
    source,
    left * fx,
    top * fy,
    (right - left) * fx,
    (bottom - top) * fy,
    view.x + left * view.scale,
    view.y + top * view.scale,
    (right - left) * view.scale,
    (bottom - top) * view.scale,
  );
}

type Box = readonly [x: number, y: number, width: number, height: number];

/** A light line in a dark one: seen on every ground. */
function strokeContour(context: CanvasRenderingContext2D, segments: Segments, [x, y, width, height]: Box): void {
  context.beginPath();
  for (let i = 0; i < segments.length; i += 4) {
    context.moveTo(x + segments[i]! * width, y + segments[i + 1]! * height);
    context.lineTo(x + segments[i + 2]! * width, y + segments[i + 3]! * height);
  }
  twice(context, 1.5);
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
  twice(context, 1.75);
}

function twice(context: CanvasRenderingContext2D, width: number): void {
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.strokeStyle = 'rgb(0 0 0 / 75%)';
  context.lineWidth = width + 2;
  context.stroke();
  context.strokeStyle = '#fff';
  context.lineWidth = width;
  context.stroke();
}
