import { quantile } from '../../metrics/quantile.ts';
import { defaultConfig, inputShape, inputSizeFor, type DetectorConfig } from '../../nferd/config.ts';
import { isStretched } from '../detect/shape.ts';
import type { Images, Size } from '../ports/disk.ts';
import { orMessage } from '../ports/errors.ts';
import { ahead } from '../ports/progress.ts';

/** So many images, spread over all, tell the shape of all. */
const asked = 64;
const readAhead = 8;

/**
 * The input size whose shape is that of most images, so that they are squeezed as little as
 * possible. Of most formats only headers are read.
 * @param paths of the training images; those that can't be read say nothing
 * @param shorter side of the input
 * @returns the size, and a note where some images have quite another shape
 */
export async function inputFor(
  paths: readonly string[],
  shorter: number,
  images: Pick<Images, 'open'>,
): Promise<{ readonly size: DetectorConfig['inputSize']; readonly note?: string }> {
  const count = Math.min(asked, paths.length);
  const chosen = Array.from({ length: count }, (_, at) => paths[Math.floor((at * paths.length) / count)]!);
  const sizes: Size[] = [];
  for await (const file of ahead(chosen, readAhead, (path) => orMessage(images.open(path))))
    if (typeof file !== 'string') sizes.push(file.size);
  if (sizes.length === 0) return { size: shorter };
  const aspects = sizes.map(({ width, height }) => Math.log(width / height));
  const size = inputSizeFor(Math.exp(quantile(aspects, 0.5)), shorter, defaultConfig.views);
  const input = inputShape({ inputSize: size });
  const stretched = sizes.filter((each) => isStretched(each, input)).length;
  if (stretched === 0) return { size };
  return {
    size,
    note:
      `${stretched} of ${sizes.length} images that were looked at have another shape than the detector's ` +
      `input of ${input.width} × ${input.height} and are stretched to it.`,
  };
}
