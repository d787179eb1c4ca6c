import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeModel } from '../../../src/graph/model.ts';
import { float32 } from '../../../src/graph/tensor.ts';
import { detect, openDetector } from '../../../src/services/detect.ts';
import { halfDetector, tryHalf } from '../../../src/services/halfForm.ts';
import type { Session } from '../../../src/services/sessionPort.ts';
import { trainDetector } from '../../../src/services/trainDetector.ts';
import { drawCloth, drawNormals, instant, ports, request, scratch, watch } from './support.ts';

/** Takes `ms` of the clock and answers `values`. */
function fake(clock: { now: number }, ms: number, values: readonly number[]): Session {
  return {
    executionProvider: 'somewhere',
    outputNames: ['map'],
    atOnce: 1,
    run: () => {
      clock.now += ms;
      return Promise.resolve({ map: float32(values) });
    },
    release: () => Promise.resolve(),
  };
}

const form = { make: () => new Uint8Array(), feeds: () => ({}), output: 'map' };
const cases: readonly [
  name: string,
  halfMs: number,
  half: readonly number[],
  wanted: { float16: boolean; speedUp: number; difference: number },
][] = [
  ['faster and as good', 5, [1, 4.04], { float16: true, speedUp: 2, difference: 0.01 }],
  ['faster and wrong', 5, [1, 4.4], { float16: false, speedUp: 2, difference: 0.1 }],
  ['hardly faster', 9.5, [1, 4], { float16: false, speedUp: 10 / 9.5, difference: 0 }],
  ['slower', 20, [1, 4], { float16: false, speedUp: 0.5, difference: 0 }],
  ['not a number', 5, [NaN, 4], { float16: false, speedUp: 2, difference: NaN }],
  ['too large for 16 bits', 5, [Infinity, 4], { float16: false, speedUp: 2, difference: Infinity }],
];

for (const [name, ms, half, wanted] of cases)
  test(`16-bit form: ${name}`, async () => {
    const clock = { now: 0 };
    const found = await tryHalf(fake(clock, 10, [1, 4]), fake(clock, ms, half), form, () => clock.now);
    assert.equal(found.float16, wanted.float16);
    assert.equal(found.speedUp, wanted.speedUp);
    assert.ok(Object.is(found.difference, wanted.difference) || Math.abs(found.difference - wanted.difference) < 1e-6);
  });

test("a detector's: the teacher alone in 16 bits, the map within a fiftieth, tried on what it takes", async () => {
  const folder = scratch();
  const images = await drawNormals(`${folder}/good`, 6);
  const { detector } = await trainDetector(request({ images, out: `${folder}/d`, config: instant }), ports, watch);
  const half = halfDetector(detector.model, instant.inputSize);
  const bytes = half.make();
  const { graph } = decodeModel(bytes);
  const halves = graph!.node.filter(({ output }) => output[0]!.endsWith('/half'));
  assert.ok(halves.some(({ opType }) => opType === 'Conv'));
  assert.ok(halves.every(({ opType }) => ['Conv', 'Clip', 'Add', 'Cast'].includes(opType)));
  assert.ok(graph!.node.every(({ opType, output }) => opType !== 'MatMul' || !output[0]!.endsWith('/half')));

  const whole = await openDetector(detector, ports);
  const other = { detector, session: await ports.openSession(bytes, ports.compute) };
  const blot = await drawCloth(`${folder}/blot.png`, 100, { x: 50, y: 30, radius: 12 });
  const [a, b] = [await detect(blot, whole, ports), await detect(blot, other, ports)];
  const most = Math.max(...a.anomalyMap.data);
  const difference = Math.max(...a.anomalyMap.data.map((value, at) => Math.abs(value - b.anomalyMap.data[at]!)));
  assert.ok(difference > 0 && difference < 0.02 * most, `${difference} of ${most}`);
  const trial = await tryHalf(whole.session, other.session, half, () => performance.now());
  assert.ok(trial.difference > 0 && trial.difference < 0.02, `${trial.difference}`);
  await Promise.all([whole.session.release(), other.session.release()]);
});
