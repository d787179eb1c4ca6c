import { floatOf } from '../attributes.ts';
import * as ops from '../ops.ts';
import { unbroadcast, type Rule } from './rule.ts';

const { add, cast, div, equal, greater, less, log, mul, neg, pow, sign, sub, where } = ops;

/** y = the larger (or smaller) of a and b; equals share the gradient. */
const extremum =
  (wins: typeof greater): Rule =>
  ({ x: [a, b], g }) => {
    if (!a || !b) throw new Error('Max, Min: the gradient needs two inputs');
    const share = (c: typeof a, d: typeof a) =>
      add(cast(wins(c, d), 'float32'), mul(cast(equal(c, d), 'float32'), 0.5));
    return [() => unbroadcast(mul(g, share(a, b)), a), () => unbroadcast(mul(g, share(b, a)), b)];
  };

/** Cotangents of elementwise operators; g is ∂loss/∂y, broadcast inputs get sums. */
export const elementwiseRules = {
  // y = a + b: g, g
  Add: ({ x: [a, b], g }) => [() => unbroadcast(g, a!), () => unbroadcast(g, b!)],
  // y = a − b: g, −g
  Sub: ({ x: [a, b], g }) => [() => unbroadcast(g, a!), () => neg(unbroadcast(g, b!))],
  // y = a·b: g·b, g·a
  Mul: ({ x: [a, b], g }) => [() => unbroadcast(mul(g, b!), a!), () => unbroadcast(mul(g, a!), b!)],
  // y = a/b: g/b, −g·y/b
  Div: ({ x: [a, b], y, g }) => [() => unbroadcast(div(g, b!), a!), () => neg(unbroadcast(div(mul(g, y), b!), b!))],
  // y = −x: −g
  Neg: ({ g }) => [() => neg(g)],
  // y = a^b: g·b·a^(b−1), g·y·ln a
  Pow: ({ x: [a, b], y, g }) => [
    () => {
      const square = b!.tensor?.data.length === 1 && b!.tensor.data[0] === 2;
      return unbroadcast(mul(mul(g, b!), square ? a! : pow(a!, sub(b!, 1))), a!);
    },
    () => unbroadcast(mul(mul(g, y), log(a!)), b!),
  ],
  // y = √x: g/(2y)
  Sqrt: ({ y, g }) => [() => mul(div(g, y), 0.5)],
  // y = eˣ: g·y
  Exp: ({ y, g }) => [() => mul(g, y)],
  // y = ln x: g/x
  Log: ({ x: [x], g }) => [() => div(g, x!)],
  // y = |x|: g·sgn x
  Abs: ({ x: [x], g }) => [() => mul(g, sign(x!))],
  // y = 1/x: −g·y²
  Reciprocal: ({ y, g }) => [() => neg(mul(mul(g, y), y))],
  Max: extremum(greater),
  Min: extremum(less),
  // y = max(x, 0): g where y > 0. Where and Sign take longer on the processor.
  Relu: ({ y, g }) => [() => mul(g, cast(greater(y, 0), 'float32'))],
  // y = x > 0 ? x : αx: g, αg
  LeakyRelu: ({ node, x: [x], g }) => [() => where(greater(x!, 0), g, mul(g, floatOf(node, 'alpha', 0.01)))],
  // y = min(max(x, low), high): g where y = x
  Clip: ({ x: [x], y, g }) => [() => where(equal(x!, y), g, 0)],
  // y = 1/(1 + e⁻ˣ): g·y·(1 − y)
  Sigmoid: ({ y, g }) => [() => mul(g, mul(y, sub(1, y)))],
  // y = tanh x: g·(1 − y²)
  Tanh: ({ y, g }) => [() => mul(g, sub(1, mul(y, y)))],
  // y = c ? a : b: g where c, g where not c
  Where: ({ x: [c, a, b], g }) => [
    undefined,
    () => unbroadcast(where(c!, g, 0), a!),
    () => unbroadcast(where(c!, 0, g), b!),
  ],
  // y = x in another dtype: g in x's
  Cast: ({ x: [x], g }) => [() => cast(g, x!.dtype)],
  Identity: ({ g }) => [() => g],
} satisfies Record<string, Rule>;
