import { product } from './dims.ts';
import { describe, type Graph, type Node, type Value } from './graph.ts';
import * as ops from './ops.ts';
import { flatOps, ruleOf } from './vjp.ts';

export interface GradientOptions {
  /** Values taken as constants: no gradient flows through them. */
  readonly stop?: readonly Value[];
}

/**
 * ∂loss/∂w for each w of `wrt`, as new values of the graph (reverse mode). Only paths from `wrt` to
 * `loss` are walked; operators that are flat almost everywhere end one. Throws where an operator on
 * the way has no rule, and where the loss doesn't depend on a w.
 */
export function gradients(
  graph: Graph,
  loss: Value,
  wrt: readonly Value[],
  { stop = [] }: GradientOptions = {},
): readonly Value[] {
  if (product(loss.shape) !== 1) throw new Error(`gradients: the loss must be a single number, not ${describe(loss)}`);
  const dependent = new Set<Value>(wrt);
  const forward = graph.nodes.filter((node) => {
    const on = !flatOps.has(node.op) && node.inputs.some((input) => input && dependent.has(input));
    if (on) node.outputs.filter((output) => !stop.includes(output)).forEach((output) => dependent.add(output));
    return on;
  });
  const cotangents = new Map<Value, Value[]>();
  const collect = (value: Value): Value | undefined => {
    const parts = cotangents.get(value);
    if (!parts) return undefined;
    const total = parts.reduce((sum, part) => ops.add(sum, part));
    cotangents.set(value, [total]);
    return total;
  };
  if (dependent.has(loss)) cotangents.set(loss, [ops.expandLike(graph.scalar(1, loss.dtype), loss)]);
  for (const node of forward.toReversed()) {
    const gs = node.outputs.map((output) => (dependent.has(output) ? collect(output) : undefined));
    if (gs.every((g) => g === undefined)) continue;
    backward(node, gs).forEach((make, at) => {
      const input = node.inputs[at];
      if (!make || !input || !dependent.has(input)) return;
      const parts = cotangents.get(input);
      if (parts) parts.push(make());
      else cotangents.set(input, [make()]);
    });
  }
  return wrt.map((value) => {
    const g = collect(value);
    if (!g) throw new Error(`gradients: the loss does not depend on ${describe(value)}`);
    return g;
  });
}

function backward(node: Node, gs: readonly (Value | undefined)[]) {
  const rule = node.domain === '' ? ruleOf(node.op) : undefined;
  const y = node.outputs[0]!;
  if (!rule)
    throw new Error(`gradients: ${node.op} (${describe(y)}) has no rule; add one to vjp.ts or stop the gradient there`);
  return rule({ node, x: node.inputs as readonly Value[], y, g: gs[0] ?? ops.zerosLike(y), gs });
}
