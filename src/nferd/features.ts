import * as ops from '../graph/ops.ts';
import type { Value } from '../graph/graph.ts';
import { float32 } from '../graph/tensor.ts';

/**
 * Mean and standard deviation of each channel of one stage over all positions of the normal images.
 */
export interface ChannelStatistics {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** Gathers ChannelStatistics image by image. Sums are kept in double precision. */
export class StatisticsSum {
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  #count = 0;

  constructor(channels: number) {
    this.#sum = new Float64Array(channels);
    this.#squares = new Float64Array(channels);
  }

  /**
   * @param map [channels, positions]
   * @param looked [positions], above 0 where a position counts; absent: everywhere
   */
  add(map: Float32Array, looked?: Float32Array): void {
    const channels = this.#sum.length;
    const positions = map.length / channels;
    for (let c = 0, at = 0; c < channels; c++) {
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < positions; i++, at++) {
        if (looked?.[i] === 0) continue;
        const value = map[at]!;
        sum += value;
        squares += value * value;
      }
      this.#sum[c]! += sum;
      this.#squares[c]! += squares;
    }
    this.#count += looked ? looked.filter((counts) => counts > 0).length : positions;
  }

  result(): ChannelStatistics {
    const mean = Float32Array.from(this.#sum, (sum) => sum / this.#count);
    const deviation = Float32Array.from(this.#squares, (squares, c) => {
      const variance = squares / this.#count - (this.#sum[c]! / this.#count) ** 2;
      return Math.sqrt(Math.max(variance, 1e-6));
    });
    return { mean, deviation };
  }
}

/**
 * (x − mean) / deviation per channel, x [N, C, H, W]: every channel counts alike in a distance, and
 * 1 is its usual size.
 */
export function standardise(x: Value, { mean, deviation }: ChannelStatistics): Value {
  const dims = [1, mean.length, 1, 1];
  const scale = x.graph.constant(
    float32(
      deviation.map((value) => 1 / value),
      dims,
    ),
  );
  const shift = x.graph.constant(
    float32(
      mean.map((value, c) => -value / deviation[c]!),
      dims,
    ),
  );
  return ops.add(ops.mul(x, scale), shift);
}

/** Mean over cells of `cell`×`cell` positions: [N, C, H, W] → [N, C, H/cell, W/cell]. */
export const averageCells = (x: Value, cell: number): Value => (cell === 1 ? x : ops.averagePool(x, cell));
