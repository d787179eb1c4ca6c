import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Progress } from '../../../../src/protocol/engine.ts';
import { float32 } from '../../../../src/graph/tensor.ts';
import { decodeModel } from '../../../../src/graph/model.ts';
import { inHalfPrecision } from '../../../../src/graph/halfPrecision.ts';
import { openDetector } from '../../../../src/services/detect/openDetector.ts';
import { detect } from '../../../../src/services/detect/detect.ts';
import { Cancelled } from '../../../../src/services/ports/progress.ts';
import { choosePrecision, tryHalf } from '../../../../src/services/train/precision.ts';
import type { OpenSession, Session } from '../../../../src/services/ports/sessionPort.ts';
import { teachDetector } from '../../../../src/services/teach/teachDetector.ts';
import { trainDetector } from '../../../../src/services/train/trainDetector.ts';
import { trainOnFolder } from '../../../../src/services/train/trainOnFolder.ts';
import {
  drawCloth,
  drawNormals,
  instant,
  models,
  ports,
  request,
  scratch,
  stoppedAt,
  teacher,
  watch,
} from '../support.ts';

/** Takes `ms` of the clock and answers `values`; the first time longer. */
function fake(clock: { now: number }, ms: number, values: readonly number[], executionProvider = 'somewhere') {
  const told = { released: false };
  let first = 1000;
  const session: Session = {
    executionProvider,
    outputNames: ['map'],
    atOnce: 1,
    run: () => {
      clock.now += ms + first;
      first = 0;
      return Promise.resolve({ map: float32(values) });
    },
    release: () => Promise.resolve(void (told.released = true)),
  };
  return { session, told };
}

const cases: readonly [
  name: string,
  ms: number,
  half: readonly number[],
  speedUp: number,
  difference: number,
  chosen: string,
][] = [
  ['faster', 5, [1, 4.04], 2, 0.01, 'float16'],
  ['faster and wrong', 5, [1, 4.4], 2, 0.1, 'float32'],
  ['hardly faster', 9.5, [1, 4], 10 / 9.5, 0, 'float32'],
  ['slower', 20, [1, 4], 0.5, 0, 'float32'],
  ['not a number', 5, [NaN, 4], 2, NaN, 'float32'],
  ['too large for 16 bits', 5, [Infinity, 4], 2, Infinity, 'float32'],
];

for (const [name, ms, values, speedUp, difference, chosen] of cases)
  test(`16-bit floats, ${name}: what the trial says, and what auto takes`, async () => {
    const clock = { now: 0 };
    const [whole, half] = [fake(clock, 10, [1, 4]), fake(clock, ms, values)];
    const found = await tryHalf(
      { whole: whole.session, half: half.session },
      'image',
      { width: 64, height: 64 },
      { clock: () => clock.now },
    );
    assert.equal(found.speedUp, speedUp);
    assert.ok(Object.is(found.difference, difference) || Math.abs(found.difference - difference) < 1e-6);
    const sessions = [whole.session, half.session];
    const openSession: OpenSession = () => Promise.resolve(sessions.shift()!);
    const compute = { executionProvider: 'auto', threads: 1 };
    const given = { openSession, compute };
    assert.equal(await choosePrecision('auto', teacher, instant, given, { clock: () => clock.now }), chosen);
    assert.ok(whole.told.released && half.told.released);
  });

test('auto: 32 bits on the processor and where 16 bits fail, without a trial or after one that failed', async () => {
  const clock = { now: 0 };
  for (const provider of ['cpu', 'somewhere']) {
    const { session, told } = fake(clock, 10, [1, 4], provider);
    let opened = 0;
    const openSession: OpenSession = () =>
      opened++ === 0 ? Promise.resolve(session) : Promise.reject(new Error('no f16 here'));
    const given = { openSession, compute: { executionProvider: 'auto', threads: 1 } };
    assert.equal(await choosePrecision('auto', teacher, instant, given, { clock: () => clock.now }), 'float32');
    assert.equal(opened, provider === 'cpu' ? 1 : 2);
    assert.ok(told.released);
  }
});

