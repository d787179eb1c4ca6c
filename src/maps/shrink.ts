/** A square grid at `to`×`to`: means of the cells that each one covers. */
export function shrinkGrid(grid: Float32Array, to: number): Float32Array {
  const from = Math.sqrt(grid.length);
  if (from === to) return grid;
  const out = new Float32Array(to * to);
  const bounds = Array.from({ length: to }, (_, i) => {
    const low = Math.floor((i * from) / to);
    return { low, high: Math.max(low + 1, Math.ceil(((i + 1) * from) / to)) };
  });
  bounds.forEach((y, row) =>
    bounds.forEach((x, column) => {
      let sum = 0;
      for (let r = y.low; r < y.high; r++) for (let c = x.low; c < x.high; c++) sum += grid[r * from + c]!;
      out[row * to + column] = sum / ((y.high - y.low) * (x.high - x.low));
    }),
  );
  return out;
}
