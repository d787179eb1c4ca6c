import { fixed, line, type Line } from '../report.ts';
import { scratchBeside } from './defects.ts';
import type { Quality } from './quality.ts';
import { threads } from './subject.ts';

/** What was found at one size of image. */
export interface Measured {
  readonly width: number;
  readonly height: number;
  /** Of the detector. */
  readonly input: { readonly width: number; readonly height: number };
  readonly training: { readonly seconds: number; readonly peakMiB: number };
  /** Of a detection, reading included. */
  readonly secondsPerMegapixel: number;
  /** Of the process that detects. */
  readonly peakMiB: number;
  readonly quality: readonly (Quality & { readonly pit: number })[];
}

const targets = {
  /** From this pit and this shorter side on. */
  from: { pit: 12, side: 2048 },
  imageAuroc: 0.99,
  pixelF1: 0.5,
  regionsRight: 0.95,
  secondsPerMegapixel: 0.6,
  /** Of the middle between the slowest and the fastest, from so many megapixels on. */
  even: 0.1,
  megapixels: 4,
  peakMiB: 1024,
};

const sizeOf = ({ width, height }: Measured): string => `${width} × ${height}`;
const megapixels = ({ width, height }: Measured): number => (width * height) / 1e6;

/** What issue 28 asks for, of the sizes that were looked at. */
export function judged(measured: readonly Measured[]): Line[] {
  const { from } = targets;
  const lines: Line[] = [];
  for (const each of measured) {
    const size = sizeOf(each);
    if (Math.min(each.width, each.height) >= from.side)
      for (const { pit, imageAuroc, pixelF1, regionsRight } of each.quality.filter((of) => of.pit >= from.pit)) {
        const share = (what: string, value: number, least: number): Line =>
          line(`${size}, pits of ${pit} px: ${what}`, fixed(value, 3), `≥ ${least}`, value >= least);
        lines.push(share('I-AUROC', imageAuroc, targets.imageAuroc));
        lines.push(share('pixel F1 at the threshold', pixelF1, targets.pixelF1));
        lines.push(share('images with the right number of regions', regionsRight, targets.regionsRight));
      }
    const { secondsPerMegapixel: seconds, peakMiB } = each;
    const most = targets.peakMiB;
    lines.push(
      line(
        `${size}: seconds a megapixel`,
        fixed(seconds, 3),
        `≤ ${targets.secondsPerMegapixel}`,
        seconds <= targets.secondsPerMegapixel,
      ),
      line(`${size}: peak memory`, `${fixed(peakMiB, 0)} MiB`, `≤ ${most} MiB`, peakMiB <= most),
    );
  }
  const large = measured
    .filter((each) => megapixels(each) >= targets.megapixels)
    .map((each) => each.secondsPerMegapixel);
  if (large.length > 1) {
    const [low, high] = [Math.min(...large), Math.max(...large)];
    const spread = (high - low) / (high + low);
    lines.push(
      line(
        'time a megapixel, from the smallest to the largest',
        `± ${fixed(100 * spread, 0)} %`,
        `± ${100 * targets.even} %`,
        spread <= targets.even,
      ),
    );
  }
  return lines;
}

export const qualityRows = (measured: readonly Measured[]): string[][] => [
  [
    ...['images', 'pits', 'scratches', 'I-AUROC', 'recall', 'false alarms', 'pixel F1', 'pixel F1-max'],
    ...['regions right', 'of the defective'],
  ],
  ...measured.flatMap((each) =>
    each.quality.map((of) => {
      const { length, width } = scratchBeside(of.pit);
      return [
        ...[sizeOf(each), `${of.pit}`, `${fixed(width, 1)} × ${length}`, fixed(of.imageAuroc, 3)],
        ...[of.recall, of.falseAlarmRate, of.pixelF1, of.pixelF1Max, of.regionsRight, of.regionsRightOfDefective].map(
          (share) => fixed(share, 3),
        ),
      ];
    }),
  ),
];

export const costRows = (measured: readonly Measured[]): string[][] => [
  ['images', 'megapixels', 'input', 's a megapixel', 'peak MiB', 'training s', 'training peak MiB'],
  ...measured.map((each) => [
    ...[sizeOf(each), fixed(megapixels(each), 1), `${each.input.width} × ${each.input.height}`],
    ...[fixed(each.secondsPerMegapixel, 3), fixed(each.peakMiB, 0)],
    ...[fixed(each.training.seconds, 1), fixed(each.training.peakMiB, 0)],
  ]),
];

/** How it was measured. */
export const explained = (of: Readonly<Record<'train' | 'normal' | 'defects' | 'timed', number>>): string =>
  `# Small defects in large images\n\n${of.train} drawn normal parts train, as \`nferd train\` does by default; ` +
  `${of.normal} others and, for each pit, ${of.defects} defective ones are looked at. A defective part has 1 to 4 ` +
  'pits, or as many scratches, of 10 to 18 grey levels over noise of 3 (`bench/resolution/parts.ts`). Recall, false ' +
  "alarms and pixel F1 are at the detector's own thresholds; pixels are the images' own, pooled over all of them, " +
  'the maps enlarged. Regions are those above the pixel threshold. F1-max is exact to 0.05 % of a threshold. ' +
  `Time is the median of ${of.timed} detections one after the other, reading included, after one that warms up, ` +
  `${threads} threads; the peak is that of their process.`;
