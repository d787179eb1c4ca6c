import { broadcast, type Shape } from '../dims.ts';
import { type Value } from '../graph.ts';
import { dataTypes, type DataType } from '../tensor.ts';
import { emit, lift, liftPair, type Operand } from './emit.ts';

const unary =
  (op: string) =>
  (x: Value): Value =>
    emit(op, [x], {}, { dtype: x.dtype, shape: x.shape });

const binary =
  (op: string, dtype?: DataType) =>
  (a: Operand, b: Operand): Value => {
    const [x, y] = liftPair(op, a, b);
    return emit(op, [x, y], {}, { dtype: dtype ?? x.dtype, shape: broadcast(op, x.shape, y.shape) });
  };

/** Elementwise with broadcasting; a number becomes a scalar of the other's dtype. */
export const add = binary('Add');
export const sub = binary('Sub');
export const mul = binary('Mul');
export const div = binary('Div');
/** base ^ exponent */
export const pow = binary('Pow');
/** Elementwise maximum and minimum of two values. */
export const maximum = binary('Max');
export const minimum = binary('Min');
/** Elementwise comparisons, bool. */
export const equal = binary('Equal', 'bool');
export const greater = binary('Greater', 'bool');
export const less = binary('Less', 'bool');

export const neg = unary('Neg');
export const sqrt = unary('Sqrt');
export const exp = unary('Exp');
export const log = unary('Log');
export const abs = unary('Abs');
export const sign = unary('Sign');
export const reciprocal = unary('Reciprocal');
export const relu = unary('Relu');
export const sigmoid = unary('Sigmoid');
export const tanh = unary('Tanh');
export const identity = unary('Identity');

/** min(max(x, low), high); leave a bound out for none. */
export function clip(x: Value, low?: number, high?: number): Value {
  const bound = (value: number | undefined): Value | undefined =>
    value === undefined ? undefined : lift(x.graph, value, x.dtype);
  return emit('Clip', [x, bound(low), bound(high)], {}, { dtype: x.dtype, shape: x.shape });
}

/** x > 0 ? x : alpha · x */
export const leakyRelu = (x: Value, alpha = 0.01): Value =>
  emit('LeakyRelu', [x], { alpha: { float: alpha } }, { dtype: x.dtype, shape: x.shape });

/** condition ? a : b, all three broadcast. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const [x, y] = liftPair('Where', a, b);
  const shape: Shape = broadcast('Where', condition.shape, broadcast('Where', x.shape, y.shape));
  return emit('Where', [condition, x, y], {}, { dtype: x.dtype, shape });
}

/** Converts elements to `dtype`. */
export const cast = (x: Value, dtype: DataType): Value =>
  x.dtype === dtype ? x : emit('Cast', [x], { to: dataTypes[dtype].code }, { dtype, shape: x.shape });
