import { setImmediate as breath } from 'node:timers/promises';
import { UMAP } from 'umap-js';
import type { LayOut } from '../services/ports/layOut.ts';

const neighbours = 15;
const epochs = 300;
/** Work between two chances for others. */
const sliceMs = 30;

/** UMAP (McInnes et al. 2018). */
export const umap: LayOut = async (points, random) => {
  const model = new UMAP({ nNeighbors: Math.min(neighbours, points.length - 1), nEpochs: epochs, random });
  const rounds = model.initializeFit(points.map((point) => [...point]));
  let since = performance.now();
  for (let round = 0; round < rounds; round++) {
    model.step();
    if (performance.now() - since > sliceMs) {
      await breath();
      since = performance.now();
    }
  }
  const places = model.getEmbedding();
  return { x: Float32Array.from(places, ([x]) => x!), y: Float32Array.from(places, ([, y]) => y!) };
};
