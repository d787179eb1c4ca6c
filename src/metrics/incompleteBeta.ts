/**
 * Regularised incomplete beta function I_x(a, b): the chance that a Beta(a, b) variable is at most
 * x. Continued fraction DLMF 8.17.22 on the side where it converges fast, by modified Lentz; else
 * I_x(a, b) = 1 − I_{1−x}(b, a).
 * @param x 0–1
 * @param a above 0
 * @param b above 0
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - lowerBeta(1 - x, b, a);
  return lowerBeta(x, a, b);
}

/**
 * The x for which {@link incompleteBeta} is `p` (0–1), by bisection down to neighbouring doubles.
 */
export function inverseIncompleteBeta(p: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (incompleteBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
}

function lowerBeta(x: number, a: number, b: number): number {
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  return Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta) / (a * fraction(x, a, b));
}

/** 1 + d₁/(1 + d₂/(1 + …)); the terms needed grow as √max(a, b). */
function fraction(x: number, a: number, b: number): number {
  let [value, numerator, denominator] = [1, 1, 0];
  for (let k = 1; ; k++) {
    const m = k >> 1;
    const factor = k % 2 ? -(a + m) * (a + b + m) : m * (b - m);
    const d = (factor * x) / ((a + k - 1) * (a + k));
    denominator = 1 / notZero(1 + d * denominator);
    numerator = notZero(1 + d / numerator);
    const step = numerator * denominator;
    value *= step;
    if (!(Math.abs(step - 1) >= 1e-15)) return value;
  }
}

function notZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

/** ln Γ(x), x > 0: Stirling's series (DLMF 5.11.1) from 15 on, reached by Γ(x) = Γ(x + 1) / x. */
function logGamma(x: number): number {
  let below = 1;
  for (; x < 15; x++) below *= x;
  const r = 1 / (x * x);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - (r * 691) / 360360))))) / x;
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - Math.log(below);
}
