import type { Rng } from '../../src/dataset/rng.ts';

/** A tile of smooth noise that repeats without a seam, about −1 … 1. */
export interface NoiseTile {
  /** Bilinear, any coordinates (in cells of the tile). */
  at(x: number, y: number): number;
}

/** Value noise on a torus of `size`² cells; `size` is a power of two. */
export function noiseTile(rng: Rng, size: number): NoiseTile {
  const values = Float32Array.from({ length: size * size }, () => rng.uniform() * 2 - 1);
  const wrap = size - 1;
  return {
    at(x, y) {
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [u, v] = [ease(x - left), ease(y - top)];
      const [x0, x1, y0, y1] = [left & wrap, (left + 1) & wrap, (top & wrap) * size, ((top + 1) & wrap) * size];
      const above = values[y0 + x0]! * (1 - u) + values[y0 + x1]! * u;
      const below = values[y1 + x0]! * (1 - u) + values[y1 + x1]! * u;
      return above * (1 - v) + below * v;
    },
  };
}

/** Sum of octaves, each twice as fine and half as strong. */
export function fractal(tile: NoiseTile, x: number, y: number, octaves: number): number {
  let [sum, total] = [0, 0];
  for (let octave = 0, weight = 1, scale = 1; octave < octaves; octave++, weight /= 2, scale *= 2) {
    sum += weight * tile.at(x * scale + octave * 17.3, y * scale + octave * 9.1);
    total += weight;
  }
  return sum / total;
}

const ease = (t: number): number => t * t * (3 - 2 * t);

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothstep(low: number, high: number, value: number): number {
  return ease(Math.min(1, Math.max(0, (value - low) / (high - low))));
}
