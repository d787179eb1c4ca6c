import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contour } from '../../../../../src/webview/anomalyView/layers/contour.ts';

const map = (rows: number[][]) => ({
  width: rows[0]!.length,
  height: rows.length,
  data: Float32Array.from(rows.flat()),
});

/** Pieces that touch, walked as closed lines or from border to border. */
function lines(segments: readonly number[]): number {
  const ends = new Map<string, number>();
  for (let i = 0; i < segments.length; i += 2) {
    const key = `${segments[i]!.toFixed(6)} ${segments[i + 1]!.toFixed(6)}`;
    ends.set(key, (ends.get(key) ?? 0) + 1);
  }
  return [...ends.values()].filter((count) => count % 2).length;
}

test('a lone peak is surrounded halfway to its neighbours', () => {
  const segments = contour(
    map([
      [0, 0, 0],
      [0, 2, 0],
      [0, 0, 0],
    ]),
    1,
  );
  assert.equal(segments.length, 4 * 4);
  assert.equal(lines(segments), 0);
  const xs = segments.filter((_, i) => i % 2 === 0);
  assert.ok(Math.abs(Math.min(...xs) - 1 / 3) < 1e-6 && Math.abs(Math.max(...xs) - 2 / 3) < 1e-6);
});

test('the level moves the line by linear interpolation', () => {
  const segments = contour(map([[0, 4]]), 1);
  const xs = segments.filter((_, i) => i % 2 === 0);
  for (const x of xs) assert.ok(Math.abs(x - (0.5 + 0.25) / 2) < 1e-6);
});

test('nothing above or nothing below has no line', () => {
  assert.deepEqual(
    contour(
      map([
        [1, 1],
        [1, 1],
      ]),
      2,
    ),
    [],
  );
  assert.deepEqual(
    contour(
      map([
        [1, 1],
        [1, 1],
      ]),
      0,
    ),
    [],
  );
});

test('at a saddle the parts above are joined where the centre is above, and parted where it is below', () => {
  const saddle = map([
    [2, 0],
    [0, 2],
  ]);
  // The first piece inside the square cuts off a corner below (joined) or one above (parted).
  const corners = (level: number) => {
    const inner = contour(saddle, level).reduce<number[][]>(
      (all, _, i, s) => (i % 4 ? all : [...all, s.slice(i, i + 4)]),
      [],
    );
    return inner
      .filter((piece) => piece.every((value) => value > 0.24 && value < 0.76))
      .map(([x0, y0, x1, y1]) => Math.sign((x1! - x0!) * (y1! - y0!)));
  };
  assert.deepEqual(corners(0.9), [1, 1]);
  assert.deepEqual(corners(1.1), [-1, -1]);
});
