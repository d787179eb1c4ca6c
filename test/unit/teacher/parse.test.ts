import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSafetensors, readFloats } from '../../../src/nferd/teacher/safetensors.ts';
import { parseTeacherSpec } from '../../../src/nferd/teacher/spec.ts';
import { assemble } from './formulaWeights.ts';

const good = {
  name: 't',
  file: 't.onnx',
  sha256: 'A'.repeat(64),
  input: { name: 'image', mean: [1, 2, 3], scale: [4, 5, 6], sizeMultiple: 32, defaultSize: 256 },
  outputs: [4, 8, 16].map((stride, index) => ({ name: `s${index}`, stride, channels: 8 })),
  source: 'here',
  licence: 'MIT',
};
const { mean: _mean, scale: _scale, ...bare } = good.input;

test('a teacher’s JSON is read, also with torchvision’s mean and std', () => {
  const spec = parseTeacherSpec(JSON.stringify(good), 't.json');
  assert.deepEqual(spec, { ...good, sha256: 'a'.repeat(64) });
  const preprocessing = { mean: [0, 0.2, 1], std: [1, 0.2, 1] };
  const { input } = parseTeacherSpec(JSON.stringify({ ...good, input: { ...bare }, preprocessing }), 't.json');
  assert.deepEqual(
    [input.mean, input.scale],
    [
      [0, 51, 255],
      [255, 51, 255],
    ],
  );
});

const faults: readonly [string, object, RegExp][] = [
  ['no name', { name: undefined }, /^t\.json: "name" must be text, found nothing$/],
  ['a path for a file', { file: '../x.onnx' }, /"file" must be a file name without folders/],
  ['a short checksum', { sha256: 'abc' }, /"sha256" must be 64 hex digits, found "abc"/],
  [
    'a zero scale',
    { input: { ...good.input, scale: [1, 0, 1] } },
    /"input\.scale" must be three numbers above 0, found \[1,0,1\]/,
  ],
  [
    'an odd multiple',
    { input: { ...good.input, sizeMultiple: 24 } },
    /"input\.sizeMultiple" must be a multiple of 16, found 24/,
  ],
  [
    'a size that does not fit',
    { input: { ...good.input, defaultSize: 250 } },
    /"input\.defaultSize" must be a multiple of sizeMultiple 32/,
  ],
  ['no input', { input: undefined }, /input\. must be a JSON object, found nothing/],
  ['two maps', { outputs: good.outputs.slice(1) }, /"outputs" must list three maps, found 2/],
  ['wrong strides', { outputs: good.outputs.toReversed() }, /"outputs\[0\]\.stride" must be 4, found 16/],
  [
    'both normalisations',
    { preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] } },
    /"preprocessing" given as well as input\.mean/,
  ],
];
for (const [name, change, message] of faults) {
  test(`a teacher’s JSON with ${name} is refused`, () => {
    assert.throws(() => parseTeacherSpec(JSON.stringify({ ...good, ...change }), 't.json'), { message });
  });
}
test('a teacher’s file that is no JSON is refused', () => {
  assert.throws(() => parseTeacherSpec('{', 't.json'), { message: /^t\.json: not valid JSON\./ });
});

const tensor = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

test('F32, F16 and BF16 are read, wherever they lie', () => {
  const f32 = new Uint8Array(Float32Array.of(1.5, -2).buffer);
  const f16 = new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0xfc00, 0x7e00).buffer);
  const bf16 = new Uint8Array(Uint16Array.of(0x3f80, 0xc000).buffer);
  const header = {
    pad: tensor('U8', [1], 0, 1),
    f32: tensor('F32', [2, 1], 1, 9),
    f16: tensor('F16', [6], 9, 21),
    bf16: tensor('BF16', [2], 21, 25),
    scalar: tensor('F32', [], 25, 29),
    none: tensor('F32', [0, 3], 29, 29),
    __metadata__: { format: 'pt' },
  };
  const file = assemble(header, [Uint8Array.of(9), f32, f16, bf16, new Uint8Array(4)]);
  for (const bytes of [file, Buffer.from(file)]) {
    const tensors = parseSafetensors(bytes, 'x');
    const read = (name: string) => [...readFloats(name, tensors.get(name)!)];
    assert.deepEqual(read('f32'), [1.5, -2]);
    assert.deepEqual(read('f16'), [1, -2, 65504, 2 ** -24, -Infinity, NaN]);
    assert.deepEqual(read('bf16'), [1, -2]);
    assert.deepEqual([read('scalar'), read('none')], [[0], []]);
    assert.throws(() => read('pad'), /tensor "pad" has type U8/);
  }
});

const whole = assemble({ a: tensor('F32', [2], 0, 8) }, [new Uint8Array(8)]);
const broken: readonly [string, Uint8Array, RegExp][] = [
  ['empty', new Uint8Array(0), /0 bytes, shorter than its length field/],
  ['cut in the header', whole.subarray(0, 20), /cut short: header ends at byte/],
  ['cut in the data', whole.subarray(0, -1), /cut short: "a" ends at byte \d+, the file at \d+\. Download it again/],
  ['a web page', Buffer.from('<!DOCTYPE html><html></html>'), /header length \d+ out of range/],
  ['no JSON', assemble('nonsense', []), /its header is not a JSON object/],
  ['a list', assemble('[]', []), /its header is not a JSON object/],
  ['bytes that are no UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe), /its header is not a JSON object/],
  ['an unknown type', assemble({ a: tensor('F3', [2], 0, 8) }, [new Uint8Array(8)]), /"a" has unknown type "F3"/],
  [
    'offsets that do not fit the shape',
    assemble({ a: tensor('F32', [3], 0, 8) }, [new Uint8Array(8)]),
    /"a" \[3\] F32 needs 12 bytes, its offsets give 8/,
  ],
  ['a negative shape', assemble({ a: tensor('F32', [-1], 0, 8) }, []), /"a" has shape \[-1\]/],
  ['backward offsets', assemble({ a: tensor('F32', [2], 8, 0) }, []), /"a" has offsets \[8,0\]/],
  ['an entry that is null', assemble({ a: null }, []), /"a" has unknown type undefined/],
  [
    'overlapping tensors',
    assemble({ a: tensor('F32', [2], 0, 8), b: tensor('F32', [1], 4, 8) }, [new Uint8Array(8)]),
    /"b" overlaps "a"/,
  ],
];
for (const [name, bytes, message] of broken) {
  test(`a safetensors file with ${name} is refused`, () => {
    assert.throws(
      () => parseSafetensors(bytes, 'w.safetensors'),
      (error: Error) => message.test(error.message) && /^w\.safetensors: not a safetensors file/.test(error.message),
    );
  });
}
