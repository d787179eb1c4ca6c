import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit, frame, panBy, reveal, zoomAt } from '../../../../../src/webview/anomalyView/image/viewport.ts';

const image = { width: 1000, height: 500 };
const pane = { width: 424, height: 424 };
const whole = fit(image, pane);

test('the whole image lies in the middle', () => {
  assert.deepEqual(whole, { scale: 0.4, x: 12, y: 112 });
});

test('a tiny image is enlarged 8 times at most', () => assert.equal(fit({ width: 4, height: 4 }, pane).scale, 8));

test('zooming keeps what lies under the pointer', () => {
  const view = zoomAt(whole, 5, 200, 200, image, pane);
  const before = [(200 - whole.x) / whole.scale, (200 - whole.y) / whole.scale];
  const after = [(200 - view.x) / view.scale, (200 - view.y) / view.scale];
  assert.ok(before.every((value, i) => Math.abs(value - after[i]!) < 1e-9));
});

test('zooming ends at 64 pixels a pixel and at the whole image', () => {
  assert.equal(zoomAt(whole, 1e9, 0, 0, image, pane).scale, 64);
  assert.deepEqual(zoomAt(whole, 1e-9, 0, 0, image, pane), whole);
});

test('the image cannot be pushed out of sight', () => {
  const view = zoomAt(whole, 5, 212, 212, image, pane);
  const far = panBy(view, 1e6, -1e6, image, pane);
  assert.equal(far.x, 12);
  assert.equal(far.y, pane.height - image.height * far.scale - 12);
});

test('a part is shown in the middle, a third of the pane; nothing is smaller than the whole image', () => {
  const view = frame({ left: 600, top: 200, width: 100, height: 40 }, image, pane);
  assert.ok(Math.abs(view.scale - 424 / 300) < 1e-9);
  assert.ok(Math.abs(view.x + 650 * view.scale - 212) < 1e-9 && Math.abs(view.y + 220 * view.scale - 212) < 1e-9);
  assert.deepEqual(frame({ left: 0, top: 0, width: 1000, height: 500 }, image, pane), whole);
  assert.equal(frame({ left: 500, top: 250, width: 0, height: 0 }, image, pane).scale, 8);
  const corner = frame({ left: 0, top: 0, width: 20, height: 20 }, image, pane);
  assert.deepEqual([corner.x, corner.y], [12, 12]);
});

test('a place out of sight is brought in, one in sight moves nothing', () => {
  const view = zoomAt(whole, 10, 212, 212, image, pane);
  const moved = reveal(view, 990, 490, image, pane);
  const [x, y] = [moved.x + 990 * moved.scale, moved.y + 490 * moved.scale];
  assert.ok(x > 0 && x <= pane.width && y > 0 && y <= pane.height);
  assert.equal(reveal(moved, 950, 450, image, pane), moved);
});
