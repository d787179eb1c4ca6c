import type { Rows } from './coreset.ts';

/**
 * A linear map y = L⁻¹x under which the Euclidean distance takes the normal features' correlation
 * into account: ‖L⁻¹(x − b)‖² = (x − b)ᵀ A⁻¹ (x − b) with A = LLᵀ = (Σ + I)/2, the correlation of
 * the standardised features shrunk half way to the identity, so that rare directions count more
 * than usual ones but noise does not count most.
 */
export interface Whitening {
  /** L⁻¹, [C, C], row-major, lower triangular. */
  readonly forward: Float32Array;
  /** L, [C, C]: takes whitened features back. */
  readonly inverse: Float32Array;
}

/** At most this many rows, evenly spaced, tell the correlation. */
const enoughRows = 10_000;

/**
 * The whitening of standardised features [n, C]. Cholesky's factorisation; Σ + I is positive
 * definite whatever the rows.
 */
export function whiteningOf({ data, channels }: Rows): Whitening {
  const matrix = shrunkCorrelation(data, channels);
  const inverse = cholesky(matrix, channels);
  return { forward: Float32Array.from(invertLower(inverse, channels)), inverse: Float32Array.from(inverse) };
}

/** y = L⁻¹x for each row. */
export function whiten({ data, channels }: Rows, { forward }: Pick<Whitening, 'forward'>): Rows {
  const white = new Float32Array(data.length);
  // Four rows at a time: the processor need not wait for one sum to go on with the others.
  const [second, third, fourth, four] = [channels, 2 * channels, 3 * channels, 4 * channels];
  let start = 0;
  for (; start + four <= data.length; start += four)
    for (let i = 0; i < channels; i++) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let j = start, at = i * channels; j <= start + i; j++, at++) {
        const weight = forward[at]!;
        a += weight * data[j]!;
        b += weight * data[j + second]!;
        c += weight * data[j + third]!;
        d += weight * data[j + fourth]!;
      }
      white[start + i] = a;
      white[start + second + i] = b;
      white[start + third + i] = c;
      white[start + fourth + i] = d;
    }
  for (; start < data.length; start += channels)
    for (let i = 0; i < channels; i++) {
      let sum = 0;
      for (let j = 0, at = i * channels; j <= i; j++, at++) sum += forward[at]! * data[start + j]!;
      white[start + i] = sum;
    }
  return { data: white, channels };
}

function shrunkCorrelation(data: Float32Array, channels: number): Float64Array {
  const rows = data.length / channels;
  const step = Math.max(1, Math.ceil(rows / enoughRows));
  const sum = new Float64Array(channels * channels);
  let count = 0;
  for (let row = 0; row < rows; row += step, count++)
    for (let i = 0, start = row * channels; i < channels; i++) {
      const value = data[start + i]!;
      for (let j = 0, at = i * channels; j <= i; j++, at++) sum[at]! += value * data[start + j]!;
    }
  for (let i = 0; i < channels; i++)
    for (let j = 0; j <= i; j++) {
      const at = i * channels + j;
      sum[at] = (sum[at]! / Math.max(count, 1) + (i === j ? 1 : 0)) / 2;
    }
  return sum;
}

/** L of a symmetric positive definite A of which the lower triangle is given. */
function cholesky(a: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]!;
    }
  return l;
}

/** L⁻¹ by forward substitution. */
function invertLower(l: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++)
    for (let row = column; row < n; row++) {
      let sum = row === column ? 1 : 0;
      for (let k = column; k < row; k++) sum -= l[row * n + k]! * inverse[k * n + column]!;
      inverse[row * n + column] = sum / l[row * n + row]!;
    }
  return inverse;
}
