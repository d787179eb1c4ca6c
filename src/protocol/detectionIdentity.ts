/**
 * What the result of a detection hangs on: an image and a detector, both as they were on disk. The
 * same, the same result.
 */
export interface DetectionIdentity {
  readonly image: string;
  /** When the image's file was written. */
  readonly imageMs: number;
  readonly imageBytes: number;
  readonly detector: { readonly folder: string };
  /**
   * When the detector was written. It stands for its version, which only those know who have loaded
   * it.
   */
  readonly detectorMs: number;
}

/** Of a detector as it was written once. */
export const detectorKey = ({ detector, detectorMs }: Pick<DetectionIdentity, 'detector' | 'detectorMs'>): string =>
  `${detector.folder}\0${detectorMs}`;

/** Equal for two identities where their results are. */
export const detectionKey = ({ image, imageMs, imageBytes, ...of }: DetectionIdentity): string =>
  [image, imageMs, imageBytes, detectorKey(of)].join('\0');
