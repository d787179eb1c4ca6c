/** Points in the plane, by index. */
export interface Plane {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/**
 * Lays out points [C] in the plane so that near ones stay near; seeded, gives way to other work now
 * and then.
 */
export type LayOut = (points: readonly Float32Array[], random: () => number) => Promise<Plane>;
