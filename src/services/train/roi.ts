import { packMask } from '../../dataset/maskRuns.ts';
import { quantile } from '../../metrics/quantile.ts';
import type { DetectorConfig } from '../../nferd/config.ts';
import { sampleSizes } from '../dataset/sampleSizes.ts';
import { shownSize } from '../detect/heatmap.ts';
import type { Images, Size } from '../ports/disk.ts';
import { UserError } from '../ports/errors.ts';

/** Longer side of a region as it is kept: finer than a detector sees. */
const keptSide = 1024;
/** Shapes that differ by no more are the same. */
const tolerance = 1.05;

/**
 * Reads the mask of what a detector looks at.
 * @param paths of the training images, whose shape it must have; those that can't be read say
 * nothing
 * @returns the region, and a note where some images have another shape
 * @throws UserError where it can't be read, has another shape than most images, lies among them,
 * or marks nothing or everything
 */
export async function readRoi(
  path: string,
  paths: readonly string[],
  images: Pick<Images, 'open' | 'readMask'>,
): Promise<{ readonly region: NonNullable<DetectorConfig['roi']>; readonly note?: string }> {
  if (paths.includes(path))
    throw new UserError(`${path}: lies among the images that are trained on. Move the region of interest elsewhere.`);
  const { size } = await images.open(path);
  const { width, height } = shownSize(size, keptSide);
  const mask = await images.readMask(path, { width, height });
  if (!mask.data.includes(1)) {
    const why = mask.hasDefect ? 'marks only specks' : 'is black all over';
    throw new UserError(`${path}: ${why}, so there is nothing to look at. Paint white what is of interest.`);
  }
  if (!mask.data.includes(0))
    throw new UserError(`${path}: leaves nothing out. Paint black what is not of interest, or train without it.`);
  const note = await shapeNote(path, size, paths, images);
  const { runs } = packMask(width, height, mask.data);
  return { region: { width, height, runs: [...runs] }, ...(note !== undefined && { note }) };
}

async function shapeNote(path: string, mask: Size, paths: readonly string[], images: Pick<Images, 'open'>) {
  const sizes = await sampleSizes(paths, images);
  const apart = sizes.map(({ width, height }) => Math.abs(Math.log((width * mask.height) / (height * mask.width))));
  const limit = Math.log(tolerance);
  if (sizes.length > 0 && quantile(apart, 0.5) > limit)
    throw new UserError(
      `${path}: is ${mask.width} × ${mask.height}, another shape than the images ` +
        `(such as ${sizes[0]!.width} × ${sizes[0]!.height}). Draw the region of interest on one of them.`,
    );
  const other = apart.filter((each) => each > limit).length;
  return other === 0
    ? undefined
    : `${path}: ${other} of ${sizes.length} images that were looked at have another shape; there the region of ` +
        'interest is stretched with them.';
}
