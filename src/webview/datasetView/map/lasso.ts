export interface Points {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

export type Polygon = readonly (readonly [x: number, y: number])[];

/** Points inside a closed polygon by the even–odd rule; NaN is nowhere. */
export function inside(points: Points, polygon: Polygon): number[] {
  const found: number[] = [];
  if (polygon.length < 3) return found;
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  for (let i = 0; i < points.x.length; i++) {
    const [x, y] = [points.x[i]!, points.y[i]!];
    if (!(x >= left && x <= right && y >= top && y <= bottom)) continue;
    let odd = false;
    for (let a = 0, b = polygon.length - 1; a < polygon.length; b = a++) {
      const crosses = ys[a]! > y !== ys[b]! > y;
      if (crosses && x < ((xs[b]! - xs[a]!) * (y - ys[a]!)) / (ys[b]! - ys[a]!) + xs[a]!) odd = !odd;
    }
    if (odd) found.push(i);
  }
  return found;
}

/** Points within `radius` of a place. */
export function within({ x, y }: Points, at: readonly [number, number], radius: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < x.length; i++) if (Math.hypot(x[i]! - at[0], y[i]! - at[1]) <= radius) found.push(i);
  return found;
}

/** The nearest point at most `reach` away; -1: none. */
export function nearest({ x, y }: Points, at: readonly [number, number], reach = Infinity): number {
  let [found, least] = [-1, reach];
  for (let i = 0; i < x.length; i++) {
    const distance = Math.hypot(x[i]! - at[0], y[i]! - at[1]);
    if (distance <= least) [found, least] = [i, distance];
  }
  return found;
}

/** Smallest and largest finite values. */
export function extentOf(values: ArrayLike<number>): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < low) low = values[i]!;
    if (values[i]! > high) high = values[i]!;
  }
  return low <= high ? [low, high] : [0, 1];
}
