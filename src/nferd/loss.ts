import type { Value } from '../graph/graph.ts';
import * as ops from '../graph/ops.ts';

/**
 * How far the student's map is from the teacher's, both standardised [N, C, H, W]: ‖T − S‖² / ‖T‖²
 * over all of an image's C·H·W numbers, mean over the batch. At the student's best scale it is 1 −
 * cos² of the flattened vectors, RD4AD's loss, and unlike it fixes that scale, which the Euclidean
 * error map needs.
 * @param looked [N, 1, H, W], 1 where a position counts; absent: everywhere
 */
export function flattenedLoss(teacher: Value, student: Value, looked?: Value): Value {
  const error = ops.sub(teacher, student);
  const sum = (x: Value): Value => {
    const square = ops.mul(x, x);
    return ops.reduceSum(looked ? ops.mul(square, looked) : square, [1, 2, 3]);
  };
  return ops.reduceMean(ops.div(sum(error), ops.add(sum(teacher), 1e-6)), [0]);
}

/** Per position √(mean_c (T − S)²): [N, C, H, W] → [N, 1, H, W]. */
export function errorMap(teacher: Value, student: Value): Value {
  const error = ops.sub(teacher, student);
  return ops.sqrt(ops.add(ops.reduceMean(ops.mul(error, error), [1], true), 1e-12));
}
