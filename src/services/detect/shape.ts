import type { Size } from '../ports/disk.ts';

/** Images are stretched by no more than this, or the user hears of it. */
const tolerance = 1.5;

/** Whether an image has quite another shape than the detector's input, to which it is stretched. */
export const isStretched = (image: Size, input: Size): boolean =>
  Math.abs(Math.log((image.width * input.height) / (image.height * input.width))) > Math.log(tolerance);
