/** Collects the points of a curve for plotting, leaving out those too near to the last one kept. */
export interface CurvePoints {
  add(x: number, y: number, threshold: number): void;
  /** The kept points and, always, the last one added: x, y, thresholds. */
  columns(): [Float64Array, Float64Array, Float64Array];
}

/**
 * @param resolution a point nearer than this to the last one kept, in x and in y, is left out; 0
 * keeps all
 */
export function curvePoints(resolution: number): CurvePoints {
  const [xs, ys, thresholds]: [number[], number[], number[]] = [[], [], []];
  let [keptX, keptY] = [NaN, NaN];
  let pending: [number, number, number] | undefined;
  const keep = (x: number, y: number, threshold: number) => {
    xs.push(x);
    ys.push(y);
    thresholds.push(threshold);
    [keptX, keptY] = [x, y];
    pending = undefined;
  };
  return {
    add: (x, y, threshold) => {
      if (Math.abs(x - keptX) < resolution && Math.abs(y - keptY) < resolution) pending = [x, y, threshold];
      else keep(x, y, threshold);
    },
    columns: () => {
      if (pending) keep(...pending);
      return [Float64Array.from(xs), Float64Array.from(ys), Float64Array.from(thresholds)];
    },
  };
}
