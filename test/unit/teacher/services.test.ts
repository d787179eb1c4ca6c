import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import { encodeModel } from '../../../src/graph/model.ts';
import { conv, globalAveragePool, maxPool, relu, reshape, transpose } from '../../../src/graph/ops.ts';
import { float32 } from '../../../src/graph/tensor.ts';
import { dataDir, teachersDir, type Machine } from '../../../src/runtime/files/dataDir.ts';
import { createDownload } from '../../../src/runtime/net/download.ts';
import { files } from '../../../src/runtime/files/files.ts';
import { sha256 } from '../../../src/runtime/files/sha256.ts';
import { probeModel } from '../../../src/runtime/onnx/teacherProbe.ts';
import { UserError } from '../../../src/services/ports/errors.ts';
import { addTeacher } from '../../../src/services/teacher/teacherAdd.ts';
import { importTeacher, type ImportOptions } from '../../../src/services/teacher/teacherImport.ts';
import { listTeachers, resolveTeacher } from '../../../src/services/teacher/teacherStore.ts';
import { assemble, entriesOf, fixtureMaps, pattern, safetensorsOf } from './formulaWeights.ts';
import { serve, sha256Of, type Served } from './server.ts';

const download = createDownload({ retryDelayMs: 1, progressEveryMs: 0, env: {} });
const ports = { files, sha256, download, probe: probeModel };

function places(t: TestContext) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'nferd-teacher-'));
  t.after(() => rmSync(root, { recursive: true }));
  const folders = { shipped: path.join(root, 'models'), user: path.join(root, 'data', 'teachers') };
  cpSync(path.resolve(import.meta.dirname, '../../../models'), folders.shipped, { recursive: true });
  return { root, folders };
}

const saysOneLine = (message: RegExp) => (error: unknown) =>
  error instanceof UserError && !error.message.includes('\n') && message.test(error.message);

test('resnet18 is fetched over a breaking connection, converted, and found by its name', async (t) => {
  const { folders } = places(t);
  const weights = safetensorsOf(entriesOf('resnet18'));
  const sum = sha256Of(weights);
  const server = await serve({
    body: weights,
    linkedEtag: `"${sum}"`,
    cutAfter: (request) => (request === 0 ? 20_000_000 : undefined),
  });
  t.after(server.close);
  let told = 0;
  const options = { folder: folders.user, baseUrl: `${server.url}/`, onProgress: () => void told++ };
  const added = await addTeacher('resnet18', options, ports);
  assert.equal(server.asked[0]!.url, '/timm/resnet18.tv_in1k/resolve/main/model.safetensors');
  assert.ok(server.asked.some(({ range }) => range));
  assert.ok(told > 1);
  assert.deepEqual(added.download, { bytes: weights.length, sha256: sum, verifiedBy: 'server' });

  const { spec, model } = await resolveTeacher('resnet18', folders, ports);
  assert.deepEqual(spec, added.spec);
  assert.equal(spec.weightsSha256, sum);
  assert.equal(spec.licence, 'BSD-3-Clause');
  assert.deepEqual(spec.input.mean.map(Math.round), [124, 116, 104]);
  assert.deepEqual(readdirSync(folders.user).sort(), ['.download', 'resnet18.json', 'resnet18.onnx']);
  assert.deepEqual(readdirSync(path.join(folders.user, '.download')), []);
  const session = await InferenceSession.create(model);
  const maps = await session.run({ image: new Tensor('float32', pattern(32, 64), [1, 3, 32, 64]) });
  const worst = fixtureMaps('resnet18')
    .get('stage3')!
    .reduce((most, value, index) => {
      return Math.max(most, Math.abs(value - (maps.stage3!.data as Float32Array)[index * 5]!));
    }, 0);
  assert.ok(worst < 0.01, `differs by ${worst}`);
  await session.release();
  assert.deepEqual(await listTeachers(folders, files), [
    { name: 'efficientnet-lite0', origin: 'shipped' },
    { name: 'resnet18', origin: 'user' },
  ]);
});

