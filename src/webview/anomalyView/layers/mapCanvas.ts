import { colorize, colorTable, type ColorMapName } from '../../model/colorMap.ts';
import type { Layer } from './layers.ts';

/** A map as a canvas of its own size. */
export function mapCanvas(
  map: Layer['map'],
  range: Layer['range'],
  name: ColorMapName,
  fade: boolean,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = map.width;
  canvas.height = map.height;
  const pixels = new ImageData(colorize(map.data, range, colorTable(name), fade), map.width, map.height);
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  return canvas;
}
