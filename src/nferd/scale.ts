/**
 * How finely images are looked at: the shorter side of the detector's input, from the images' own
 * size and the smallest defect that matters, and the views and weights that go with it. Figures:
 * docs/experiments.md.
 */
import { defaultSide, type DetectorConfig, type Size } from './config.ts';

/** What a user may say of it. */
export interface ScaleWishes {
  /** Shorter side of the input, in pixels. */
  readonly size?: number;
  /** Diameter of the smallest defect that matters, in pixels of the images. */
  readonly smallestDefect?: number;
}

/** Shorter sides that are chosen from: each allows the views that it is worth. */
const sides = [256, 384, 512, 768, 1024] as const;
/** Images of such a shorter side are looked at at half their scale, smaller ones at `defaultSide`. */
const large = 1024;
/** A defect is seen well from so many pixels of the input on. */
const seenFrom = 6;
/** Of an input at most: beyond that, one image takes seconds and gigabytes. */
const mostPixels = 2 ** 21;
/** The coarsest view's shorter side at least. */
const coarsest = 64;

/** The shorter side of the input for images of a size. */
export function sideFor({ width, height }: Size, { size, smallestDefect }: ScaleWishes): number {
  if (size !== undefined) return size;
  const shorter = Math.min(width, height);
  const aspect = Math.max(width, height) / shorter;
  const affordable = sides.filter((side) => side === defaultSide || side * side * aspect <= mostPixels);
  if (smallestDefect === undefined)
    return shorter < large ? defaultSide : affordable.findLast((side) => side <= shorter / 2)!;
  const wanted = shorter * Math.min(1, seenFrom / smallestDefect);
  return affordable.find((side) => side >= wanted) ?? affordable.at(-1)!;
}

/** Diameter of the smallest defect that is seen well, in pixels of the images. */
export const smallestSeen = (image: Size, input: Size): number =>
  Math.ceil(seenFrom * Math.max(image.width / input.width, image.height / input.height));

/**
 * `config` for an input of a shorter side: views down to the same coarsest one, the finest weighing
 * most; smoothing and the score's area in pixels of the input, so that neither grows with the image.
 *
 * Where nobody said how small a defect matters, what a small input would say stays beside it as the
 * context: finer views then add what stands out in them, and take nothing away. Where it was said,
 * they are the measure.
 */
export function atScale(config: DetectorConfig, shorter: number, told: boolean): DetectorConfig {
  const views = [...config.views];
  for (let next = 2 * Math.max(...views); shorter % (32 * next) === 0 && shorter / next >= coarsest; next *= 2)
    views.push(next);
  const { viewWeights, sigma, scoreShare } = config.map;
  const usual = viewWeights.slice(0, config.views.length);
  const finer = views.slice(usual.length);
  const grown = Math.max(1, shorter / defaultSide);
  return {
    ...config,
    inputSize: shorter,
    views,
    map: {
      ...config.map,
      viewWeights: [...usual, ...finer.map((_, at) => usual.at(-1)! * 0.5 ** (at + 1))],
      sigma: sigma / grown,
      scoreShare: scoreShare / grown ** 2,
      ...(!told && finer.length > 0 && { context: { viewWeights: [...finer.map(() => 0), ...usual], sigma } }),
    },
  };
}
