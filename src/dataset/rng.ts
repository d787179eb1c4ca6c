/** Seeded random numbers: the same seed gives the same sequence on every machine. */
export interface Rng {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Uniform in 0 … n − 1. */
  integer(n: number): number;
  /** Standard normal (Marsaglia's polar method). */
  normal(): number;
  /** A shuffled copy (Fisher–Yates). */
  shuffled<T>(values: readonly T[]): T[];
}

/**
 * xoshiro128** (Blackman and Vigna, 2018), its state filled by SplitMix32 from a seed of 32 bits.
 */
export function createRng(seed: number): Rng {
  const s = new Uint32Array(4);
  let mix = seed >>> 0;
  for (let i = 0; i < 4; i++) s[i] = scramble((mix = (mix + 0x9e3779b9) >>> 0));

  const next = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  };
  const uniform = (): number => next() / 2 ** 32;
  const integer = (n: number): number => Math.floor(uniform() * n);
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const [x, y] = [2 * uniform() - 1, 2 * uniform() - 1];
      const r2 = x * x + y * y;
      if (r2 === 0 || r2 >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(r2)) / r2);
      spare = y * scale;
      return x * scale;
    }
  };
  return {
    uniform,
    integer,
    normal,
    shuffled: (values) => {
      const copy = [...values];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [copy[i], copy[j]] = [copy[j]!, copy[i]!];
      }
      return copy;
    },
  };
}

const rotateLeft = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/** SplitMix32's finaliser. */
function scramble(z: number): number {
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}