test('stopped during the trial: said, and nothing stays open', async () => {
  const clock = { now: 0 };
  const [whole, half] = [fake(clock, 10, [1, 4]), fake(clock, 5, [1, 4])];
  const sessions = [whole.session, half.session];
  const openSession: OpenSession = () => Promise.resolve(sessions.shift()!);
  const given = { openSession, compute: { executionProvider: 'auto', threads: 1 } };
  const stopping = { ...stoppedAt('Trying 16-bit floats', 2), clock: () => clock.now };
  await assert.rejects(choosePrecision('auto', teacher, instant, given, stopping), Cancelled);
  assert.ok(whole.told.released && half.told.released);
});

test('a slow execution provider: one turn that counts is enough', async () => {
  const clock = { now: 0 };
  const [whole, half] = [fake(clock, 6000, [1, 4]), fake(clock, 5000, [1, 4])];
  const done: number[] = [];
  const slow = { clock: () => clock.now, onProgress: (progress: Progress) => void done.push(progress.done) };
  const found = await tryHalf({ whole: whole.session, half: half.session }, 'image', { width: 64, height: 64 }, slow);
  assert.equal(found.speedUp, 6000 / 5000);
  assert.deepEqual(done, [1, 2, 3]);
});

test('a wish is a wish: no session is opened', async () => {
  const openSession: OpenSession = () => Promise.reject(new Error('opened'));
  for (const wish of ['float32', 'float16'] as const)
    assert.equal(await choosePrecision(wish, teacher, instant, { ...ports, openSession }, watch), wish);
});

test('the shipped teacher in 16 bits: its convolutions are, and its maps within a fiftieth', async () => {
  const bytes = inHalfPrecision(teacher.model);
  const { graph } = decodeModel(bytes);
  assert.ok(graph!.node.every(({ opType, output }) => opType === 'Cast' || output[0]!.endsWith('/half')));
  const both = {
    whole: await ports.openSession(teacher.model, ports.compute),
    half: await ports.openSession(bytes, ports.compute),
  };
  const { difference } = await tryHalf(both, teacher.spec.input.name, { width: 64, height: 64 }, watch);
  await Promise.all([both.whole.release(), both.half.release()]);
  assert.ok(difference > 0 && difference < 0.02, `${difference}`);
});

test('a detector in 16 bits says so, differs from the other, finds the same, and can be taught', async () => {
  const folder = scratch();
  const images = await drawNormals(`${folder}/good`, 6);
  const blot = await drawCloth(`${folder}/blot.png`, 100, { x: 50, y: 30, radius: 12 });
  const whole = await trainDetector(request({ images, out: `${folder}/whole`, config: instant }), ports, watch);
  const config = { ...instant, precision: 'float16' } as const;
  const half = await trainDetector(request({ images, out: `${folder}/half`, config }), ports, watch);
  assert.equal(half.detector.record.config.precision, 'float16');
  assert.notEqual(half.detector.record.model.sha256, whole.detector.record.model.sha256);
  const scores: number[] = [];
  for (const { detector } of [whole, half]) {
    const loaded = await openDetector(detector, ports);
    scores.push((await detect(blot, loaded, ports)).score);
    await loaded.session.release();
  }
  assert.ok(Math.abs(scores[1]! / scores[0]! - 1) < 0.05, scores.join(' '));
  const taught = await teachDetector(
    {
      detector: half.detector,
      regions: [{ image: blot }],
      out: `${folder}/taught`,
      name: 'taught',
      teacher,
      createdAt: '2024-11-24T00:00:00.000Z',
    },
    ports,
    watch,
  );
  const { graph } = decodeModel(taught.detector.model);
  assert.ok(graph!.node.some(({ opType, output }) => opType === 'Conv' && output[0]!.endsWith('/half')));
});

test('training on a folder takes the wish; what it does without one stays as it was', async () => {
  const folder = scratch();
  await drawNormals(`${folder}/good`, 6);
  const teachers = { shipped: models, user: models };
  const train = (out: string, precision?: 'float16' | 'auto') =>
    trainOnFolder(
      { folder: `${folder}/good`, out: `${folder}/${out}`, size: 128, ...(precision && { precision }) },
      teachers,
      ports,
      watch,
    );
  const { detector: plain } = await train('plain');
  const { detector: half } = await train('half', 'float16');
  const { detector: auto } = await train('auto', 'auto');
  assert.deepEqual(
    [plain, half, auto].map(({ record }) => record.config.precision),
    [undefined, 'float16', undefined],
  );
});
