import { broadcast, formatShape } from '../dims.ts';
import { describe, type Value } from '../graph.ts';
import { emit, expectRank } from './emit.ts';

/**
 * a [..., M, K] · b [..., K, N] → [..., M, N]; leading dimensions broadcast. Both need two
 * dimensions or more.
 */
export function matMul(a: Value, b: Value): Value {
  const [m, k] = a.shape.slice(-2);
  const [k2, n] = b.shape.slice(-2);
  if (a.shape.length < 2 || b.shape.length < 2 || k !== k2)
    throw new Error(`MatMul: ${describe(a)} and ${describe(b)} do not multiply; inner dimensions are ${k} and ${k2}`);
  const batch = broadcast('MatMul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  return emit('MatMul', [a, b], {}, { dtype: a.dtype, shape: [...batch, m!, n!] });
}

export interface GemmOptions {
  readonly alpha?: number;
  readonly beta?: number;
  readonly transA?: boolean;
  readonly transB?: boolean;
}

/**
 * alpha · a′ · b′ + beta · c with a′ [M, K], b′ [K, N] (transposed where asked) and c broadcast to
 * [M, N].
 */
export function gemm(a: Value, b: Value, c?: Value, options: GemmOptions = {}): Value {
  const { alpha = 1, beta = 1, transA = false, transB = false } = options;
  expectRank('Gemm', a, 2);
  expectRank('Gemm', b, 2);
  const [m, k] = transA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [k2, n] = transB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (k !== k2) throw new Error(`Gemm: ${describe(a)} and ${describe(b)} do not multiply: ${k} and ${k2} differ`);
  const shape = [m, n];
  if (c && formatShape(broadcast('Gemm', c.shape, shape)) !== formatShape(shape))
    throw new Error(`Gemm: ${describe(c)} does not broadcast to ${formatShape(shape)}`);
  const attributes = { alpha: { float: alpha }, beta: { float: beta }, transA: +transA, transB: +transB };
  return emit('Gemm', [a, b, c], attributes, { dtype: a.dtype, shape });
}
