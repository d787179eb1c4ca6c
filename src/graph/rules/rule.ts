import type { Shape } from '../dims.ts';
import type { Node, Value } from '../graph.ts';
import * as ops from '../ops.ts';

/** What a rule sees of a node: its inputs, outputs, and the cotangents of its outputs. */
export interface Backward {
  readonly node: Node;
  /** Inputs in order. One left out must not be touched. */
  readonly x: readonly Value[];
  /** The first output. */
  readonly y: Value;
  /** ∂loss/∂y; zeros where only another output mattered. */
  readonly g: Value;
  /** ∂loss/∂ each output; undefined where the loss doesn't depend on it. */
  readonly gs: readonly (Value | undefined)[];
}

/** ∂loss/∂input for each input in order, made only when asked for; undefined has none. */
export type Rule = (backward: Backward) => readonly ((() => Value) | undefined)[];

/** Sums a cotangent over what broadcasting had stretched: the shape of `like`. */
export function unbroadcast(g: Value, like: Value): Value {
  const lead = g.shape.length - like.shape.length;
  const axes = g.shape.flatMap((dim, axis) =>
    axis < lead || (like.shape[axis - lead] === 1 && dim !== 1) ? [axis] : [],
  );
  return axes.length === 0 ? g : ops.reshapeLike(ops.reduceSum(g, axes, true), like);
}

/** The shape with kept dimensions that a reduction over `axes` had. */
export const keptShape = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((dim, axis) => (axes.includes(axis) || axes.includes(axis - shape.length) ? 1 : dim));
