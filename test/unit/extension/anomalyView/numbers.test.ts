import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressText } from '../../../../src/extension/features/train/progressText.ts';
import { numbersText } from '../../../../src/extension/features/anomalyView/numbers.ts';
import type { Detection } from '../../../../src/protocol/engine.ts';
import type { EffectiveThresholds } from '../../../../src/verdict/thresholds.ts';

const t = (text: string, ...values: (string | number)[]) =>
  text.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)]));

test('the numbers are JSON, a line for each row', () => {
  const map = { width: 3, height: 2, data: Float32Array.of(0.1, 0.25, -1e-9, 4, 5, 6) };
  const detection = {
    image: '/a "b".png',
    score: 1.5,
    anomalyGrid: { width: 1, height: 1, data: Float32Array.of(7) },
    stages: [{ name: 's', stride: 4, anomalyMap: map }],
    detector: { input: { width: 2, height: 2 } },
    elapsedMs: 3,
  } as unknown as Detection;
  const text = numbersText(detection, { promised: true } as EffectiveThresholds);
  const { anomalyMap, stages } = JSON.parse(text);
  // The whole map, as the detector enlarges its grid.
  assert.deepEqual(anomalyMap.rows, [
    [7, 7],
    [7, 7],
  ]);
  assert.deepEqual(stages[0].anomalyMap.rows, [
    [0.1, 0.25, -1e-9],
    [4, 5, 6],
  ]);
  assert.match(text, /^ {6}\[7, 7\]$/m);
  assert.match(text, /^ {10}\[4, 5, 6\]$/m);
});

const lines: [Parameters<typeof progressText>[0], string][] = [
  [{ phase: 'Reading', done: 3, total: 40 }, 'Reading: 3 / 40'],
  [{ phase: 'Writing', done: 0, total: 0 }, 'Writing'],
  [
    { phase: 'Training', done: 120, total: 400, rate: 3.21, remainingMs: 87_600, loss: 0.0412 },
    'Training: 120 / 400, 3.2 a second, 1 min 28 s left, loss 0.0412',
  ],
  [{ phase: 'Training', done: 1, total: 2, remainingMs: 7_800_000 }, 'Training: 1 / 2, 2 h 10 min left'],
];
for (const [progress, expected] of lines) {
  test(`progress reads "${expected}"`, () => assert.equal(progressText(progress, t), expected));
}
