import type { LabelLine, UserLabel } from './inspection.ts';

/** What a user says anew of an image. What is left out stays as it was; null takes it back. */
export interface LabelChange {
  readonly image: string;
  /** ISO 8601 */
  readonly at: string;
  readonly label?: UserLabel | null | undefined;
  readonly defectType?: string | null | undefined;
  /** Path for the line, as `writeMask` gives it. */
  readonly mask?: string | null | undefined;
}

/**
 * The line that follows an image's previous one. The mask stays whatever the label becomes (which one counts is decided by who reads it), so
 * that a key pressed by mistake costs no drawing; the defect type is an anomalous image's and goes with that label.
 * @param previous the image's last line; undefined where the user said nothing yet
 */
export function nextLine(previous: LabelLine | undefined, change: LabelChange): LabelLine {
  const { image, at } = change;
  const label = change.label === undefined ? (previous?.label ?? null) : change.label;
  const type = change.defectType === undefined ? previous?.defectType : change.defectType;
  const mask = change.mask === undefined ? previous?.mask : change.mask;
  return { image, label, ...(label === 'anomalous' && type && { defectType: type }), ...(mask && { mask }), at };
}
