import type { Grid } from './floatMap.ts';

/** Images are stretched by no more than this, or the user hears of it. */
const tolerance = 1.5;

/** Whether an image has quite another shape than the detector's input, to which it is stretched. */
export const isStretched = (image: Grid, input: Grid): boolean =>
  Math.abs(Math.log((image.width * input.height) / (image.height * input.width))) > Math.log(tolerance);

/**
 * A note where some images are stretched; none where none are.
 * @param sizes of the images that were looked at
 */
export function stretchNotes(sizes: readonly Grid[], input: Grid): string[] {
  const stretched = sizes.filter((size) => isStretched(size, input)).length;
  if (stretched === 0) return [];
  return [
    `${stretched} of ${sizes.length} images that were looked at have another shape than the detector's ` +
      `input of ${input.width} × ${input.height} and are stretched to it.`,
  ];
}
