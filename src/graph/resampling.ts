import type { ResizeMode } from './ops.ts';
import { zeros, type Tensor } from './tensor.ts';

/**
 * The matrix [to, from] by which Resize (half_pixel) maps a line of `from` samples to `to`: sample
 * i is read at (i + ½)·from/to − ½, clamped; `linear` mixes its two neighbours, `nearest` takes the
 * closer one, the lower of equals.
 */
export function resampling(from: number, to: number, mode: ResizeMode): Tensor {
  const matrix = zeros([to, from]);
  const data = matrix.data as Float32Array;
  for (let row = 0; row < to; row++) {
    const place = Math.min(Math.max(((row + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = mode === 'nearest' ? Math.ceil(place - 0.5) : Math.floor(place);
    const share = mode === 'nearest' ? 0 : place - low;
    data[row * from + low]! += 1 - share;
    if (share > 0) data[row * from + low + 1]! += share;
  }
  return matrix;
}
