import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../../../src/dataset/rng.ts';
import { umap } from '../../../../src/runtime/umap.ts';
import type { Plane } from '../../../../src/services/ports/layOut.ts';
import { principalPlane, project } from '../../../../src/services/inspect/projection.ts';

const rng = createRng(5);
/** Points around one of two far centres, by turns. */
const twoHeaps = (count: number): Float32Array[] =>
  Array.from({ length: count }, (_, i) => Float32Array.from({ length: 12 }, () => (i % 2) * 20 + rng.normal()));

const finite = ({ x, y }: Plane): boolean => [...x, ...y].every(Number.isFinite);
const unused = () => assert.fail('too few for a layout');

for (const count of [0, 1, 2, 3, 14])
  test(`${count} points lie in their principal plane`, async () => {
    const plane = await project(twoHeaps(count), unused);
    assert.equal(plane.x.length, count);
    assert.ok(finite(plane));
    if (count === 14) assert.ok(plane.x[0]! * plane.x[1]! < 0, 'the heaps lie on two sides');
  });

test('points that are all the same lie at 0', () => {
  const { x, y } = principalPlane(Array.from({ length: 5 }, () => Float32Array.of(1, 2, 3)));
  assert.deepEqual([...x, ...y], Array<number>(10).fill(0));
});

test('heaps stay apart, and the same points come to the same places', async () => {
  const points = twoHeaps(60);
  const plane = await project(points, umap);
  assert.deepEqual(await project(points, umap), plane);
  assert.ok(finite(plane));
  const distance = (a: number, b: number) => Math.hypot(plane.x[a]! - plane.x[b]!, plane.y[a]! - plane.y[b]!);
  for (let i = 2; i < 60; i++) {
    const near = Math.min(...points.map((_, j) => (j !== i && j % 2 === i % 2 ? distance(i, j) : Infinity)));
    const far = Math.min(...points.map((_, j) => (j % 2 === i % 2 ? Infinity : distance(i, j))));
    assert.ok(near < far, `${i}: ${near} ${far}`);
  }
});

test('of many points the rest go beside the ones laid out', async () => {
  const points = twoHeaps(3200);
  let laid = 0;
  const plane = await project(points, (some) => {
    laid = some.length;
    return Promise.resolve({ x: Float32Array.from(some, ([v]) => v!), y: Float32Array.from(some, ([, v]) => v!) });
  });
  assert.equal(laid, 3000);
  points.forEach((_, i) => assert.equal(plane.x[i]! > 10, i % 2 === 1, `${i}: ${plane.x[i]}`));
});
