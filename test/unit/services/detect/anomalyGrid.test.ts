import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../../src/dataset/rng.ts';
import { enlarge } from '../../../../src/maps/enlarge.ts';
import { shrinkGrid } from '../../../../src/maps/shrink.ts';
import { gridOfMap } from '../../../../src/services/detect/anomalyGrid.ts';
import { batchTuner } from '../../../../src/services/inspect/batchSize.ts';

test('the grid is found again in the map that was made of it', () => {
  const rng = createRng(3);
  const grid = Float32Array.from({ length: 16 * 16 }, () => 2 * rng.normal());
  const found = gridOfMap(enlarge({ width: 16, height: 16, data: grid }, 64).data, { inputSize: 64 }).data;
  assert.equal(found.length, grid.length);
  found.forEach((value, at) => assert.ok(Math.abs(value - grid[at]!) < 1e-5, `${at}: ${value} ${grid[at]}`));
});

test('a grid of another size is shrunk to the largest values: no defect vanishes', () => {
  const square = (...values: number[]) => ({ width: 2, height: 2, data: Float32Array.from(values) });
  assert.deepEqual([...shrinkGrid(square(1, 3, 5, 7), 1)], [7]);
  const same = square(1, 2, 3, 4);
  assert.equal(shrinkGrid(same, 2), same.data);
  assert.deepEqual([...shrinkGrid(same, 4)].slice(0, 4), [1, 1, 2, 2]);
  const wide = { width: 4, height: 2, data: Float32Array.of(1, 3, 5, 7, 1, 1, 1, 1) };
  assert.deepEqual([...shrinkGrid(wide, 2)], [3, 7, 1, 1]);
});

test('the batch grows while it pays', () => {
  const settle = (msPerImage: (size: number) => number): number => {
    const tuner = batchTuner(8);
    for (let i = 0; i < 20; i++) tuner.ran(tuner.size, tuner.size * msPerImage(tuner.size));
    return tuner.size;
  };
  assert.equal(
    settle(() => 20),
    1,
  );
  assert.equal(
    settle((size) => 20 / size),
    8,
  );
  assert.equal(
    settle((size) => (size === 2 ? 10 : 20)),
    2,
  );
});
