import { elementwiseRules } from './rules/elementwise.ts';
import { linearRules } from './rules/linear.ts';
import { normRules } from './rules/norm.ts';
import { reduceRules } from './rules/reduce.ts';
import type { Rule } from './rules/rule.ts';
import { shapeRules } from './rules/shape.ts';

type DifferentiableOp =
  | keyof typeof elementwiseRules
  | keyof typeof linearRules
  | keyof typeof normRules
  | keyof typeof reduceRules
  | keyof typeof shapeRules;

/** Vector–Jacobian products by ONNX operator. */
export const vjp: { readonly [Op in DifferentiableOp]: Rule } = {
  ...elementwiseRules,
  ...linearRules,
  ...normRules,
  ...reduceRules,
  ...shapeRules,
};

/** Operators whose outputs don't change with small changes of their inputs: gradients stop there. */
export const flatOps: ReadonlySet<string> = new Set([
  'ArgMax',
  'ArgMin',
  'Ceil',
  'ConstantOfShape',
  'Equal',
  'Floor',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'Not',
  'OneHot',
  'Round',
  'Shape',
  'Sign',
  'Size',
]);

/** The rule of an operator, or undefined. */
export const ruleOf = (op: string): Rule | undefined =>
  Object.hasOwn(vjp, op) ? vjp[op as DifferentiableOp] : undefined;
