import { createRng } from '../dataset/rng.ts';
import { inHalfPrecision } from '../graph/halfPrecision.ts';
import { float32, type Tensor } from '../graph/tensor.ts';
import type { Clock } from './progress.ts';
import type { Session } from './sessionPort.ts';

/** A model with parts of it in 16-bit floats, and what it is tried with beside the model itself. */
export interface HalfForm {
  readonly make: () => Uint8Array;
  readonly feeds: () => Readonly<Record<string, Tensor>>;
  /** The output that must agree. */
  readonly output: string;
}

/** How the 16-bit form did. */
export interface HalfTrial {
  /** Whether it is to be used: faster by `worthwhile`, and its output within `tolerance`. */
  readonly float16: boolean;
  /** Time of the model itself / that of its 16-bit form, medians. */
  readonly speedUp: number;
  /** Largest difference of the output, as a share of its largest value. */
  readonly difference: number;
}

const worthwhile = 1.1;
const tolerance = 0.02;
/** Turns before the clock counts, which plan memory and choose algorithms, and turns that count. */
const [warming, turns] = [2, 5];
const imagesAtOnce = 4;

/** A detector's: its teacher in 16-bit floats, tried on noise. The banks' distances stay in 32 bits, where small differences count. */
export const halfDetector = (model: Uint8Array, inputSize: number): HalfForm => ({
  make: () => inHalfPrecision(model, (name) => name.startsWith('teacher/')),
  feeds() {
    const rng = createRng(1);
    const pixels = imagesAtOnce * 3 * inputSize * inputSize;
    const noise = Float32Array.from({ length: pixels }, () => Math.floor(256 * rng.uniform()));
    return { image: float32(noise, [imagesAtOnce, 3, inputSize, inputSize]) };
  },
  output: 'anomaly_map',
});

/** Runs both in turns. What the 16-bit form fails at is thrown. */
export async function tryHalf(
  whole: Session,
  half: Session,
  { feeds, output }: HalfForm,
  clock: Clock,
): Promise<HalfTrial> {
  const given = feeds();
  const ms = { whole: [] as number[], half: [] as number[] };
  let difference = 0;
  const run = async (session: Session, times: number[], turn: number): Promise<Float32Array> => {
    const start = clock();
    const found = await session.run(given, [output]);
    if (turn >= 0) times.push(clock() - start);
    return found[output]!.data as Float32Array;
  };
  for (let turn = -warming; turn < turns; turn++) {
    const wanted = await run(whole, ms.whole, turn);
    difference = largestDifference(wanted, await run(half, ms.half, turn));
  }
  const speedUp = median(ms.whole) / median(ms.half);
  return { float16: speedUp >= worthwhile && difference <= tolerance, speedUp, difference };
}

/** As a share of the largest value of `wanted`; NaN where either has one, which is within no tolerance. */
function largestDifference(wanted: Float32Array, found: Float32Array): number {
  let [most, scale] = [0, 0];
  wanted.forEach((value, at) => {
    most = Math.max(most, Math.abs(value - found[at]!));
    scale = Math.max(scale, Math.abs(value));
  });
  return most / scale;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
