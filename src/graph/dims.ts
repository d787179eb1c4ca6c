/**
 * A dimension: a number, or a name for one known when the model runs ('N'). A derived one is a
 * product of names and a number ('N*1024') or an opaque expression ('floor(H/2)'); equal strings
 * mean equal dimensions.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;
export const isStatic = (shape: Shape): shape is readonly number[] => shape.every((dim) => typeof dim === 'number');

interface Monomial {
  readonly factor: number;
  readonly names: readonly string[];
}

function monomial(shape: Shape): Monomial {
  const parts = shape.flatMap((dim) => String(dim).split('*'));
  const isNumber = (part: string): boolean => /^\d+$/.test(part);
  return {
    factor: parts.filter(isNumber).reduce((total, part) => total * Number(part), 1),
    names: parts.filter((part) => !isNumber(part)).sort(),
  };
}

function format({ factor, names }: Monomial): Dim {
  if (names.length === 0 || factor === 0) return factor;
  return factor === 1 ? names.join('*') : `${names.join('*')}*${factor}`;
}

/** Number of elements of a shape, as a dimension. */
export const product = (shape: Shape): Dim => format(monomial(shape));

/** `product(a) / product(b)`, or undefined where it isn't a whole monomial. */
export function quotient(a: Shape, b: Shape): Dim | undefined {
  const [top, bottom] = [monomial(a), monomial(b)];
  const names = [...top.names];
  for (const name of bottom.names) {
    const at = names.indexOf(name);
    if (at < 0) return undefined;
    names.splice(at, 1);
  }
  const factor = top.factor / bottom.factor;
  return Number.isInteger(factor) ? format({ factor, names }) : undefined;
}

/** A dimension computed from others: numbers at once, names as one opaque expression. */
export function derived(dims: Shape, compute: (...values: number[]) => number, expression: string): Dim {
  return isStatic(dims) ? compute(...dims) : expression.replaceAll('*', '·');
}

/** The shape two operands broadcast to (trailing dimensions aligned, 1 stretches). */
export function broadcast(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const at = (shape: Shape, axis: number): Dim => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => {
    const [x, y] = [at(a, axis), at(b, axis)];
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new Error(
      `${op}: ${formatShape(a)} and ${formatShape(b)} do not broadcast; dimension ${axis} is ${x} and ${y}`,
    );
  });
}

/** `axis` counted from the front. Throws where the shape has no such axis. */
export function normalAxis(op: string, axis: number, shape: Shape, rank = shape.length): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new Error(`${op}: axis ${axis} is outside shape ${formatShape(shape)}`);
  return axis < 0 ? axis + rank : axis;
}
