import { quantile } from '../../metrics/quantile.ts';
import { defaultSide, inputShape, inputSizeFor, type DetectorConfig } from '../../nferd/config.ts';
import { atScale, sideFor, smallestSeen, type ScaleWishes } from '../../nferd/scale.ts';
import { stretchNotes } from '../../maps/shape.ts';
import { sampleSizes } from '../dataset/sampleSizes.ts';
import type { Images, Size } from '../ports/disk.ts';

/**
 * `config` with the input that fits most images, in size and shape, so that they are squeezed as
 * little as possible. Of most formats only headers are read.
 * @param paths of the training images; those that can't be read say nothing
 * @returns the configuration, and a note each for images of quite another shape and for defects
 * that are too small to be seen
 */
export async function fitInput(
  config: DetectorConfig,
  paths: readonly string[],
  wishes: ScaleWishes,
  images: Pick<Images, 'open'>,
): Promise<{ readonly config: DetectorConfig; readonly notes: readonly string[] }> {
  const sizes = await sampleSizes(paths, images);
  const told = wishes.size !== undefined || wishes.smallestDefect !== undefined;
  if (sizes.length === 0) return { config: atScale(config, wishes.size ?? defaultSide, told), notes: [] };
  const { aspect, usual } = usualSize(sizes);
  const side = sideFor(usual, wishes);
  const scaled = atScale(config, side, told);
  const inputSize = inputSizeFor(aspect, side, scaled.views);
  const input = inputShape({ inputSize });
  const seen = smallestSeen(usual, input);
  const missed = wishes.smallestDefect === undefined ? isFarShrunk(usual, input) : wishes.smallestDefect < seen;
  return {
    config: { ...scaled, inputSize },
    notes: [
      ...stretchNotes(sizes, input),
      ...(missed
        ? [
            `images of ${usual.width} × ${usual.height} pixels are looked at at ${input.width} × ${input.height}: ` +
              `defects of less than ${seen} pixels may be missed. Cut the images into parts to find smaller ones.`,
          ]
        : []),
    ],
  };
}

/** The median shape (width / height), and the median size in that shape. */
function usualSize(sizes: readonly Size[]): { readonly aspect: number; readonly usual: Size } {
  const median = (of: (size: Size) => number): number => quantile(sizes.map(of), 0.5);
  const aspect = Math.exp(median(({ width, height }) => Math.log(width / height)));
  const shorter = median(({ width, height }) => Math.min(width, height));
  const usual = { width: Math.round(shorter * Math.max(1, aspect)), height: Math.round(shorter / Math.min(1, aspect)) };
  return { aspect, usual };
}

/** Whether a large image is looked at at less than half its scale. */
const isFarShrunk = (image: Size, input: Size): boolean =>
  Math.min(image.width, image.height) > 2 * Math.min(input.width, input.height) &&
  Math.min(input.width, input.height) > defaultSide;
