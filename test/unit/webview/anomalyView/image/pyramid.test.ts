import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pyramidSizes, tilesOf, visibleTiles } from '../../../../../src/webview/anomalyView/image/pyramid.ts';

const sizes = [
  [320, 320],
  [1000, 1000],
  [2048, 1024],
  [8660, 5774],
  [30000, 200],
] as const;
for (const [width, height] of sizes) {
  test(`${width} × ${height}: tiles cover every level once; each level is half of the last`, () => {
    const levels = pyramidSizes({ width, height });
    assert.deepEqual(levels[0], { width, height });
    for (const [index, size] of levels.entries()) {
      const tiles = tilesOf(size);
      assert.equal(
        tiles.reduce((sum, tile) => sum + tile.width * tile.height, 0),
        size.width * size.height,
      );
      for (const { left, top, width: w, height: h } of tiles) {
        assert.ok(left + w <= size.width && top + h <= size.height && w > 0 && h > 0);
      }
      assert.equal(new Set(tiles.map(({ left, top }) => `${left} ${top}`)).size, tiles.length);
      const before = levels[index - 1];
      if (before) assert.deepEqual(size, { width: Math.ceil(before.width / 2), height: Math.ceil(before.height / 2) });
    }
    assert.ok(levels.length === 1 || Math.max(levels.at(-1)!.width, levels.at(-1)!.height) <= 512);
  });
}

test('only the tiles in sight are drawn', () => {
  const tiles = tilesOf({ width: 8660, height: 5774 });
  assert.equal(tiles.length, 9 * 6);
  assert.equal(visibleTiles(tiles, { left: 1100, top: 1100, width: 800, height: 800 }).length, 1);
  assert.equal(visibleTiles(tiles, { left: 1000, top: 1000, width: 800, height: 800 }).length, 4);
  assert.equal(visibleTiles(tiles, { left: -500, top: 0, width: 400, height: 400 }).length, 0);
});
