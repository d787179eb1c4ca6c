import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { fusions } from '../../../src/nferd/config.ts';
import { hafm, hafmShapes } from '../../../src/nferd/hafm.ts';
import { initialWeights } from '../../../src/nferd/student.ts';
import { createRng } from '../../../src/dataset/rng.ts';
import { close, evaluate, fixture, floats, wave } from './support.ts';

const oracle = fixture('hafm') as Record<string, Record<string, number[]>>;

const dims = [2, 6, 5, 8];
const channels = dims[1]!;
const maps = { s: wave(dims, 1), n: wave(dims, 2) };
/** The oracle's phase of each weight. */
const phases: Record<string, number> = {
  'h.mix.w': 3,
  'h.mix.b': 4,
  'h.out.w': 5,
  'h.out.b': 6,
  'h.squeeze.w': 7,
  'h.excite.w': 8,
  'h.spatial.w': 9,
  'h.spatial.b': 10,
};

const fuse = (fusion: (typeof fusions)[number], weights: Readonly<Record<string, Tensor>>) =>
  evaluate({ ...maps, ...weights }, ({ s, n, ...parameters }) => ({ ...hafm(s!, n!, parameters, 'h', fusion) }));

for (const fusion of fusions) {
  const shapes = hafmShapes('h', channels, fusion);

  if (fusion !== 'none')
    test(`hafm ${fusion}: as PyTorch`, async () => {
      const weights = Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => [name, wave(shape as number[], phases[name]!, 0.5)]),
      );
      const found = await fuse(fusion, weights);
      assert.deepEqual(Object.keys(found).sort(), Object.keys(oracle[fusion]!).sort());
      for (const [name, expected] of Object.entries(oracle[fusion]!)) close(found[name], expected, 2e-5, name);
    });

  test(`hafm ${fusion}: before the first step the student's own map, attention within 0 … 1`, async () => {
    const rng = createRng(3);
    const found = await fuse(
      fusion,
      initialWeights(shapes, () => 3 * rng.normal()),
    );
    close(found['map'], floats(maps.s), 0, 'map');
    const attentions = { spatial: [dims[0]!, 1, dims[2]!, dims[3]!], channel: [dims[0]!, channels] };
    for (const [name, shape] of Object.entries(attentions)) {
      assert.equal(name in found, fusion === name || fusion === 'full', name);
      if (!found[name]) continue;
      assert.deepEqual(found[name].dims, shape);
      assert.ok(
        floats(found[name]).every((value) => value >= 0 && value <= 1),
        name,
      );
    }
  });
}
