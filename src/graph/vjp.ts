import { elementwiseRules } from './rules/elementwise.ts';
import { linearRules } from './rules/linear.ts';
import { normRules } from './rules/norm.ts';
import { reduceRules } from './rules/reduce.ts';
import type { Rule } from './rules/rule.ts';
import { shapeRules } from './rules/shape.ts';

/** The operators that have a gradient; the compiler asks for a rule for each. */
type DifferentiableOp =
  | ('Add' | 'Sub' | 'Mul' | 'Div' | 'Neg' | 'Pow' | 'Sqrt' | 'Exp' | 'Log' | 'Abs' | 'Reciprocal' | 'Max' | 'Min')
  | ('Relu' | 'LeakyRelu' | 'Clip' | 'Sigmoid' | 'Tanh' | 'Softmax' | 'Where' | 'Cast' | 'Identity')
  | ('MatMul' | 'Gemm' | 'Conv' | 'ConvTranspose' | 'MaxPool' | 'AveragePool' | 'GlobalAveragePool' | 'Resize')
  | ('BatchNormalization' | 'InstanceNormalization')
  | ('ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceSumSquare')
  | ('Transpose' | 'Reshape' | 'Unsqueeze' | 'Squeeze' | 'Flatten' | 'Slice' | 'Concat' | 'Split' | 'Pad' | 'Expand')
  | ('DepthToSpace' | 'SpaceToDepth' | 'Gather' | 'GatherElements' | 'TopK');

/** Vector–Jacobian products by ONNX operator. */
export const vjp: { readonly [Op in DifferentiableOp]: Rule } = {
  ...elementwiseRules,
  ...linearRules,
  ...normRules,
  ...reduceRules,
  ...shapeRules,
};

/**
 * Operators whose outputs don't change with small changes of their inputs: gradients stop there.
 */
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
