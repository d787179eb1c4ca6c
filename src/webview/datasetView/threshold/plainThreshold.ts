import type { Inspection } from '../../../protocol/inspection.ts';

/** More digits than these are written only where a verdict hangs on them. */
const fewestDigits = 6;

type Judged = Pick<Inspection, 'detector' | 'rows'>;

/** Whether both thresholds flag the same images, those that calibrated the detector included. */
export function flagsSame({ rows, detector }: Judged, a: number, b: number): boolean {
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  const between = (score: number) => score > low && score <= high;
  for (const score of rows.score) if (between(score)) return false;
  return !detector.calibrationScores.some(between);
}

/**
 * The shortest decimal that flags the same images as `threshold`: what is saved does what was
 * promised, and can be read.
 */
export function plainThreshold(judged: Judged, threshold: number): number {
  for (let digits = fewestDigits; digits <= 17; digits++) {
    const plain = Number(threshold.toPrecision(digits));
    if (flagsSame(judged, plain, threshold)) return plain;
  }
  return threshold;
}
