import { maskAt, type AnyRuns } from '../../../dataset/maskRuns.ts';

/** Longer side of the picture: fine enough for its stripes to be thin. */
const side = 768;
/** Pixels from one stripe to the next. */
const period = 12;
const grey = { between: [96, 96, 96, 176], stripe: [136, 136, 136, 208] } as const;

/** RGBA [height, width, 4]: grey with stripes where nothing is looked at, else see-through. */
export function greyPixels(roi: AnyRuns, size: { readonly width: number; readonly height: number }) {
  const out = new Uint8ClampedArray(4 * size.width * size.height);
  maskAt(roi, size).forEach((looked, at) => {
    if (looked) return;
    const along = (at % size.width) + Math.floor(at / size.width);
    out.set(along % period < 2 ? grey.stripe : grey.between, 4 * at);
  });
  return out;
}

/** The same as a canvas of the region's shape. */
export function greyCanvas(roi: AnyRuns): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const scale = side / Math.max(roi.width, roi.height);
  canvas.width = Math.max(1, Math.round(roi.width * scale));
  canvas.height = Math.max(1, Math.round(roi.height * scale));
  const { width, height } = canvas;
  canvas.getContext('2d')!.putImageData(new ImageData(greyPixels(roi, canvas), width, height), 0, 0);
  return canvas;
}