/** Largest difference of stage3 to PyTorch's. */
async function worstOfStage3(model: Uint8Array, fixture: string, every: number): Promise<number> {
  const session = await InferenceSession.create(model);
  const { stage3 } = await session.run({ image: new Tensor('float32', pattern(32, 64), [1, 3, 32, 64]) });
  await session.release();
  const found = stage3!.data as Float32Array;
  const expected = fixtureMaps(fixture).get('stage3')!;
  return expected.reduce((most, value, index) => Math.max(most, Math.abs(value - found[index * every]!)), 0);
}

const short = assemble({ 'conv1.weight': { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, [new Uint8Array(4)]);
const badAdds: readonly [string, string, Partial<Served>, { baseUrl?: string; sha256?: string }, RegExp][] = [
  [
    'an unknown name',
    'resnet99',
    {},
    {},
    /^teacher "resnet99" can't be added by name\. Known: resnet18, wide_resnet50_2\./,
  ],
  ['a malformed checksum', 'resnet18', {}, { sha256: 'abc' }, /^sha256 "abc": must be 64 hex digits/],
  ['an address that is none', 'resnet18', {}, { baseUrl: 'hub' }, /^"hub": not a web address/],
  ['a missing file', 'resnet18', { status: () => 404 }, {}, /model\.safetensors: not found \(HTTP 404\)/],
  ['a wrong checksum', 'resnet18', {}, { sha256: '0'.repeat(64) }, /expected 0{64}/],
  [
    'a file that is no safetensors',
    'resnet18',
    { body: Buffer.from('hello, this is text') },
    {},
    /not a safetensors file: header length/,
  ],
  [
    'another network’s weights',
    'wide_resnet50_2',
    { body: short },
    {},
    /model\.safetensors: (no tensor "bn1\.weight"|tensor "conv1\.weight" has shape \[1\], expected \[64, 3, 7, 7\])/,
  ],
];
for (const [what, name, served, options, message] of badAdds) {
  test(`adding with ${what}: one line, nothing left`, async (t) => {
    const { folders } = places(t);
    const server = await serve({ body: short, ...served });
    t.after(server.close);
    await assert.rejects(
      addTeacher(name, { folder: folders.user, baseUrl: server.url, ...options }, ports),
      saysOneLine(message),
    );
    const left = (await files.exists(folders.user)) ? readdirSync(folders.user, { recursive: true }) : [];
    assert.deepEqual(
      left.filter((file) => file !== '.download'),
      [],
    );
  });
}

test('a teacher that is missing or damaged is named', async (t) => {
  const { folders } = places(t);
  const resolve = (name: string) => resolveTeacher(name, folders, ports);
  assert.equal((await resolve('efficientnet-lite0')).spec.outputs[2].channels, 112);
  await assert.rejects(resolve('x'), saysOneLine(/^teacher "x" is not installed\. Available: efficientnet-lite0\./));
  const json = readFileSync(path.join(folders.shipped, 'efficientnet-lite0.json'), 'utf8');
  mkdirSync(folders.user, { recursive: true });
  const write = (name: string, text: string | Uint8Array) => writeFileSync(path.join(folders.user, name), text);
  write('a.json', json);
  write('b.json', json.replace('"name": "efficientnet-lite0"', '"name": "b"'));
  write('c.json', json.slice(0, 100));
  write('d.json', json.replace('"name": "efficientnet-lite0"', '"name": "d"').replace('lite0.onnx', 'lite9.onnx'));
  write(
    'efficientnet-lite0.onnx',
    readFileSync(path.join(folders.shipped, 'efficientnet-lite0.onnx')).subarray(0, 1000),
  );
  await assert.rejects(resolve('a'), saysOneLine(/a\.json: describes the teacher "efficientnet-lite0"/));
  await assert.rejects(resolve('b'), saysOneLine(/lite0\.onnx: damaged or replaced \(its sha256 is/));
  await assert.rejects(resolve('c'), saysOneLine(/c\.json: not valid JSON/));
  await assert.rejects(resolve('d'), saysOneLine(/efficientnet-lite9\.onnx: does not exist/));
});

/** A backbone of five strided convolutions (strides 2 … 32) whose values are named map2 … map32. */
function backbone(
  shape: readonly (string | number)[],
  build: (graph: Graph, maps: Value[], image: Value) => void,
): Uint8Array {
  const graph = new Graph('backbone');
  const image = graph.input('pixels', 'float32', shape);
  const maps: Value[] = [];
  for (let x = image, index = 0; index < 5; index++) {
    const channels = x.shape[1] as number;
    const weight = graph.constant(float32(new Float32Array(8 * channels * 9).fill(0.01), [8, channels, 3, 3]));
    x = relu(conv(x, weight, undefined, { stride: 2, pads: 1 }));
    maps.push(x);
  }
  build(graph, maps, image);
  return encodeModel(graph);
}
const allOut = (graph: Graph, maps: Value[]) => maps.forEach((map, index) => graph.output(`map${2 << index}`, map));
const free = ['batch', 3, 'h', 'w'] as const;

const inside: string[] = [];
const onlyLast = backbone(free, (graph, maps) => {
  inside.push(maps[1]!.name, maps[2]!.name);
  graph.output('map16', maps[3]!);
});

const imports: readonly [string, Uint8Array, Partial<ImportOptions>, readonly string[]][] = [
  ['outputs found by their strides', backbone(free, allOut), {}, ['map4', 'map8', 'map16']],
  [
    'outputs named, in any order',
    backbone(free, allOut),
    { outputs: ['map16', 'map4', 'map8'] },
    ['map4', 'map8', 'map16'],
  ],
  ['sizes fixed by its exporter', backbone([1, 3, 224, 224], allOut), {}, ['map4', 'map8', 'map16']],
  ['maps that are no outputs', onlyLast, { outputs: [...inside, 'map16'] }, [...inside, 'map16']],
];
for (const [what, bytes, options, expected] of imports) {
  test(`a backbone with ${what} is imported`, async (t) => {
    const { root, folders } = places(t);
    const file = path.join(root, 'My-Net.onnx');
    writeFileSync(file, bytes);
    const { spec, taken, assumedNormalisation } = await importTeacher({ file, folders, ...options }, ports);
    assert.deepEqual(taken, expected);
    assert.ok(assumedNormalisation);
    const { model, spec: read } = await resolveTeacher('My-Net', folders, ports);
    assert.deepEqual(read, spec);
    const shapes = await probeModel(model, 'image', [3, 3, 64, 96]);
    assert.deepEqual(Object.fromEntries(shapes), {
      stage1: [3, 8, 16, 24],
      stage2: [3, 8, 8, 12],
      stage3: [3, 8, 4, 6],
    });
  });
}

const logits = (graph: Graph, maps: Value[]) =>
  graph.output('logits', reshape(globalAveragePool(maps[4]!), [-1, 8] as never));
const twoAt8 = (graph: Graph, maps: Value[]) => {
  allOut(graph, maps);
  graph.output('other8', maxPool(maps[1]!, 2));
};
const baked = (graph: Graph, maps: Value[]) => {
  allOut(graph, maps.slice(0, 3));
  graph.output('map16', reshape(reshape(maps[3]!, [1, 8, 196]), [1, 8, 14, 14]));
};
const badImports: readonly [string, Uint8Array, Partial<ImportOptions>, RegExp][] = [
  ['no model at all', Buffer.from('text'), {}, /net\.onnx: not an ONNX model, or cut short/],
  ['a model cut short', backbone(free, allOut).subarray(0, 3000), {}, /net\.onnx: not an ONNX model, or cut short/],
  [
    'a classifier',
    backbone([1, 3, 224, 224], logits),
    {},
    new RegExp(
      String.raw`net\.onnx: needs one map at each of the strides 4, 8 and 16; none of its outputs is a map\. ` +
        String.raw`Name three with --outputs a,b,c; inside it, the last at stride 4: \S+ \(8 channels\).*stride 16: `,
    ),
  ],
  [
    'two maps at one stride',
    backbone(free, twoAt8),
    {},
    /it gives map2 \[2, 8, 48, 80\], .*other8 \[2, 8, 12, 20\]\. Name three/,
  ],
  [
    'an output that is not there',
    backbone(free, allOut),
    { outputs: ['map4', 'map8', 'x'] },
    /net\.onnx: has no value "x"\. Name three with --outputs a,b,c; inside it, the last at stride 4: /,
  ],
  ['two outputs', backbone(free, allOut), { outputs: ['map4', 'map8'] }, /--outputs must name three values, got 2/],
  ['wrong strides', backbone(free, allOut), { outputs: ['map4', 'map8', 'map32'] }, /map32 \[2, 8, 3, 5\]/],
  ['channels last', backbone(free, allOut), {}, /x/],
  [
    'a baked size',
    backbone([1, 3, 224, 224], baked),
    {},
    /does not run on an image \[2, 3, 96, 160\] \(.*\)\. Export it with free batch/,
  ],
  ['a bad name', backbone(free, allOut), { name: '../x' }, /^teacher name "\.\.\/x": use letters/],
  ['a shipped name', backbone(free, allOut), { name: 'efficientnet-lite0' }, /taken by a shipped teacher/],
  [
    'a file that is not there',
    new Uint8Array(0),
    { file: '/nowhere/net.onnx' },
    /^\/nowhere\/net\.onnx: does not exist/,
  ],
];

function channelsLast(): Uint8Array {
  const graph = new Graph();
  graph.output('map', transpose(graph.input('pixels', 'float32', ['N', 64, 64, 3]), [0, 3, 1, 2]));
  return encodeModel(graph);
}
for (const [what, bytes, options, message] of badImports) {
  test(`importing ${what}: one line, nothing written`, async (t) => {
    const { root, folders } = places(t);
    const file = path.join(root, 'net.onnx');
    const last = what === 'channels last';
    writeFileSync(file, last ? channelsLast() : bytes);
    const expected = last
      ? /its input "pixels" is \[N, 64, 64, 3\] float32; a teacher takes \[N, 3, H, W\] float32/
      : message;
    await assert.rejects(importTeacher({ file, folders, ...options }, ports), saysOneLine(expected));
    assert.equal(await files.exists(folders.user), false);
  });
}

test('the shipped teacher can itself be imported', async (t) => {
  const { folders } = places(t);
  const file = path.join(folders.shipped, 'efficientnet-lite0.onnx');
  const given = { mean: [127, 127, 127], scale: [128, 128, 128] } as const;
  const { spec, model, assumedNormalisation } = await importTeacher({ file, folders, name: 'mine', ...given }, ports);
  assert.deepEqual([spec.input.mean, spec.input.scale, assumedNormalisation], [given.mean, given.scale, false]);
  assert.ok((await worstOfStage3(model, 'efficientnet-lite0', 1)) < 1e-4);
});

const machines: readonly [Machine, string][] = [
  [{ platform: 'linux', home: '/home/a', env: {} }, '/home/a/.local/share/nferd'],
  [{ platform: 'linux', home: '/home/a', env: { XDG_DATA_HOME: '/data' } }, '/data/nferd'],
  [{ platform: 'linux', home: '/home/a', env: { XDG_DATA_HOME: 'data' } }, '/home/a/.local/share/nferd'],
  [
    { platform: 'darwin', home: '/Users/a', env: { XDG_DATA_HOME: '/data' } },
    '/Users/a/Library/Application Support/nferd',
  ],
  [{ platform: 'win32', home: 'C:\\Users\\a', env: { LOCALAPPDATA: 'D:\\Local' } }, 'D:\\Local\\nferd'],
  [{ platform: 'win32', home: 'C:\\Users\\a', env: {} }, 'C:\\Users\\a\\AppData\\Local\\nferd'],
];
for (const [machine, expected] of machines) {
  test(`data of ${machine.platform} with ${JSON.stringify(machine.env)}`, () => {
    assert.equal(dataDir(machine), expected);
    assert.ok(teachersDir(machine).startsWith(expected));
  });
}
