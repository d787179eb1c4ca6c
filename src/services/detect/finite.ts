import type { LoadedDetector } from './openDetector.ts';
import type { Tensor } from '../../graph/tensor.ts';

/** What verdicts, maps and metrics are made of. */
const judged = ['score', 'peak', 'anomaly_map', 'anomaly_grid'];

/**
 * Why a detector's answer to an image can't be used: a number in it is not finite (a damaged model,
 * a division by zero, an overflow of 16-bit floats). Such a score lies above no threshold, so it
 * would pass as normal. Checked wherever an answer leaves the session.
 * @param outputs that are looked at, where they are among those found
 * @returns one line for the user; undefined where all numbers are finite
 */
export function notFinite(
  image: string,
  found: Readonly<Record<string, Pick<Tensor, 'data'>>>,
  { detector, session }: LoadedDetector,
  outputs: readonly string[] = judged,
): string | undefined {
  const name = outputs.find((output) => found[output] && !allFinite(found[output].data as Float32Array));
  if (!name) return undefined;
  const what = name === 'score' ? 'a score' : 'an anomaly map';
  const remedy = session.executionProvider === 'cpu' ? 'Train it again.' : 'Set nferd.executionProvider to "cpu".';
  return `${image}: the detector "${detector.record.name}" gave ${what} that is no number. ${remedy}`;
}

/** 0 · v is 0 but for infinities and what is no number. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += 0 * values[at]!;
  return sum === 0;
}
