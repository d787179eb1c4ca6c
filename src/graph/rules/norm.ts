import { floatOf } from '../attributes.ts';
import type { Value } from '../graph.ts';
import * as ops from '../ops.ts';
import type { Rule } from './rule.ts';

const { add, mul, neg, reciprocal, reduceMean, reduceSum, sqrt, sub, unsqueeze } = ops;

/** [C] → [C, 1, 1], to broadcast over N, H, W. */
const perChannel = (vector: Value): Value => unsqueeze(vector, [1, 2]);

/** Cotangents of normalisations; r = 1/√(variance + ε), x̂ = (x − mean)·r. */
export const normRules = {
  // y = scale·x̂ + bias with mean and variance as given inputs:
  // g·scale·r; Σ g·x̂; Σ g; −scale·r·Σ g; −½·scale·r²·Σ g·x̂
  BatchNormalization: ({ node, x: [x, scale, , mean, variance], g }) => {
    const r = reciprocal(sqrt(add(variance!, floatOf(node, 'epsilon', 1e-5))));
    const gain = mul(scale!, r);
    const sum = reduceSum(g, [0, 2, 3]);
    // Σ g·x̂ = r·(Σ g·x − mean·Σ g)
    const sumHat = mul(r, sub(reduceSum(mul(g, x!), [0, 2, 3]), mul(mean!, sum)));
    return [
      () => mul(g, perChannel(gain)),
      () => sumHat,
      () => sum,
      () => neg(mul(gain, sum)),
      () => mul(mul(mul(gain, r), sumHat), -0.5),
    ];
  },
  // y = scale·x̂ + bias with statistics over H, W: scale·r·(g − mean g − x̂·mean(g·x̂)); Σ g·x̂; Σ
  // g
  InstanceNormalization: ({ node, x: [x, scale], g }) => {
    const centred = sub(x!, reduceMean(x!, [2, 3], true));
    const variance = reduceMean(mul(centred, centred), [2, 3], true);
    const r = reciprocal(sqrt(add(variance, floatOf(node, 'epsilon', 1e-5))));
    const hat = mul(centred, r);
    const product = mul(g, hat);
    const inner = (): Value => sub(sub(g, reduceMean(g, [2, 3], true)), mul(hat, reduceMean(product, [2, 3], true)));
    return [
      () => mul(mul(perChannel(scale!), r), inner()),
      () => reduceSum(product, [0, 2, 3]),
      () => reduceSum(g, [0, 2, 3]),
    ];
  },
} satisfies Record<string, Rule>;
