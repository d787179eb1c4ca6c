import { maskAt, type AnyRuns } from '../dataset/maskRuns.ts';
import type { Triple } from './teacher/spec.ts';

/** What the student's features are fused with, and how: the paper's ablations. */
export const fusions = ['none', 'bank', 'channel', 'spatial', 'full'] as const;
export type Fusion = (typeof fusions)[number];

interface BankConfig {
  /** Largest number of entries of each stage's bank. */
  readonly entries: Triple<number>;
  /**
   * Features are averaged over cells of this many positions before they enter or query a stage's
   * bank.
   */
  readonly cells: Triple<number>;
  /** Neighbours read per query. */
  readonly neighbours: number;
  /** At most this many positions of all images are candidates for a bank. */
  readonly candidates: number;
}

export interface StudentConfig {
  readonly fusion: Fusion;
  /** Channels of the decoder at strides 4, 8, 16. */
  readonly widths: Triple<number>;
  /** Channels of the one-class embedding at stride 32. */
  readonly embedding: number;
  /** Steps of the optimiser, set in advance. */
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
}

export interface MapConfig {
  /** Standard deviation of the Gaussian, in units of 1/256 of the image's shorter side. */
  readonly sigma: number;
  /** The image score is the mean of this share of the anomaly map's largest values. */
  readonly scoreShare: number;
  /** Weight of the outermost ring of each map's positions; 1: as the rest. */
  readonly borderWeight: number;
  /** Weight of each view's maps; as many as there are views, or more. */
  readonly viewWeights: readonly number[];
  /**
   * What a small input would say, beside all views: the map is the larger of both sums at each
   * place.
   */
  readonly context?: { readonly viewWeights: readonly number[]; readonly sigma: number };
  /** Weight of each stage's bank distance and of each stage's student error. */
  readonly bankWeights: Triple<number>;
  readonly studentWeights: Triple<number>;
}

/** Pixels, or positions of a map. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface DetectorConfig {
  /** Size of the input [N, 3, height, width]: one number for a square, else height and width. */
  readonly inputSize: number | readonly [height: number, width: number];
  /**
   * The image is looked at once per view, shrunk by its factor: a fine view finds small defects, a
   * coarse one wrong shapes and shades. Each view has its own banks and student; each side / factor
   * must be a multiple of 32.
   */
  readonly views: readonly number[];
  /** Of the teacher's numbers; absent: 32-bit floats. */
  readonly precision?: 'float16';
  /**
   * Region of interest: 1 where images are looked at, the same place in each. At any size; covers
   * the whole image.
   */
  readonly roi?: AnyRuns & { readonly runs: readonly number[] };
  /** Pixels of an input that are negative are no image, such as the padding around one. */
  readonly padded?: true;
  readonly bank: BankConfig;
  /** Absent: instant mode, the banks alone. */
  readonly student?: StudentConfig;
  readonly map: MapConfig;
}

export const defaultStudent: StudentConfig = {
  fusion: 'full',
  widths: [32, 64, 128],
  embedding: 128,
  steps: 200,
  batch: 8,
  learningRate: 2e-3,
};

/** Shorter side of the input. */
export const defaultSide = 256;

export const defaultConfig: DetectorConfig = {
  inputSize: defaultSide,
  views: [1, 2, 4],
  bank: { entries: [2048, 4096, 4096], cells: [2, 2, 1], neighbours: 5, candidates: 60_000 },
  map: {
    sigma: 4,
    scoreShare: 0.01,
    borderWeight: 2 / 3,
    viewWeights: [1, 0.5, 0.25],
    bankWeights: [0, 1, 1],
    studentWeights: [0.5, 0.5, 0.5],
  },
};

/**
 * `config` with a student. Without fusion there is no bank at all: plain reverse distillation,
 * whose map is the student's alone.
 */
export const withStudent = (config: DetectorConfig, student: StudentConfig): DetectorConfig => ({
  ...config,
  student,
  ...(student.fusion === 'none' && { map: { ...config.map, bankWeights: [0, 0, 0] } }),
});

