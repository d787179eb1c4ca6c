import type { FloatMap } from '../protocol/engine.ts';
import type { Picture, RgbImage } from './ports.ts';

/** Most of a colour's share in a pixel; the rest is the image, which must stay recognisable. */
const strongest = 0.52;
/** Share of the threshold below which nothing is coloured. */
const silent = 0.35;
const levels = 256;

/** OKLab (Björn Ottosson, 2020) → linear sRGB. */
function linearOf(lightness: number, a: number, b: number): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** sRGB's transfer function, to 0 … 255. */
const encoded = (linear: number): number =>
  255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);

/**
 * From violet through red to pale yellow, [256, 3] of 0 … 255. Perceptually uniform by construction: OKLab's lightness and hue
 * grow linearly, the chroma is the largest (up to a limit) that sRGB can show.
 */
export const heatColours: Uint8Array = (() => {
  const table = new Uint8Array(levels * 3);
  for (let i = 0; i < levels; i++) {
    const t = i / (levels - 1);
    const lightness = 0.22 + 0.74 * t;
    const hue = ((-75 + 180 * t) * Math.PI) / 180;
    let colour = linearOf(lightness, 0, 0);
    for (let chroma = 0.01; chroma <= 0.19; chroma += 0.005) {
      const next = linearOf(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue));
      if (next.some((value) => value < 0 || value > 1)) break;
      colour = next;
    }
    table.set(colour.map(encoded).map(Math.round), 3 * i);
  }
  return table;
})();

/**
 * The image with its anomaly map blended in, and a line where the map crosses the pixel threshold.
 *
 * Colours run from 0 through the threshold (the middle) to twice the threshold; what lies well below it keeps the image as it is.
 * @param map covers the whole image; interpolated bilinearly, pixel centres aligned
 */
export function heatmap({ width, height, data }: RgbImage, map: FloatMap, pixelThreshold: number): Picture {
  const threshold = Math.max(pixelThreshold, 1e-6);
  const out = new Uint8Array(width * height * 3);
  // Half the line's width; it stays visible when a large image is shown small.
  const half = Math.max(1.5, Math.max(width, height) / 400) / 2;
  const row = rowsOf(map, width, height);
  let here = row(0);
  for (let y = 0; y < height; y++) {
    const below = row(Math.min(y + 1, height - 1));
    for (let x = 0, at = 3 * y * width; x < width; x++, at += 3) {
      const value = here[x]!;
      const share = value / threshold;
      const level = Math.round(Math.min(1, Math.max(0, share / 2)) * (levels - 1)) * 3;
      const opacity = strongest * smooth((share - silent) / (1 - silent));
      // Distance to the threshold's contour: the value's over its slope.
      const right = x + 1 < width ? here[x + 1]! : value;
      const slope = Math.sqrt((right - value) ** 2 + (below[x]! - value) ** 2);
      const distance = Math.abs(value - threshold) / (slope + 1e-9);
      const line = Math.min(1, Math.max(0, half + 0.5 - distance));
      if (opacity === 0 && line === 0) {
        out[at] = data[at]!;
        out[at + 1] = data[at + 1]!;
        out[at + 2] = data[at + 2]!;
        continue;
      }
      for (let c = 0; c < 3; c++) {
        const mixed = data[at + c]! * (1 - opacity) + heatColours[level + c]! * opacity;
        out[at + c] = mixed + (255 - mixed) * line;
      }
    }
    here = below;
  }
  return { width, height, channels: 3, data: out };
}

/** Smooth from 0 to 1. */
function smooth(x: number): number {
  const t = Math.min(1, Math.max(0, x));
  return t * t * (3 - 2 * t);
}

/** Rows of the map as large as the image. */
function rowsOf(map: FloatMap, width: number, height: number) {
  const columns = Array.from({ length: width }, (_, x) => place(x, width, map.width));
  const low = Int32Array.from(columns, (at) => at.low);
  const high = Int32Array.from(columns, (at) => at.high);
  const share = Float64Array.from(columns, (at) => at.share);
  return (y: number): Float32Array => {
    const at = place(y, height, map.height);
    const wide = new Float32Array(width);
    const line = new Float32Array(map.width);
    for (let x = 0; x < map.width; x++)
      line[x] = map.data[at.low * map.width + x]! * (1 - at.share) + map.data[at.high * map.width + x]! * at.share;
    for (let x = 0; x < width; x++) wide[x] = line[low[x]!]! * (1 - share[x]!) + line[high[x]!]! * share[x]!;
    return wide;
  };
}

function place(at: number, size: number, cells: number) {
  const exact = Math.min(cells - 1, Math.max(0, ((at + 0.5) * cells) / size - 0.5));
  const low = Math.floor(exact);
  return { low, high: Math.min(cells - 1, low + 1), share: exact - low };
}
