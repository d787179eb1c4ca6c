import { intOf, intsOf, numbersOf, textOf } from '../attributes.ts';
import { product, type Dim } from '../dims.ts';
import { describe, type Value } from '../graph.ts';
import * as ops from '../ops.ts';
import { unbroadcast, type Rule } from './rule.ts';

const toInput: Rule = ({ x: [x], g }) => [() => ops.reshapeLike(g, x!)];

const numberAt = (op: string, value: Value, axis: number): number => {
  const dim = value.shape.at(axis);
  if (typeof dim !== 'number')
    throw new Error(`${op}: the gradient needs a number as axis ${axis} of ${describe(value)}`);
  return dim;
};

/** g with `step − 1` zeros after each element of `axis`. */
function spread(g: Value, axis: number, step: number): Value {
  const wide: Dim[] = [...g.shape.slice(0, axis + 1), 1, ...g.shape.slice(axis + 1)];
  const none = wide.map(() => 0);
  const filled = ops.pad(ops.reshape(g, wide), none, none.with(axis + 1, step - 1));
  return ops.reshape(filled, g.shape.with(axis, product([g.shape[axis]!, step])));
}

/** Cotangents of operators that move or copy elements. */
export const shapeRules = {
  // y = x with axes in order p: g with axes in order p⁻¹
  Transpose: ({ node, x: [x], g }) => {
    const perm = intsOf(node, 'perm') ?? x!.shape.map((_, axis) => axis).toReversed();
    return [
      () =>
        ops.transpose(
          g,
          perm.map((_, axis) => perm.indexOf(axis)),
        ),
    ];
  },
  Reshape: toInput,
  Unsqueeze: toInput,
  Squeeze: toInput,
  Flatten: toInput,
  // y = x[start:end:step]: zeros with g at start:end:step
  Slice: ({ node, x: [x], g }) => [
    () => {
      const starts = numbersOf(node, 1)!;
      const axes = numbersOf(node, 3) ?? starts.map((_, axis) => axis);
      const steps = numbersOf(node, 4) ?? starts.map(() => 1);
      const before = x!.shape.map(() => 0);
      const after = [...before];
      let wide = g;
      axes.forEach((signed, at) => {
        const axis = signed < 0 ? signed + x!.shape.length : signed;
        if (steps[at]! < 0) wide = ops.slice(wide, { [axis]: { step: -1 } });
        if (g.shape[axis] === x!.shape[axis] && Math.abs(steps[at]!) === 1) return;
        const [length, taken, step] = [numberAt('Slice', x!, axis), numberAt('Slice', g, axis), Math.abs(steps[at]!)];
        const first = Math.min(
          starts[at]! < 0 ? starts[at]! + length : starts[at]!,
          steps[at]! < 0 ? length - 1 : length,
        );
        before[axis] = steps[at]! < 0 ? Math.max(first, 0) - (taken - 1) * step : Math.max(first, 0);
        if (step > 1) wide = spread(wide, axis, step);
        after[axis] = length - before[axis]! - taken * step;
      });
      return [...before, ...after].some((count) => count !== 0) ? ops.pad(wide, before, after) : wide;
    },
  ],
  // y = [x₀ x₁ …]: the parts of g
  Concat: ({ node, x, g }) => {
    const axis = intOf(node, 'axis', 0);
    let end = 0;
    return x.map((part) => {
      const at = axis < 0 ? axis + part.shape.length : axis;
      const start = end;
      end += numberAt('Concat', part, at);
      const range = { start, end };
      return () => ops.slice(g, { [at]: range });
    });
  },
  // y₀, y₁, … = x: [g₀ g₁ …]
  Split: ({ node, gs }) => [
    () => {
      const parts = gs.map((part, at) => part ?? ops.zerosLike(node.outputs[at]!));
      return ops.concat(parts as [Value, ...Value[]], intOf(node, 'axis', 0));
    },
  ],
  // y = x within a border: g without it
  Pad: ({ node, x: [x], g }) => {
    if (textOf(node, 'mode', 'constant') !== 'constant') throw new Error('Pad: only constant padding has a gradient');
    const pads = numbersOf(node, 1)!.map((side) => (side === 0 ? 0 : -side));
    return [() => ops.pad(g, pads.slice(0, x!.shape.length), pads.slice(x!.shape.length))];
  },
  // y = x stretched: sums of g
  Expand: ({ x: [x], g }) => [() => unbroadcast(g, x!)],
  DepthToSpace: ({ node, g }) => {
    if (textOf(node, 'mode', 'DCR') !== 'DCR') throw new Error('DepthToSpace: only mode DCR has a gradient');
    return [() => ops.spaceToDepth(g, intOf(node, 'blocksize', 1))];
  },
  SpaceToDepth: ({ node, g }) => [() => ops.depthToSpace(g, intOf(node, 'blocksize', 1))],
  // y[…, i, …] = x[…, indices[i], …]: g added up at the indices
  Gather: ({ node, x: [x, indices], g }) => [
    () => {
      const axis = intOf(node, 'axis', 0);
      const at = axis < 0 ? axis + x!.shape.length : axis;
      const [before, after] = [product(x!.shape.slice(0, at)), product(x!.shape.slice(at + 1))];
      const count = product(indices!.shape);
      const updates = ops.reshape(g, [before, count, after]);
      const places = ops.expandLike(ops.reshape(indices!, [1, count, 1]), updates);
      const empty = ops.reshape(ops.zerosLike(x!), [before, x!.shape[at]!, after]);
      return ops.reshapeLike(ops.scatterElements(empty, places, updates, 1, 'add'), x!);
    },
  ],
  // y[i][j] = x[i][indices[i][j]]: g added up at the indices
  GatherElements: ({ node, x: [x, indices], g }) => [
    () => ops.scatterElements(ops.zerosLike(x!), indices!, g, intOf(node, 'axis', 0), 'add'),
  ],
  // y[i][j] = x[i][indices[i][j]], each index once: g at the indices
  TopK: ({ node, x: [x], g }) => [
    () => ops.scatterElements(ops.zerosLike(x!), node.outputs[1]!, g, intOf(node, 'axis', -1)),
  ],
} satisfies Record<string, Rule>;
