import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../../../src/graph/graph.ts';
import { keepOutputs } from '../../../src/graph/keepOutputs.ts';
import { decodeModel, encodeModel, metadataOf } from '../../../src/graph/model.ts';
import * as ops from '../../../src/graph/ops.ts';
import { float32 } from '../../../src/graph/tensor.ts';

/** x → shared = x + a; left = shared · b; right = shared · c; other = x · d. */
function model(): Uint8Array {
  const graph = new Graph('two sides');
  const x = graph.input('x', 'float32', ['N', 2]);
  const constant = (name: string) => graph.constant(float32(Float32Array.of(1, 2), [1, 2]), name);
  const shared = ops.add(x, constant('a'));
  graph.output('left', ops.mul(shared, constant('b')));
  graph.output('right', ops.mul(shared, constant('c')));
  graph.output('other', ops.mul(x, constant('d')));
  return encodeModel(graph, { metadata: { made: 'here' } });
}

const kept: readonly [outputs: string[], nodes: number, constants: string[]][] = [
  [['left'], 2, ['a', 'b']],
  [['right', 'left'], 3, ['a', 'b', 'c']],
  [['other'], 1, ['d']],
  [['left', 'right', 'other'], 4, ['a', 'b', 'c', 'd']],
];

for (const [outputs, nodes, constants] of kept) {
  test(`a model that keeps ${outputs.join(' and ')} has what they need and no more`, () => {
    const small = decodeModel(keepOutputs(model(), outputs));
    const { graph } = small;
    assert.deepEqual(graph!.output.map(({ name }) => name).sort(), outputs.toSorted());
    assert.equal(graph!.node.length, nodes);
    assert.deepEqual(graph!.initializer.map(({ name }) => name).sort(), constants);
    assert.deepEqual([graph!.name, graph!.input.length, metadataOf(small)], ['two sides', 1, { made: 'here' }]);
  });
}

test('further outputs are kept where the model has them', () => {
  const inner = decodeModel(model()).graph!.node.find(({ opType }) => opType === 'Add')!.output[0]!;
  const { graph } = decodeModel(keepOutputs(model(), ['left'], ['middle', inner, 'right']));
  assert.deepEqual(graph!.output.map(({ name }) => name).sort(), ['left', 'right']);
  assert.equal(graph!.node.length, 3);
});

test('an unknown output is refused', () => {
  assert.throws(() => keepOutputs(model(), ['left', 'middle']), /no output 'middle'; it has left, right, other/);
});
