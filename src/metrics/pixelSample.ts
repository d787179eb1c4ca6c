/** One image of a test set: its anomaly map and what is truly defective in it. */
export interface PixelSample {
  /** [height × width], row by row; larger = more anomalous. */
  readonly map: Float32Array;
  /** [height × width], non-zero = defective; undefined = the image is normal everywhere. */
  readonly mask: Uint8Array | undefined;
  readonly width: number;
  readonly height: number;
}

/** @throws if the map or mask of sample number `index` doesn't have width × height values */
export function checkSample({ map, mask, width, height }: PixelSample, index: number): void {
  for (const [name, array] of [['map', map] as const, ['mask', mask] as const]) {
    if (array && array.length !== width * height) {
      throw new Error(`The ${name} of sample ${index} has ${array.length} values, expected ${width} × ${height}.`);
    }
  }
}
