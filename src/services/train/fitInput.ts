import { quantile } from '../../metrics/quantile.ts';
import { defaultSide, inputShape, inputSizeFor, type DetectorConfig } from '../../nferd/config.ts';
import { atScale, sideFor, smallestSeen, type ScaleWishes } from '../../nferd/scale.ts';
import { isStretched } from '../detect/shape.ts';
import type { Images, Size } from '../ports/disk.ts';
import { orMessage } from '../ports/errors.ts';
import { ahead } from '../ports/progress.ts';

/** So many images, spread over all, tell the size of all. */
const asked = 64;
const readAhead = 8;

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
  const sizes = await sizesOf(paths, images);
  const told = wishes.size !== undefined || wishes.smallestDefect !== undefined;
  if (sizes.length === 0) return { config: atScale(config, wishes.size ?? defaultSide, told), notes: [] };
  const { aspect, usual } = usualSize(sizes);
  const side = sideFor(usual, wishes);
  const scaled = atScale(config, side, told);
  const inputSize = inputSizeFor(aspect, side, scaled.views);
  const input = inputShape({ inputSize });
  const stretched = sizes.filter((each) => isStretched(each, input)).length;
  const seen = smallestSeen(usual, input);
  const missed = wishes.smallestDefect === undefined ? isFarShrunk(usual, input) : wishes.smallestDefect < seen;
  return {
    config: { ...scaled, inputSize },
    notes: [
      ...(stretched > 0
        ? [
            `${stretched} of ${sizes.length} images that were looked at have another shape than the detector's ` +
              `input of ${input.width} × ${input.height} and are stretched to it.`,
          ]
        : []),
      ...(missed
        ? [
            `images of ${usual.width} × ${usual.height} pixels are looked at at ${input.width} × ${input.height}: ` +
              `defects of less than ${seen} pixels may be missed. Cut the images into parts to find smaller ones.`,
          ]
        : []),
    ],
  };
}

async function sizesOf(paths: readonly string[], images: Pick<Images, 'open'>): Promise<Size[]> {
  const count = Math.min(asked, paths.length);
  const chosen = Array.from({ length: count }, (_, at) => paths[Math.floor((at * paths.length) / count)]!);
  const sizes: Size[] = [];
  for await (const file of ahead(chosen, readAhead, (path) => orMessage(images.open(path))))
    if (typeof file !== 'string') sizes.push(file.size);
  return sizes;
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
