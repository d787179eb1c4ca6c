import { describe, type Value } from './graph.ts';
import * as ops from './ops.ts';
import { float32, zeros, type Tensor } from './tensor.ts';

export interface AdamOptions {
  /** Decay of the first and second moments. */
  readonly betas?: readonly [number, number];
  readonly epsilon?: number;
  /**
   * Largest global norm of the gradients; longer ones are scaled down to it. Left out: no limit.
   */
  readonly clipNorm?: number;
  /** Decay of the running average of the weights. */
  readonly emaDecay?: number;
  /** Early on average faster: decay min(emaDecay, (1 + step)/(10 + step)). */
  readonly emaWarmup?: boolean;
}

/** Per parameter its moments and running average, all of the parameter's shape. */
export interface AdamState<T> {
  /** Σ β₁ᵗ⁻ˢ gₛ, the first moment over (1 − β₁). */
  readonly m: readonly T[];
  /** Σ β₂ᵗ⁻ˢ gₛ², the second moment over (1 − β₂). */
  readonly v: readonly T[];
  readonly ema: readonly T[];
}

export interface AdamStep extends AdamState<Value> {
  readonly parameters: readonly Value[];
  readonly gradients: readonly Value[];
  /** Scalars, float32. The first step is 1. */
  readonly learningRate: Value;
  readonly step: Value;
}

/** What a step returns: everything renewed, and the gradients' global norm before clipping. */
export interface AdamResult extends AdamState<Value> {
  readonly parameters: readonly Value[];
  readonly norm: Value;
}

/**
 * Adam (Kingma & Ba 2015) with global-norm clipping and a running average of the weights, emitted
 * as ONNX operators. Keeping the moments as plain sums folds 1 − β and the bias corrections into
 * scalars: θ ← θ − η′·m / (√v + ε′), where k = √((1 − β₂)/(1 − β₂ᵗ)), η′ = η·(1 − β₁)/((1 −
 * β₁ᵗ)·k), ε′ = ε/k.
 */
export function adam(options: AdamOptions = {}) {
  const { betas = [0.5, 0.999], epsilon = 1e-8, clipNorm, emaDecay = 0.999, emaWarmup = true } = options;
  const [beta1, beta2] = betas;

  /** The state before the first step. */
  function init(parameters: readonly Tensor[]): AdamState<Tensor> {
    return {
      m: parameters.map(({ dims }) => zeros(dims)),
      v: parameters.map(({ dims }) => zeros(dims)),
      ema: parameters.map(({ data, dims }) => float32(Float32Array.from(data as Float32Array), dims)),
    };
  }

  /** Emits one step. */
  function update(input: AdamStep): AdamResult {
    const { parameters, gradients, learningRate, step } = input;
    parameters.forEach((parameter, at) => {
      const like = [gradients[at], input.m[at], input.v[at], input.ema[at]];
      const odd = like.find((value) => value?.shape.join() !== parameter.shape.join());
      if (odd || like.includes(undefined))
        throw new Error(`adam: ${odd ? describe(odd) : 'a missing value'} does not match ${describe(parameter)}`);
    });
    const squares = gradients.map((g) => ops.reduceSumSquare(g));
    const norm = ops.sqrt(squares.reduce((sum, square) => ops.add(sum, square)));
    // clipNorm / max(norm, clipNorm)
    const scale = clipNorm === undefined ? undefined : ops.div(clipNorm, ops.maximum(norm, clipNorm));
    const corrected = (beta: number): Value => ops.sub(1, ops.pow(beta, step));
    const k = ops.sqrt(ops.div(1 - beta2, corrected(beta2)));
    const rate = ops.div(ops.mul(learningRate, 1 - beta1), ops.mul(corrected(beta1), k));
    const floor = ops.div(epsilon, k);
    const warm = ops.sub(1, ops.div(ops.add(step, 1), ops.add(step, 10)));
    const emaRate = emaWarmup ? ops.maximum(warm, 1 - emaDecay) : 1 - emaDecay;
    const renewed = parameters.map((theta, at) => {
      const g = scale ? ops.mul(gradients[at]!, scale) : gradients[at]!;
      const m = ops.add(ops.mul(input.m[at]!, beta1), g);
      const v = ops.add(ops.mul(input.v[at]!, beta2), ops.mul(g, g));
      const next = ops.sub(theta, ops.mul(ops.div(m, ops.add(ops.sqrt(v), floor)), rate));
      const ema = ops.add(input.ema[at]!, ops.mul(ops.sub(next, input.ema[at]!), emaRate));
      return { next, m, v, ema };
    });
    return {
      parameters: renewed.map(({ next }) => next),
      m: renewed.map(({ m }) => m),
      v: renewed.map(({ v }) => v),
      ema: renewed.map(({ ema }) => ema),
      norm,
    };
  }

  return { init, update };
}

export interface CosineDecay {
  /** Learning rate at its height. */
  readonly peak: number;
  /** Number of steps, set in advance. */
  readonly steps: number;
  /** Steps of linear rise at the start. */
  readonly warmup?: number;
  /** Where it ends. */
  readonly floor?: number;
}

/**
 * The learning rate of `step` (from 1): linear warm-up, then floor + (peak − floor)·(1 + cos πt)/2
 * with t from 0 to 1.
 */
export function cosineDecay(step: number, { peak, steps, warmup = 0, floor = 0 }: CosineDecay): number {
  if (step <= warmup) return (peak * step) / warmup;
  const t = Math.min((step - 1 - warmup) / Math.max(steps - warmup, 1), 1);
  return floor + ((peak - floor) * (1 + Math.cos(Math.PI * t))) / 2;
}
