import { places } from '../../src/maps/enlarge.ts';
import type { FloatMap, Grid } from '../../src/maps/floatMap.ts';
import { auroc } from '../../src/metrics/auroc.ts';
import { confusion } from '../../src/metrics/confusion.ts';
import { connectedComponents } from '../../src/metrics/connectedComponents.ts';
import { keyOfBits } from '../../src/metrics/ranking.ts';
import { detect } from '../../src/services/detect/detect.ts';
import { thresholdsOf, type Detector } from '../../src/services/detect/detectorStore.ts';
import { datasetUse, openDetector } from '../../src/services/detect/openDetector.ts';
import type { DrawnImage } from './drawSet.ts';
import { ports } from './subject.ts';

/** Pixels of one class by the leading bits of their values' sort keys, the largest value first. */
type Counts = Float64Array<ArrayBuffer>;
/** Of a key's 32 bits: values that differ by 1 part in 2,048 have keys of their own. */
const keyBits = 20;

/** Pixels of some images, counted at the images' own resolution. */
export class Pixels {
  /** Above the threshold where defective and where not; defective ones that are not above it. */
  hits = 0;
  alarms = 0;
  missed = 0;
  readonly defective: Counts = new Float64Array(1 << keyBits);
  readonly sound: Counts = new Float64Array(1 << keyBits);
  readonly #threshold: number;

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /**
   * Counts an image's pixels; the map is enlarged to the image row by row, bilinear.
   * @param truth [height × width] non-zero where defective; undefined where the image is sound
   */
  add(map: FloatMap, { width, height }: Grid, truth: Uint8Array | undefined): void {
    const row = new Float32Array(width);
    const bits = new Uint32Array(row.buffer);
    const fill = rowsOf(map, width, height);
    for (let y = 0, at = 0; y < height; y++) {
      fill(y, row);
      for (let x = 0; x < width; x++, at++) {
        const above = row[x]! > this.#threshold;
        const key = keyOfBits(bits[x]!);
        if (key < 0) throw new Error(`The anomaly map has ${row[x]} at row ${y}, column ${x}.`);
        if (truth?.[at]) {
          this.defective[key >>> (32 - keyBits)]!++;
          if (above) this.hits++;
          else this.missed++;
        } else {
          this.sound[key >>> (32 - keyBits)]!++;
          if (above) this.alarms++;
        }
      }
    }
  }
}

/** What a detector found in some images. */
export interface Seen {
  readonly images: readonly {
    readonly path: string;
    readonly score: number;
    /** True and found ones. */
    readonly defects: number;
    readonly regions: number;
  }[];
  readonly pixels: Pixels;
}

/** By a detector's own thresholds; of pixels at the images' own resolution. */
export interface Quality {
  readonly imageAuroc: number;
  readonly recall: number;
  readonly falseAlarmRate: number;
  readonly pixelF1: number;
  readonly pixelF1Max: number;
  /** Share of images with as many regions above the pixel threshold as defects. */
  readonly regionsRight: number;
  /** The same of the images with defects. */
  readonly regionsRightOfDefective: number;
}

/** Looks at images one after the other. */
export async function look(detector: Detector, drawn: readonly DrawnImage[]): Promise<Seen> {
  const loaded = await openDetector(detector, ports, datasetUse);
  const { pixel } = thresholdsOf(detector.record);
  const pixels = new Pixels(pixel);
  const images = [];
  for (const { path, mask, defects } of drawn) {
    const { score, anomalyMap, original } = await detect(path, loaded, ports);
    images.push({ path, score, defects, regions: regionsAbove(anomalyMap, pixel) });
    const truth = mask === undefined ? undefined : await ports.images.readMask(mask, original);
    pixels.add(anomalyMap, original, truth?.data);
  }
  await loaded.session.release();
  return { images, pixels };
}

/** @returns fills a row with the map's values there, the map enlarged to width × height */
function rowsOf(map: FloatMap, width: number, height: number): (y: number, row: Float32Array) => void {
  const [across, down] = [places(width, map.width), places(height, map.height)];
  const line = new Float32Array(map.width);
  return (y, row) => {
    const [above, below, part] = [down.low[y]! * map.width, down.high[y]! * map.width, down.part[y]!];
    for (let x = 0; x < line.length; x++) {
      const from = map.data[above + x]!;
      line[x] = from + part * (map.data[below + x]! - from);
    }
    for (let x = 0; x < width; x++) {
      const from = line[across.low[x]!]!;
      row[x] = from + across.part[x]! * (line[across.high[x]!]! - from);
    }
  };
}

/** 8-connected. */
export function regionsAbove({ width, height, data }: FloatMap, threshold: number): number {
  const above = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) above[i] = data[i]! > threshold ? 1 : 0;
  return connectedComponents(above, width, height).areas.length;
}

/** @param threshold of the image score */
export function qualityOf(normal: Seen, defective: Seen, threshold: number): Quality {
  const images = [...normal.images, ...defective.images];
  const scores = Float32Array.from(images, ({ score }) => score);
  const labels = Uint8Array.from(images, ({ defects }) => (defects > 0 ? 1 : 0));
  const { recall = NaN, falseAlarmRate = NaN } = confusion(scores, labels, threshold);
  const right = (some: Seen['images']): number =>
    some.filter(({ defects, regions }) => defects === regions).length / some.length;
  return {
    imageAuroc: auroc(scores, labels),
    recall,
    falseAlarmRate,
    ...pixelF1([normal.pixels, defective.pixels]),
    regionsRight: right(images),
    regionsRightOfDefective: right(defective.images),
  };
}

/** F1 at the threshold, and the best over all thresholds, of all pixels together. */
export function pixelF1(of: readonly Pixels[]): Pick<Quality, 'pixelF1' | 'pixelF1Max'> {
  const total = (name: 'hits' | 'alarms' | 'missed'): number => of.reduce((sum, pixels) => sum + pixels[name], 0);
  const positives = total('hits') + total('missed');
  const f1 = (hits: number, alarms: number): number => (2 * hits) / (hits + alarms + positives);
  let [best, hits, alarms] = [0, 0, 0];
  for (let key = 0; key < 1 << keyBits; key++) {
    for (const { defective, sound } of of) {
      hits += defective[key]!;
      alarms += sound[key]!;
    }
    best = Math.max(best, f1(hits, alarms));
  }
  return { pixelF1: f1(total('hits'), total('alarms')), pixelF1Max: best };
}
