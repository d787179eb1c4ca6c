import { inverseIncompleteBeta } from './incompleteBeta.ts';

/** A two-sided confidence interval of a rate, both ends in 0–1. */
export interface ProportionInterval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval, without continuity correction: covers the true rate with about the given
 * confidence, on average; the one to show beside a rate.
 * @param successes whole number, 0–trials
 * @param trials whole number, at least 1
 * @param confidence between 0 and 1, exclusive
 */
export function wilsonInterval(successes: number, trials: number, confidence = 0.95): ProportionInterval {
  check(successes, trials, confidence);
  const z = normalQuantile((1 + confidence) / 2);
  const rate = successes / trials;
  const z2n = (z * z) / trials;
  const centre = (rate + z2n / 2) / (1 + z2n);
  const half = Math.sqrt(z2n * (rate * (1 - rate) + z2n / 4)) / (1 + z2n);
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
  };
}

/**
 * Clopper–Pearson's exact interval: covers the true rate with *at least* the given confidence; the
 * one for promises. Its ends are quantiles of Beta(k, n − k + 1) and, mirrored, of Beta(n − k, k +
 * 1).
 * @param successes whole number, 0–trials
 * @param trials whole number, at least 1
 * @param confidence between 0 and 1, exclusive
 */
export function clopperPearsonInterval(successes: number, trials: number, confidence = 0.95): ProportionInterval {
  check(successes, trials, confidence);
  const tail = (1 - confidence) / 2;
  const lowest = (k: number) => (k === 0 ? 0 : inverseIncompleteBeta(tail, k, trials - k + 1));
  return { low: lowest(successes), high: 1 - lowest(trials - successes) };
}

function check(successes: number, trials: number, confidence: number): void {
  if (!Number.isInteger(trials) || trials < 1) {
    throw new Error(`An interval of a rate needs a whole number of trials from 1 on, got ${trials}.`);
  }
  if (!Number.isInteger(successes) || successes < 0 || successes > trials) {
    throw new Error(`An interval of a rate needs a whole number of successes from 0 to ${trials}, got ${successes}.`);
  }
  if (!(confidence > 0 && confidence < 1)) {
    throw new Error(`The confidence of an interval must lie between 0 and 1, got ${confidence}.`);
  }
}

/**
 * The z ≥ 0 at which the standard normal distribution function is `p` (0.5–1). Newton from 0: the
 * function is concave there, so the steps approach from below and never overshoot.
 */
function normalQuantile(p: number): number {
  for (let z = 0; ;) {
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const next = z + (p - 0.5 - density * centralSeries(z)) / density;
    if (!(next > z + 1e-15)) return next;
    z = next;
  }
}

/** (Φ(z) − ½) / φ(z) = z + z³/3 + z⁵/(3·5) + … (Marsaglia 2004). */
function centralSeries(z: number): number {
  let [sum, term] = [z, z];
  for (let k = 3; term > sum * 1e-17; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return sum;
}
