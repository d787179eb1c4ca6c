import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationText, progressLine, progressText } from '../../../src/cli/progressLine.ts';

test('a report as text', () => {
  const step = { phase: 'Training', done: 120, total: 600, rate: 3.42, remainingMs: 140_351, loss: 0.123456 };
  assert.equal(progressText(step), 'Training 120/600, 3.4/s, 2 min 21 s left, loss 0.1235');
  assert.equal(progressText({ phase: 'Reading', done: 0, total: 9 }), 'Reading 0/9');
  assert.equal(
    progressText({ phase: 'Downloading (MiB)', done: 3, total: Infinity, rate: 2 }),
    'Downloading (MiB) 3, 2.0/s',
  );
  assert.deepEqual([1, 61_000, 3_780_000].map(durationText), ['1 s', '1 min 1 s', '1 h 3 min']);
});

/** Reports `done` of 100 at each time; what was written. */
function written(isTTY: boolean, times: readonly (readonly [ms: number, done: number])[]): string[] {
  let now = 0;
  const texts: string[] = [];
  const line = progressLine({ isTTY, columns: 20, write: (text: string) => texts.push(text) }, () => now);
  for (const [ms, done] of times) {
    now = ms;
    line.show({ phase: 'Training', done, total: 100 });
  }
  return texts;
}

test('a terminal has one line that is written over, at most ten times a second, and keeps its end', () => {
  const clear = '\r\u001b[K';
  assert.deepEqual(
    written(true, [
      [0, 1],
      [50, 2],
      [120, 3],
      [130, 100],
    ]),
    [`${clear}Training 1/100`, `${clear}Training 3/100`, `${clear}Training 100/100\n`],
  );
});

test('elsewhere a line every five seconds, and the end', () => {
  assert.deepEqual(
    written(false, [
      [0, 1],
      [4000, 2],
      [6000, 3],
      [7000, 4],
      [8000, 100],
    ]),
    ['Training 3/100\n', 'Training 100/100\n'],
  );
});

test('a line under way is removed before something else is written', () => {
  const texts: string[] = [];
  const line = progressLine({ isTTY: true, write: (text: string) => texts.push(text) }, () => 0);
  line.clear();
  line.show({ phase: 'Training', done: 1, total: 2 });
  line.clear();
  assert.deepEqual(texts, ['\r\u001b[KTraining 1/2', '\r\u001b[K']);
});
