import type { Dataset, Item } from './dataset.ts';
import { createRng } from './rng.ts';

/**
 * Indices into the list of normal images, ascending: `fit` trains the student and fills the bank,
 * `calibrate` saw neither.
 */
export interface Fold {
  readonly fit: readonly number[];
  readonly calibrate: readonly number[];
}

export interface CalibrationOptions {
  readonly seed: number;
  /** Share held out, 0.15 (10–20 % is sensible). */
  readonly fraction?: number;
  /** Fewest images worth holding out, 10. */
  readonly minimum?: number;
  /** Folds where that would be more than a fifth of all, 5. */
  readonly folds?: number;
}

/**
 * Which of `count` normal images calibrate. One fold: a plain hold-out. Several, for small sets:
 * cross-fitting: fit a detector on each fold's `fit` and score its `calibrate`; each image is
 * scored exactly once, by a detector that never saw it.
 *
 * @throws Error for fewer than 2 images
 */
export function calibrationFolds(count: number, options: CalibrationOptions): Fold[] {
  const { seed, fraction = 0.15, minimum = 10, folds = 5 } = options;
  if (count < 2) throw new Error(`calibration needs at least 2 normal images, got ${count}`);
  const order = createRng(seed).shuffled(Array.from({ length: count }, (_, i) => i));
  const heldOut = Math.max(minimum, Math.round(fraction * count));
  const groups =
    heldOut <= Math.max(0.2, fraction) * count
      ? [order.slice(0, heldOut)]
      : Array.from({ length: Math.min(folds, count) }, (_, k, of = Math.min(folds, count)) =>
          order.filter((_, i) => i % of === k),
        );
  return groups.map((group) => {
    const calibrate = group.toSorted((a, b) => a - b);
    const held = new Set(calibrate);
    return { fit: order.filter((i) => !held.has(i)).sort((a, b) => a - b), calibrate };
  });
}

/**
 * Gives a dataset without splits (VisA, KolektorSDD, class folders) one for evaluation: a seeded
 * share of the normal images and all anomalous ones become `test`, the other normal ones `train`.
 * Items that have a split, or no known label, stay as they are.
 */
export function assignSplits<T extends Pick<Dataset, 'items'>>(dataset: T, seed: number, testFraction = 0.2): T {
  const free = dataset.items.filter((item) => item.split === 'none');
  const normal = free.filter((item) => item.label === 'normal');
  const forTest = createRng(seed)
    .shuffled(normal)
    .slice(0, Math.round(testFraction * normal.length));
  const tested = new Set<Item>([...forTest, ...free.filter((item) => item.label === 'anomalous')]);
  const items = dataset.items.map((item): Item => {
    if (item.split !== 'none' || item.label === 'unknown') return item;
    return { ...item, split: tested.has(item) ? 'test' : 'train' };
  });
  return { ...dataset, items };
}
