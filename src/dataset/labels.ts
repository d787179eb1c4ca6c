/**
 * What a user says of images: the labels, the lines that keep them, and how one line follows
 * another.
 */

/** What a user may say of an image. `excluded` leaves it out of metrics and proposals. */
export const userLabels = ['normal', 'anomalous', 'unsure', 'excluded'] as const;
export type UserLabel = (typeof userLabels)[number];

/** What is known of an image, from its folder's name and the user; the user's word counts. */
export const knownLabels = ['unknown', ...userLabels] as const;
export type KnownLabel = (typeof knownLabels)[number];

/**
 * One line of the label file `FOLDER/.nferd/labels.jsonl` (docs/labels.md); later lines win.
 * `label: null` takes the user's label back.
 */
export interface LabelLine {
  readonly image: string;
  readonly label: UserLabel | null;
  /** Of an anomalous image. */
  readonly defectType?: string;
  /**
   * A PNG below `FOLDER/.nferd/masks` (or that of a folder below), relative to FOLDER: 255 where
   * defective, at the image's size. One without any such pixel says that the image has no defective
   * pixels, whatever the dataset's own mask says. Kept, and not counted, while the label is
   * `normal`.
   */
  readonly mask?: string;
  /** ISO 8601. */
  readonly at: string;
}

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
 * The line that follows an image's previous one. The mask stays whatever the label becomes (which
 * one counts is decided by who reads it), so that a key pressed by mistake costs no drawing; the
 * defect type is an anomalous image's and goes with that label.
 * @param previous the image's last line; undefined where the user said nothing yet
 */
export function nextLine(previous: LabelLine | undefined, change: LabelChange): LabelLine {
  const { image, at } = change;
  const label = change.label === undefined ? (previous?.label ?? null) : change.label;
  const type = change.defectType === undefined ? previous?.defectType : change.defectType;
  const mask = change.mask === undefined ? previous?.mask : change.mask;
  return { image, label, ...(label === 'anomalous' && type && { defectType: type }), ...(mask && { mask }), at };
}
