import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcError } from '../../../../src/protocol/rpc.ts';
import { probing, type ProbePorts } from '../../../../src/webview/anomalyView/probing.ts';
import { shownOf, type Model, type Place } from '../../../../src/webview/anomalyView/shown.ts';
import { noRules } from '../../../../src/verdict/rules.ts';
import { Screen } from '../../../../src/webview/ui/screen.ts';

// A page without translations.
Object.assign(globalThis, { document: { getElementById: () => null }, cancelAnimationFrame: () => undefined });

const anomalyGrid = { width: 4, height: 4, data: Float32Array.from({ length: 16 }, (_, i) => (i === 6 ? 9 : 1)) };
const detection = {
  original: { width: 40, height: 40 },
  anomalyGrid,
  score: 9,
  stages: [],
  detector: { input: { width: 4, height: 4 } },
};
const phase = { kind: 'done' };
const settings = { layout: 'overlay', range: 'threshold' };
const thresholds = { image: { value: 1 }, pixel: { value: 2 } };
const model = {
  state: { phase, settings, detection, thresholds, rules: noRules },
  draft: {},
  mapShown: true,
} as unknown as Model;

function given(neighbours: ProbePorts['host']['neighbours']) {
  const screen = new Screen(model, shownOf, () => undefined);
  const [revealed, said]: [Place[], string[]] = [[], []];
  const say = (text: string) => void said.push(text);
  const probe = probing({ screen, host: { neighbours }, reveal: (place) => void revealed.push(place), say });
  return { screen, revealed, said, probe };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('the hottest spot is gone to, said, and asked about', async () => {
  const { screen, revealed, said, probe } = given(async () => [{ stage: 'a', neighbours: [] }]);
  probe.hottest();
  assert.deepEqual([screen.state.probe, revealed], [{ x: 0.625, y: 0.375 }, [{ x: 0.625, y: 0.375 }]]);
  assert.match(said[0]!, /25, 15.*above the pixel threshold 2/);
  await settled();
  assert.equal(screen.state.neighbours?.length, 1);
});

test('a place outside the region of interest is said to be; nothing is like it', async () => {
  const roi = { width: 2, height: 1, runs: [0, 1, 1] };
  const within = { ...detection, detector: { ...detection.detector, roi } };
  const asked: Place[] = [];
  const { screen, said, probe } = given(async (place) => [{ stage: `${asked.push(place)}`, neighbours: [] }]);
  screen.change({ state: { ...screen.state.state, detection: within as never } });
  probe.hottest();
  assert.deepEqual(screen.state.probe, { x: 0.125, y: 0.125 });
  await settled();
  assert.equal(screen.state.neighbours?.length, 1);
  probe.probe({ x: 0.625, y: 0.375 });
  probe.again();
  await settled();
  assert.deepEqual([screen.state.neighbours, asked.length], [[], 1]);
  assert.match(said[0]!, /5, 5: 1\.00, not above/);
  assert.equal(said[1], 'At 25, 15: outside the region of interest');
});

test('arrow keys start at the hottest spot', () => {
  const { screen, probe } = given(async () => []);
  probe.move(1, 0);
  probe.move(0, -8);
  assert.deepEqual(screen.state.probe, { x: 0.875, y: 0.125 });
});

test('an answer for a place that was left is dropped; a failure is shown, unless it was given up', async () => {
  let answer: (found: never[]) => void = () => undefined;
  const { screen, probe } = given(() => new Promise((resolve) => (answer = resolve)));
  probe.probe({ x: 0, y: 0 });
  screen.change({ probe: { x: 1, y: 1 } });
  answer([]);
  await settled();
  assert.equal(screen.state.neighbours, undefined);

  const failing = given(() => Promise.reject(new RpcError('error', 'no bank')));
  failing.probe.probe({ x: 0, y: 0 });
  await settled();
  assert.equal(failing.screen.state.neighboursFailure, 'no bank');

  const cancelled = given(() => Promise.reject(new RpcError('cancelled', 'stopped')));
  cancelled.probe.probe({ x: 0, y: 0 });
  await settled();
  assert.equal(cancelled.screen.state.neighboursFailure, undefined);
});
