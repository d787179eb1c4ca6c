import type { FloatMap } from '../../protocol/engine.ts';

/** The map enlarged by a whole factor to at least `side`, bilinear, values at the centres of positions. */
export function enlarge(map: FloatMap, side: number): FloatMap {
  const factor = Math.max(1, Math.ceil(side / Math.max(map.width, map.height)));
  if (factor === 1) return map;
  const [width, height] = [map.width * factor, map.height * factor];
  const data = new Float32Array(width * height);
  const across = places(width, map.width);
  const down = places(height, map.height);
  for (let y = 0; y < height; y++) {
    const { low: y0, high: y1, part: v } = down[y]!;
    for (let x = 0; x < width; x++) {
      const { low: x0, high: x1, part: u } = across[x]!;
      const top = mix(map.data[y0 * map.width + x0]!, map.data[y0 * map.width + x1]!, u);
      const bottom = mix(map.data[y1 * map.width + x0]!, map.data[y1 * map.width + x1]!, u);
      data[y * width + x] = mix(top, bottom, v);
    }
  }
  return { width, height, data };
}

const mix = (from: number, to: number, part: number): number => from + part * (to - from);

function places(to: number, from: number) {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, from - 1), part: place - low };
  });
}

/** The value at a place (0 … 1 of width and height), of the nearest position. */
export function valueAt({ width, height, data }: FloatMap, x: number, y: number): number {
  const column = Math.min(width - 1, Math.max(0, Math.floor(x * width)));
  const row = Math.min(height - 1, Math.max(0, Math.floor(y * height)));
  return data[row * width + column]!;
}

export interface Peak {
  /** 0 … 1 of width and height: the centre of the position with the largest value. */
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

export function peakOf({ width, height, data }: FloatMap): Peak {
  let best = 0;
  let value = data[0]!;
  for (let i = 1; i < data.length; i++) {
    if (data[i]! > value) value = data[(best = i)]!;
  }
  return { x: ((best % width) + 0.5) / width, y: (Math.floor(best / width) + 0.5) / height, value };
}

export function extremes(data: ArrayLike<number>): { readonly low: number; readonly high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}
