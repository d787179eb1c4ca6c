import type { Detection, FloatMap } from './engine.ts';

/** The whole anomaly map, [inputSize, inputSize]: the detector's last step, done again. */
export const anomalyMapOf = ({ anomalyGrid, detector }: Pick<Detection, 'anomalyGrid' | 'detector'>): FloatMap =>
  enlarge(anomalyGrid, detector.inputSize);

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
