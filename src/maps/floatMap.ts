export interface Grid {
  readonly width: number;
  readonly height: number;
}

export interface FloatMap extends Grid {
  /** [height, width] */
  readonly data: Float32Array;
}
