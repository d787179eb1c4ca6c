import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Screen } from '../../../../src/webview/ui/screen.ts';

let frames: (() => void)[] = [];
Object.assign(globalThis, {
  requestAnimationFrame: (run: () => void) => frames.push(run),
  cancelAnimationFrame: (frame: number) => (frames = frames.filter((_, i) => i !== frame - 1)),
});

function counted() {
  const painted: number[] = [];
  const screen = new Screen(
    { count: 1, other: 0 },
    ({ count }) => 10 * count,
    (shown) => painted.push(shown),
  );
  return { screen, painted };
}

test('nothing is painted before it is asked for; a change is painted at once', () => {
  const { screen, painted } = counted();
  assert.deepEqual([painted, screen.shown], [[], 10]);
  screen.change({ count: 2 });
  assert.deepEqual([painted, screen.shown, screen.state], [[20], 20, { count: 2, other: 0 }]);
});

test('changes that may wait are painted once a frame, with what came last', () => {
  const { screen, painted } = counted();
  screen.changeSoon({ count: 2 });
  screen.changeSoon({ count: 3 });
  assert.deepEqual([painted, screen.state.count, screen.shown, frames.length], [[], 3, 10, 1]);
  frames.pop()!();
  assert.deepEqual([painted, screen.shown], [[30], 30]);
  screen.changeSoon({ count: 4 });
  screen.change({ other: 1 });
  assert.deepEqual([painted, frames.length], [[30, 40], 0], 'the frame is not needed any more');
});
