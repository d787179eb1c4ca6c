/** 1, 2 or 5 times a power of ten, at most `size`. */
export function niceStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size || 1));
  return power * ([5, 2].find((factor) => factor * power <= size) ?? 1);
}
