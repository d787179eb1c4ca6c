import type { FloatMap } from './floatMap.ts';

/**
 * A map at `to`×`to`: the largest of the cells that each place covers, so that a small defect in a
 * long image stays as hot as it is.
 */
export function shrinkGrid({ width, height, data }: FloatMap, to: number): Float32Array {
  if (width === to && height === to) return data;
  const out = new Float32Array(to * to);
  const bounds = (from: number) =>
    Array.from({ length: to }, (_, i) => {
      const low = Math.floor((i * from) / to);
      return { low, high: Math.max(low + 1, Math.ceil(((i + 1) * from) / to)) };
    });
  const across = bounds(width);
  bounds(height).forEach((y, row) =>
    across.forEach((x, column) => {
      let most = -Infinity;
      for (let r = y.low; r < y.high; r++)
        for (let c = x.low; c < x.high; c++) most = Math.max(most, data[r * width + c]!);
      out[row * to + column] = most;
    }),
  );
  return out;
}
