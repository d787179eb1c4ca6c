/** One image of a test set: its anomaly map and what is truly defective in it. */
export interface PixelSample {
  /** [height × width], row by row; larger = more anomalous. */
  readonly map: Float32Array;
  /** [height × width], non-zero = defective; undefined = the image is normal everywhere. */
  readonly mask: Uint8Array | undefined;
  /** [height × width], non-zero = counts; absent: every pixel does. */
  readonly looked?: Uint8Array | undefined;
  readonly width: number;
  readonly height: number;
}

/** @throws if an array of sample number `index` doesn't have width × height values */
export function checkSample({ width, height, ...arrays }: PixelSample, index: number): void {
  for (const name of ['map', 'mask', 'looked'] as const) {
    const array = arrays[name];
    if (array && array.length !== width * height) {
      throw new Error(`The ${name} of sample ${index} has ${array.length} values, expected ${width} × ${height}.`);
    }
  }
}

/** [height × width], non-zero where a pixel is defective and counts; undefined = nowhere. */
export const defectiveOf = ({ mask, looked }: Pick<PixelSample, 'mask' | 'looked'>): Uint8Array | undefined =>
  mask && looked ? mask.map((value, i) => (looked[i] ? value : 0)) : mask;
