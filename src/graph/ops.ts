/**
 * The typed operators: each infers its result's dtype and shape and refuses operands that don't
 * fit.
 */
export * from './ops/elementwise.ts';
export * from './ops/linear.ts';
export * from './ops/shape.ts';
export * from './ops/reduce.ts';
export * from './ops/pick.ts';
export * from './ops/norm.ts';
export {
  averagePool,
  conv,
  convTranspose,
  globalAveragePool,
  maxPool,
  repeatAndConv,
  resample,
  resize,
  type ResizeMode,
} from './ops/conv.ts';
