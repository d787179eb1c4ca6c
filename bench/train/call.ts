import { setTimeout as pause } from 'node:timers/promises';
import { Graph } from '../../src/graph/graph.ts';
import { encodeModel } from '../../src/graph/model.ts';
import * as ops from '../../src/graph/ops.ts';
import { openSession } from '../../src/runtime/onnx/session.ts';
import { stateNames } from '../../src/nferd/trainStep.ts';
import { median } from '../report.ts';
import { stepFeeds } from './step.ts';

/**
 * Milliseconds of a call that only takes what a step takes and returns its state, each number
 * written once: what several steps in one call would save, at the most, for all but one of them.
 */
export async function callMs(threads: number, rounds: number): Promise<number> {
  const feeds = stepFeeds();
  const graph = new Graph('call');
  for (const [name, { dtype, dims }] of Object.entries(feeds)) {
    const value = graph.input(name, dtype, dims);
    if ((stateNames as readonly string[]).includes(name)) graph.output(`${name}'`, ops.neg(value));
  }
  const session = await openSession(encodeModel(graph), { executionProvider: 'cpu', threads });
  const ms: number[] = [];
  for (let round = -2; round < rounds; round++) {
    await pause(5);
    const start = performance.now();
    await session.run(feeds);
    if (round >= 0) ms.push(performance.now() - start);
  }
  await session.release();
  return median(ms);
}
