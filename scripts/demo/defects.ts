import type { Rng } from '../../src/dataset/rng.ts';
import { fractal, smoothstep, type NoiseTile } from './noise.ts';

/** What a defect does to the surface at one point. */
export interface Effect {
  /** Slope of the surface added in x and y. */
  slopeX: number;
  slopeY: number;
  /** The metal's colour is multiplied by these. */
  tint: [number, number, number];
  /** Whether the ground truth marks the point. */
  marked: boolean;
}

/**
 * Effect at a point of the part, in pixels from its centre; undefined where the surface is sound.
 */
export type Defect = (x: number, y: number) => Effect | undefined;

export type DefectKind = 'scratch' | 'dent' | 'stain';

/** Kind → a defect of a size between 0 (small) and 1 (large). */
export const defects: Readonly<Record<DefectKind, (rng: Rng, size: number, tile: NoiseTile) => Defect>> = {
  scratch(rng, size, tile) {
    const start = onRing(rng, 66, 98);
    const length = 26 + 62 * size + 8 * rng.uniform();
    const turn = (rng.uniform() - 0.5) * 0.012;
    // Across the turning marks, as a slipping tool leaves it.
    const direction = Math.atan2(start.y, start.x) + Math.PI / 2 + (rng.uniform() - 0.5) * 1.6;
    const halfWidth = 0.75 + 0.55 * size + 0.2 * rng.uniform();
    const jitter = rng.uniform() * 99;
    const [ux, uy] = [Math.cos(direction), Math.sin(direction)];
    return (x, y) => {
      const along = (x - start.x) * ux + (y - start.y) * uy;
      if (Math.abs(along) > length / 2) return undefined;
      const wobble = 0.8 * tile.at(along * 0.08 + jitter, jitter);
      const across = -(x - start.x) * uy + (y - start.y) * ux - turn * along * along - wobble;
      const width = halfWidth * smoothstep(length / 2, length / 2 - 10, Math.abs(along));
      const distance = Math.abs(across);
      if (distance > width + 1.4) return undefined;
      // A groove: walls of opposite slope, a thin raised burr beside it.
      const wall = distance < width ? Math.sign(across) * 0.85 : -Math.sign(across) * 0.25;
      const dark = distance < width * 0.6 ? 0.62 : 1.06;
      return { slopeX: -uy * wall, slopeY: ux * wall, tint: [dark, dark, dark], marked: distance < width + 0.6 };
    };
  },

  dent(rng, size) {
    const centre = onRing(rng, 68, 96);
    const radius = 6 + 8 * size + rng.uniform();
    const squash = 0.75 + 0.25 * rng.uniform();
    const angle = rng.uniform() * Math.PI;
    const depth = 0.75 + 0.25 * rng.uniform();
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return (x, y) => {
      const [dx, dy] = [x - centre.x, y - centre.y];
      const [a, b] = [(dx * c + dy * s) / radius, (-dx * s + dy * c) / (radius * squash)];
      const r = Math.hypot(a, b);
      if (r > 1.25) return undefined;
      // Bowl inside, a low rim of pushed-up metal around it.
      const slope = r < 1 ? depth * Math.sin(Math.PI * r) : -0.3 * depth * Math.sin((Math.PI * (r - 1)) / 0.25);
      const [ga, gb] = r === 0 ? [0, 0] : [(slope * a) / r, (slope * b) / r];
      const shade = 1 - 0.12 * smoothstep(1, 0, r);
      return { slopeX: ga * c - gb * s, slopeY: ga * s + gb * c, tint: [shade, shade, shade], marked: r < 1.08 };
    };
  },

  stain(rng, size, tile) {
    const centre = onRing(rng, 66, 98);
    const radius = 10 + 15 * size + 2 * rng.uniform();
    const strength = 0.34 + 0.2 * rng.uniform();
    const offset = rng.uniform() * 99;
    const rusty = rng.uniform() < 0.5;
    return (x, y) => {
      const [dx, dy] = [x - centre.x, y - centre.y];
      const r = Math.hypot(dx, dy) / radius;
      if (r > 1.6) return undefined;
      const edge = r + 0.5 * fractal(tile, dx * 0.07 + offset, dy * 0.07 + offset, 3);
      const cover = smoothstep(1, 0.82, edge);
      if (cover === 0) return undefined;
      // A dried drop: darkest at its rim, cloudy inside.
      const rim = smoothstep(0.7, 0.92, edge);
      const cloud = 0.65 + 0.35 * fractal(tile, dx * 0.15 + offset, dy * 0.15, 2);
      const dark = strength * cover * (0.6 + 0.4 * rim) * cloud;
      const tint: Effect['tint'] = rusty
        ? [1 - 0.75 * dark, 1 - 1.15 * dark, 1 - 1.6 * dark]
        : [1 - 1.15 * dark, 1 - 1.1 * dark, 1 - 1.05 * dark];
      return { slopeX: 0, slopeY: 0, tint, marked: cover > 0.4 };
    };
  },
};

/**
 * A point on the face between two radii, away from the bolt holes at 45°, 135°, … and the keyway at
 * 0°.
 */
function onRing(rng: Rng, inner: number, outer: number): { x: number; y: number } {
  const quarter = rng.integer(3) + 1;
  const angle = (quarter * Math.PI) / 2 + (rng.uniform() - 0.5) * 0.7;
  const radius = inner + (outer - inner) * rng.uniform();
  return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
}
