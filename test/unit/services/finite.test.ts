import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { detect, openDetector, type LoadedDetector } from '../../../src/services/detect.ts';
import { evaluate } from '../../../src/services/evaluate.ts';
import { trainDetector } from '../../../src/services/trainDetector.ts';
import { drawCloth, drawMask, drawNormals, instant, ports, refused, request, scratch, watch } from './support.ts';

const folder = scratch();
const images = await drawNormals(`${folder}/set/test/good`, 6);
const blot = { x: 40, y: 40, radius: 9 };
await drawCloth(`${folder}/set/test/blot/0.png`, 90, blot);
await drawMask(`${folder}/set/ground_truth/blot/0_mask.png`, blot);
const other = await drawNormals(`${folder}/good`, 6, 20);
const { detector } = await trainDetector(
  request({ images: other, out: `${folder}/detector`, config: instant }),
  ports,
  watch,
);
const whole = await openDetector(detector, ports);

/** The detector, whose answers have `value` in one number of `output`. */
function broken(output: string, value: number, executionProvider = 'cpu'): LoadedDetector {
  const run = async (...given: Parameters<typeof whole.session.run>): Promise<Record<string, Tensor>> => {
    const found = await whole.session.run(...given);
    const data = (found[output]?.data as Float32Array | undefined)?.slice();
    if (!data) return found;
    data[data.length >> 1] = value;
    return { ...found, [output]: { ...found[output]!, data } };
  };
  return { ...whole, session: { ...whole.session, executionProvider, run } };
}

for (const value of [NaN, Infinity, -Infinity])
  for (const output of ['score', 'anomaly_map'])
    test(`${value} in ${output} is an error that names image and detector`, async () => {
      const image = images[0]!;
      const what = output === 'score' ? 'a score' : 'an anomaly map';
      await refused(
        detect(image, broken(output, value), ports),
        new RegExp(`test/good/000\\.png: the detector "cloth" gave ${what} that is no number\\. Train it again\\.`),
      );
    });

test('on another execution provider the remedy is the processor', () =>
  refused(detect(images[0]!, broken('score', NaN, 'cuda'), ports), /Set nferd\.executionProvider to "cpu"\./));

test('an evaluation lists such images as failed and measures none of them', async () => {
  await refused(
    evaluate(`${folder}/set`, broken('score', NaN), 1, ports, watch),
    /none of its 7 test images could be read/,
  );
  const found = await evaluate(`${folder}/set`, whole, 1, ports, watch);
  assert.deepEqual([found.scores.length, found.failures], [7, []]);
});