type Sized = Pick<DetectorConfig, 'inputSize'>;

/** Sides of a view are multiples of this: the student's embedding is at stride 32. */
const viewStep = 32;

/** Size of the whole input. */
export const inputShape = ({ inputSize }: Sized): Size =>
  typeof inputSize === 'number'
    ? { width: inputSize, height: inputSize }
    : { width: inputSize[1], height: inputSize[0] };

/** Size of one view's input. Throws where the factor does not fit. */
export function viewSize(config: Sized, factor: number): Size {
  const { width, height } = inputShape(config);
  const sides = [width / factor, height / factor];
  const odd = sides.find((side) => !(Number.isInteger(side) && side > 0) || side % viewStep);
  if (odd !== undefined)
    throw new Error(
      `input size ${sizeText({ width, height })} with a view of 1/${factor} gives ${odd} pixels; ` +
        `choose a size whose views are multiples of ${viewStep}`,
    );
  return { width: width / factor, height: height / factor };
}

/** `256` for a square, else `640x256`: width first, as people say it. */
export const sizeText = ({ width, height }: Size): string => (width === height ? `${width}` : `${width}x${height}`);

/** No input is longer than this many times its shorter side: what is longer still is squeezed. */
const longest = 8;

/**
 * The input size for images of an aspect: its shorter side is `shorter`, the longer one as long as
 * the images are, down to what the views allow, so that the input has no more pixels than the
 * images at that scale.
 * @param aspect width / height
 */
export function inputSizeFor(
  aspect: number,
  shorter: number,
  views: DetectorConfig['views'],
): DetectorConfig['inputSize'] {
  const step = viewStep * Math.max(...views);
  const long = shorter * Math.min(longest, Math.max(aspect, 1 / aspect));
  // A hundredth more is no stretching: 2.49 times 256 are 640 pixels.
  const side = Math.floor((1.01 * long) / step) * step;
  // One that the views don't allow is refused as it is.
  if (side <= shorter || shorter % step) return shorter;
  return aspect > 1 ? [shorter, side] : [side, shorter];
}

/**
 * A configuration that a detector can be made of.
 * @throws Error where a view does not fit the input size or has no weight
 */
export function checkConfig(config: DetectorConfig): void {
  const { views, map } = config;
  if (views.length === 0) throw new Error('configuration: there are no views; give at least one, such as 1');
  if (Array.isArray(config.inputSize) && config.inputSize.length !== 2)
    throw new Error('configuration: inputSize must be one number, or height and width');
  if (config.roi) checkRegion(config.roi, inputShape(config));
  views.forEach((factor) => viewSize(config, factor));
  checkWeights('viewWeights', map.viewWeights, views);
  if (map.context) checkWeights("the context's viewWeights", map.context.viewWeights, views);
}

/** A missing weight would make every score NaN. */
function checkWeights(name: string, weights: readonly number[], views: readonly number[]): void {
  const view = views.findIndex((_, at) => !(weights[at]! >= 0 && Number.isFinite(weights[at])));
  if (view >= 0)
    throw new Error(
      `configuration: ${name} has no weight of at least 0 for view 1/${views[view]!} ` +
        `(${weights.length} for ${views.length} views); give one a view`,
    );
}

/** Whether there are pixels that count nowhere: outside the region of interest, or padding. */
export const isMasked = ({ roi, padded }: Pick<DetectorConfig, 'roi' | 'padded'>): boolean =>
  roi !== undefined || padded === true;

function checkRegion(roi: NonNullable<DetectorConfig['roi']>, input: Size): void {
  const { width, height, runs } = roi;
  const counts = [width, height, ...runs].every((count) => Number.isInteger(count) && count >= 0);
  if (!counts || !maskAt(roi, input).includes(1))
    throw new Error(
      `configuration: roi must be the runs of a mask with a pixel to look at in an input of ${sizeText(input)} pixels`,
    );
}
