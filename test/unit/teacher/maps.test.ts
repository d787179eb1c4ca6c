import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { buildResnet, resnets, weightsFrom, type Resnet } from '../../../src/nferd/teacher/resnet.ts';
import { parseSafetensors } from '../../../src/nferd/teacher/safetensors.ts';
import { parseTeacherSpec } from '../../../src/nferd/teacher/spec.ts';
import { entriesOf, fixtureMaps, pattern, safetensorsOf, type Entry } from './formulaWeights.ts';

const models = path.resolve(import.meta.dirname, '../../../models');

/** Largest difference of each map to PyTorch's, over the map's largest value where `relative`. */
async function check(
  model: Uint8Array,
  name: string,
  size: readonly [number, number],
  every: number,
  relative: boolean,
) {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const found = await session.run({ image: new Tensor('float32', pattern(...size), [1, 3, ...size]) });
  for (const [stage, expected] of fixtureMaps(name)) {
    const { data, dims } = found[stage]!;
    const stride = { stage1: 4, stage2: 8, stage3: 16 }[stage]!;
    assert.deepEqual(dims.slice(2), [size[0] / stride, size[1] / stride]);
    const thinned = (data as Float32Array).filter((_, index) => index % every === 0);
    assert.equal(thinned.length, expected.length);
    const largest = relative ? expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0) : 1;
    const worst = expected.reduce((most, value, index) => Math.max(most, Math.abs(value - thinned[index]!)), 0);
    assert.ok(worst / largest <= 1e-4, `${name} ${stage}: differs by ${worst / largest}`);
  }
  await session.release();
}

test('the shipped teacher gives PyTorch’s maps and agrees with its JSON', async () => {
  const file = path.join(models, 'efficientnet-lite0.json');
  const spec = parseTeacherSpec(readFileSync(file, 'utf8'), file);
  const model = readFileSync(path.join(models, spec.file));
  assert.equal(createHash('sha256').update(model).digest('hex'), spec.sha256);
  assert.deepEqual(
    spec.outputs.map(({ channels }) => channels),
    [24, 40, 112],
  );
  await check(model, 'efficientnet-lite0', [32, 64], 1, false);
});

function built(entries: readonly Entry[], name: string, architecture: Resnet) {
  const weights = weightsFrom(parseSafetensors(safetensorsOf(entries), `${name}.safetensors`), `${name}.safetensors`);
  return buildResnet(name, architecture, weights);
}

test('ResNet-18 gives torchvision’s maps on the same weights', async () => {
  const teacher = built(entriesOf('resnet18'), 'resnet18', resnets.resnet18);
  assert.deepEqual(
    teacher.outputs.map(({ channels }) => channels),
    [64, 128, 256],
  );
  await check(teacher.model, 'resnet18', [32, 64], 5, true);
});

test('a narrow bottleneck network gives torchvision’s maps on the same weights', async () => {
  const narrow = { ...resnets.wide_resnet50_2, innerWidth: 4 };
  const entries = entriesOf('wide_resnet50_2').map(([name, shape]): Entry => [name, narrowed(name, shape)]);
  await check(built(entries, 'narrow', narrow).model, 'narrow_resnet50', [32, 32], 5, true);
});

/**
 * Shapes of torchvision's ResNet(Bottleneck, [3, 4, 6, 3], width_per_group=4): inner widths 4, 8,
 * 16, 32.
 */
function narrowed(name: string, shape: readonly number[]): readonly number[] {
  const [, stage, part] = /^layer(\d)\.\d+\.(conv[123]|bn[12])\./.exec(name) ?? [];
  if (!stage || !part || shape.length === 0) return shape;
  const inner = 4 << (Number(stage) - 1);
  const [out, ...rest] = shape;
  if (part.startsWith('bn')) return [inner];
  if (part === 'conv3') return [out!, inner, ...rest.slice(1)];
  return [inner, part === 'conv2' ? inner : rest[0]!, ...rest.slice(1)];
}

for (const [name, architecture] of Object.entries(resnets)) {
  test(`${name} reads exactly torchvision’s tensors of the first three stages`, () => {
    const expected = entriesOf(name).filter(([tensor]) => !/^(layer4|fc)\.|num_batches_tracked$/.test(tensor));
    const asked: Entry[] = [];
    const { parameters } = buildResnet(name, architecture, (tensor, shape) => {
      asked.push([tensor, shape]);
      return new Float32Array(shape.reduce((a, b) => a * b, 1));
    });
    const sorted = (entries: readonly Entry[]) => entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
    assert.deepEqual(sorted(asked), sorted(expected));
    assert.ok(parameters > 2e6);
  });
}

test('a missing or misshapen tensor is named', () => {
  const entries = entriesOf('resnet18').filter(([name]) => /^(conv1|bn1)/.test(name));
  const cases: readonly [readonly Entry[], RegExp][] = [
    [entries.filter(([name]) => name !== 'bn1.weight'), /resnet18\.safetensors: no tensor "bn1\.weight"/],
    [
      entries.map(([name, shape]): Entry => [name, name === 'bn1.bias' ? [32] : shape]),
      /"bn1\.bias" has shape \[32\], expected \[64\]/,
    ],
  ];
  for (const [changed, message] of cases) assert.throws(() => built(changed, 'resnet18', resnets.resnet18), message);
});
