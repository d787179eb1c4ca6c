import type { FloatMap } from '../protocol/engine.ts';
import type { Picture, RgbImage, Size } from './ports.ts';

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

/** Longer side of a heatmap where its caller asks for no other: a map of 256 × 256 shows no more in a larger one. */
export const shownSide = 1024;

/** The size of an image shown with its longer side at most `side`; never enlarged. */
export function shownSize({ width, height }: Size, side = shownSide): Size {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Shares of the threshold from 0 to 2 are looked up in this many steps. */
const steps = 1024;
const lastStep = steps - 1;
/** The threshold in steps. */
const threshold = lastStep / 2;
/** Opacities are of 256. */
const whole = 256;

/** Share of the threshold, in steps → how much of the image stays, and what is added to it; both times 256. */
const blend = (() => {
  const stays = new Uint16Array(steps);
  const added = new Uint16Array(steps * 3);
  for (let step = 0; step < steps; step++) {
    const share = step / threshold;
    const opacity = Math.round(whole * strongest * smooth((share - silent) / (1 - silent)));
    const level = Math.round((share / 2) * (levels - 1));
    stays[step] = whole - opacity;
    // Half of 256: what is shifted away afterwards is rounded.
    for (let c = 0; c < 3; c++) added[3 * step + c] = heatColours[3 * level + c]! * opacity + whole / 2;
  }
  return { stays, added, first: stays.findIndex((value) => value < whole) };
})();

/**
 * The image with its anomaly map blended in, and a line where the map crosses the pixel threshold.
 *
 * Colours run from 0 through the threshold (the middle) to twice the threshold; what lies well below it keeps the image as it is.
 * @param map covers the whole image; interpolated bilinearly, pixel centres aligned
 */
export function heatmap({ width, height, data }: RgbImage, map: FloatMap, pixelThreshold: number): Picture {
  const out = new Uint8Array(data);
  // Half the line's width; it stays visible when a large image is shown small.
  const half = Math.max(1.5, Math.max(width, height) / 400) / 2;
  // In steps of the tables, so that a value is its own index.
  const rows = rowsOf(map, width, height, threshold / Math.max(pixelThreshold, 1e-6));
  let [here, below] = [new Float32Array(width + 1), new Float32Array(width + 1)];
  // What is painted of a row; of most pictures that is little.
  let span = rows.span(0);
  rows.write(0, span, here);
  for (let y = 0; y < height; y++) {
    const next = Math.min(y + 1, height - 1);
    const nextSpan = rows.span(next);
    rows.write(next, union(span, nextSpan), below);
    paintRow(out, 3 * y * width, span, here, below, half);
    [here, below] = [below, here];
    span = nextSpan;
  }
  return { width, height, channels: 3, data: out };
}

/**
 * Colours a row of pixels, and draws it white where the distance to the threshold's contour, the value's over its slope, is less
 * than `half` the line's width.
 * @param from where the row begins in `pixels`
 * @param span its pixels that may be coloured
 * @param here the map's values in steps, the last one twice
 * @param below those of the next row
 */
function paintRow(
  pixels: Uint8Array,
  from: number,
  span: Span,
  here: Float32Array,
  below: Float32Array,
  half: number,
): void {
  const { stays, added, first } = blend;
  const reach = (half + 0.5) ** 2;
  for (let x = span.start, at = from + 3 * x; x < span.end; x++, at += 3) {
    const value = here[x]!;
    if (value < first) continue;
    const step = value < lastStep ? (value + 0.5) | 0 : lastStep;
    const stay = stays[step]!;
    const red = (pixels[at]! * stay + added[3 * step]!) >> 8;
    const green = (pixels[at + 1]! * stay + added[3 * step + 1]!) >> 8;
    const blue = (pixels[at + 2]! * stay + added[3 * step + 2]!) >> 8;
    const away = value - threshold;
    const right = here[x + 1]! - value;
    const down = below[x]! - value;
    const slope = right * right + down * down;
    if (away * away >= reach * slope) {
      pixels[at] = red;
      pixels[at + 1] = green;
      pixels[at + 2] = blue;
      continue;
    }
    const line = (whole * Math.min(1, half + 0.5 - Math.abs(away) / Math.sqrt(slope))) | 0;
    pixels[at] = red + (((255 - red) * line) >> 8);
    pixels[at + 1] = green + (((255 - green) * line) >> 8);
    pixels[at + 2] = blue + (((255 - blue) * line) >> 8);
  }
}

/** Smooth from 0 to 1. */
function smooth(x: number): number {
  const t = Math.min(1, Math.max(0, x));
  return t * t * (3 - 2 * t);
}

/** Pixels of a row from `start` to before `end`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

const union = (a: Span, b: Span): Span => ({ start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) });

/**
 * Rows of `map` times `scale`, as wide as the picture. Each row of the map is widened once where rows are asked for from the first to the last.
 * @returns `span` tells which pixels of a row may be coloured; `write` writes those of a span and the one after, the row's last one twice
 */
function rowsOf({ width: cells, height: lines, data }: FloatMap, width: number, height: number, scale: number) {
  const columns = Array.from({ length: width }, (_, x) => place(x, width, cells));
  const low = Int32Array.from(columns, (at) => at.low);
  const high = Int32Array.from(columns, (at) => at.high);
  const share = Float32Array.from(columns, (at) => at.share);
  const lineAt = (line: number): Float32Array => data.subarray(line * cells, (line + 1) * cells);
  const coloured = blend.first / scale;
  const spans = Array.from({ length: lines }, (_, line): Span => {
    const values = lineAt(line);
    let [first, last] = [0, cells - 1];
    while (first < cells && values[first]! < coloured) first++;
    while (last > first && values[last]! < coloured) last--;
    // A pixel between two cells has something of both; where there are fewer pixels than cells, some have none.
    const start = first < cells ? high.findIndex((cell) => cell >= first) : -1;
    return start < 0 ? { start: width, end: 0 } : { start, end: low.findLastIndex((cell) => cell <= last) + 1 };
  });
  const kept = [0, 1].map(() => ({ line: -1, row: new Float32Array(width + 1) }));
  const widened = (line: number): Float32Array => {
    const last = kept[line % 2]!;
    if (last.line !== line) widen(lineAt(line), last.row);
    last.line = line;
    return last.row;
  };
  const widen = (line: Float32Array, row: Float32Array): void => {
    for (let x = 0; x < width; x++) {
      const left = line[low[x]!]!;
      row[x] = scale * (left + (line[high[x]!]! - left) * share[x]!);
    }
    row[width] = row[width - 1]!;
  };
  return {
    span(y: number): Span {
      const at = place(y, height, lines);
      return union(spans[at.low]!, spans[at.high]!);
    },
    write(y: number, { start, end }: Span, out: Float32Array): void {
      if (start >= end) return;
      const at = place(y, height, lines);
      mix(widened(at.low), widened(at.high), at.share, out, start, end + 1);
    },
  };
}

function mix(
  above: Float32Array,
  below: Float32Array,
  share: number,
  out: Float32Array,
  start: number,
  end: number,
): void {
  for (let x = start; x < end; x++) out[x] = above[x]! + (below[x]! - above[x]!) * share;
}

function place(at: number, size: number, cells: number) {
  const exact = Math.min(cells - 1, Math.max(0, ((at + 0.5) * cells) / size - 0.5));
  const low = Math.floor(exact);
  return { low, high: Math.min(cells - 1, low + 1), share: exact - low };
}
