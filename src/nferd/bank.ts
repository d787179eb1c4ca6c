import type { Value } from '../graph/graph.ts';
import * as ops from '../graph/ops.ts';
import { float32, int64 } from '../graph/tensor.ts';
import { pick, type Rows } from './coreset.ts';
import { whiten, whiteningOf, type Whitening } from './whitening.ts';

/**
 * Where a bank's entries come from, one of each per entry: index of the normal image, row and
 * column in the stage's grid of cells.
 */
export interface Provenance {
  readonly image: Uint32Array;
  readonly row: Uint16Array;
  readonly column: Uint16Array;
}

/**
 * A normal feature bank of one stage: whitened features of normal patches, and where each was seen.
 */
export interface Bank {
  /** [entries, channels] */
  readonly features: Rows;
  readonly provenance: Provenance;
  /** Takes standardised features to the bank's space. */
  readonly whitening: Whitening;
}

/** Features of many positions with their origin: what a bank is chosen from. */
export type Candidates = Bank;

/** Candidates from standardised features, and what whitens them. */
export function candidatesOf(standardised: Rows, provenance: Provenance): Candidates {
  const whitening = whiteningOf(standardised);
  return { features: whiten(standardised, whitening), provenance, whitening };
}

/** Number of entries. */
export const entriesOf = ({ features }: Bank): number => features.data.length / features.channels;

/** The entries at `indices`, for instance a coreset's. */
export function select(candidates: Candidates, indices: Uint32Array): Bank {
  const { image, row, column } = candidates.provenance;
  return {
    features: pick(candidates.features, indices),
    provenance: {
      image: Uint32Array.from(indices, (at) => image[at]!),
      row: Uint16Array.from(indices, (at) => row[at]!),
      column: Uint16Array.from(indices, (at) => column[at]!),
    },
    whitening: candidates.whitening,
  };
}

/** What a bank answers for a map of h×w cells. */
export interface BankRead {
  /** [N, k, h, w] int64, nearest first. */
  readonly index: Value;
  /** [N, k, h, w] cosine similarity of query and entry, whitened. */
  readonly similarity: Value;
  /** [N, 1, h, w] distance to the nearest entry, √(‖x − b‖² / C), x whitened. */
  readonly distance: Value;
  /**
   * [N, C, h, w] soft-weighted mean of the k entries: weights softmax(−‖x − b‖² / C); standardised,
   * not whitened.
   */
  readonly retrieved: Value;
}

/**
 * Reads the k nearest entries (Euclidean, whitened) for each position of the standardised `query`
 * [N, C, h, w]: one matrix product, ‖x − b‖² = ‖x‖² + ‖b‖² − 2 x·b.
 * @param self [N] int64, the index of the image each query comes from: its own entries are left
 * out, or a student would learn to copy the bank. A bank that one image fills alone is read by that
 * image too: with nothing else to compare with, it would otherwise look endlessly far from normal,
 * and one such image would set the detector's threshold
 */
export function readBank(query: Value, bank: Bank, neighbours: number, self?: Value): BankRead {
  const { graph } = query;
  const [n, c, h, w] = query.shape as [string | number, number, number, number];
  const entries = entriesOf(bank);
  const k = Math.min(neighbours, entries);
  const features = graph.constant(float32(bank.features.data, [entries, c]));
  const norms = graph.constant(float32(squaredNorms(bank.features), [entries, 1]));
  const square = (matrix: Float32Array): Value => ops.transpose(graph.constant(float32(matrix, [c, c])), [1, 0]);
  const standardised = ops.reshape(ops.transpose(query, [0, 2, 3, 1]), [n, h * w, c]);
  const x = ops.matMul(standardised, square(bank.whitening.forward));
  // The largest of 2 x·b − ‖b‖² is the nearest; ‖x‖² is the same for all entries. The norms are one
  // more channel of the product: a subtraction would read and write all of it once more.
  const table = ops.concat([ops.mul(features, 2), ops.neg(norms)], 1);
  let closeness = ops.matMul(ops.pad(x, [0, 0, 0], [0, 0, 1], 1), ops.transpose(table, [1, 0]));
  if (self && !oneImage(bank)) {
    const owner = graph.constant(int64([...bank.provenance.image], [1, 1, entries]));
    const own = ops.equal(ops.reshape(self, [n, 1, 1]), owner);
    closeness = ops.sub(closeness, ops.mul(ops.cast(own, 'float32'), 1e9));
  }
  const { values, indices } = ops.topK(closeness, k);
  const length = ops.reduceSum(ops.mul(x, x), [2], true);
  const gapTo = (nearness: Value): Value => ops.div(ops.maximum(ops.sub(length, nearness), 0), c);
  const gap = gapTo(values);
  const weights = ops.softmax(ops.neg(gap), -1);
  const found = ops.gather(features, indices, 0);
  const mean = ops.reduceSum(ops.mul(found, ops.reshape(weights, [n, h * w, k, 1])), [2]);
  const retrieved = ops.matMul(mean, square(bank.whitening.inverse));
  const entryNorm = ops.gather(ops.reshape(norms, [entries]), indices, 0);
  const dot = ops.mul(ops.add(values, entryNorm), 0.5);
  const cosine = ops.div(dot, ops.sqrt(ops.add(ops.mul(length, entryNorm), 1e-12)));
  const toMap = (value: Value, channels: number): Value =>
    ops.reshape(ops.transpose(value, [0, 2, 1]), [n, channels, h, w]);
  return {
    index: toMap(indices, k),
    similarity: toMap(cosine, k),
    // Not the first of the k: where only the distance is wanted, the largest is found in a fraction
    // of the time.
    distance: toMap(ops.sqrt(gapTo(ops.reduceMax(closeness, [2], true))), 1),
    retrieved: toMap(retrieved, c),
  };
}

const oneImage = ({ provenance: { image } }: Bank): boolean => image.every((owner) => owner === image[0]);

function squaredNorms({ data, channels }: Rows): Float32Array {
  return Float32Array.from({ length: data.length / channels }, (_, row) => {
    let sum = 0;
    for (let at = row * channels; at < (row + 1) * channels; at++) sum += data[at]! * data[at]!;
    return sum;
  });
}
