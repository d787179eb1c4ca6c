import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { float32, int64 } from '../../../../src/graph/tensor.ts';
import { libraryFolders, loadLibraries, loadLibrary } from '../../../../src/runtime/cuda/cudaLibraries.ts';
import { linkProviders } from '../../../../src/runtime/cuda/cudaLink.ts';
import { cudaPlace, providerFiles, providersFolder, runtime } from '../../../../src/runtime/cuda/cudaPlace.ts';
import { askCuda } from '../../../../src/runtime/cuda/cudaProcess.ts';
import { neededLibraries } from '../../../../src/runtime/cuda/elf.ts';
import { inHalves } from '../../../../src/runtime/onnx/halvedRun.ts';
import { openOptimised } from '../../../../src/runtime/onnx/optimisedModels.ts';
import { candidates } from '../../../../src/runtime/onnx/providers.ts';
import { cudaReason } from '../../../../src/services/cuda/cudaReasons.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'nferd-provider-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => path.join(folder, name);
const linux = process.platform === 'linux' && process.arch === 'x64';
const check = path.resolve(import.meta.dirname, '../../../../src/worker/cudaCheck.ts');

/** A folder with files that are no libraries under the provider's names. */
function brokenProviders(name: string): string {
  mkdirSync(at(name), { recursive: true });
  for (const file of providerFiles) writeFileSync(at(`${name}/${file}`), 'x'.repeat(5000));
  return at(name);
}

test(
  'a library names what it needs; what is none is refused in the words of the loader',
  { skip: !linux },
  async () => {
    const { binaries } = runtime();
    assert.ok((await neededLibraries(path.join(binaries, 'onnxruntime_binding.node'))).includes('libonnxruntime.so.1'));
    writeFileSync(at('short.so'), 'x');
    writeFileSync(at('long.so'), 'x'.repeat(5000));
    await assert.rejects(neededLibraries(at('short.so')), /file too short/);
    await assert.rejects(neededLibraries(at('long.so')), /invalid ELF header/);
  },
);

test('the provider comes from the folder being proved, then the user’s, then the installed one', () => {
  const here = { folder: runtime().folder, binaries: at('binaries'), version: '1.2.3' };
  const env = { NFERD_CUDA_FOLDER: at('store'), NFERD_CUDA_LIBRARY_PATH: at('own') };
  assert.equal(providersFolder(cudaPlace(env), here), undefined);
  brokenProviders('store/1.2.2');
  assert.equal(providersFolder(cudaPlace(env), here), undefined);
  brokenProviders('store/1.2.3');
  assert.equal(providersFolder(cudaPlace(env), here), at('store/1.2.3'));
  brokenProviders('own');
  assert.equal(providersFolder(cudaPlace(env), here), at('own'));
  brokenProviders('proved');
  assert.equal(providersFolder(cudaPlace({ ...env, NFERD_CUDA_PROVIDERS: at('proved') }), here), at('proved'));
});

test(
  'onnxruntime looks for its provider in the folder of links, and nothing is written beside it',
  { skip: !linux },
  async () => {
    const { binaries } = runtime();
    const before = readdirSync(binaries);
    const providers = brokenProviders('garbage');
    const binding = linkProviders(at('links'), binaries, providers);
    assert.equal(linkProviders(at('links'), binaries, providers), binding);
    const script = `
    import { ort } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../../../src/runtime/onnx/ort.ts'))};
    ort().env.logLevel = 'error';
    await ort().InferenceSession.create(new Uint8Array(1), { executionProviders: ['cuda'] }).catch(() => undefined);`;
    writeFileSync(at('script.mts'), script);
    const env = { ...process.env, NFERD_CUDA_PROVIDERS: providers, NFERD_CUDA_FOLDER: folder };
    const { stderr } = await promisify(execFile)(process.execPath, [...process.execArgv, at('script.mts')], { env });
    assert.match(
      stderr,
      new RegExp(`Failed to load library ${path.dirname(binding)}/libonnxruntime_providers_shared\\.so`),
    );
    assert.equal(cudaReason(stderr).kind, 'libraryBroken');
    assert.deepEqual(readdirSync(binaries), before);
  },
);

test('a process of its own tells of broken libraries, and dies of none', { skip: !linux }, async () => {
  const providers = brokenProviders('broken');
  await assert.rejects(askCuda(check, 'libraries', providers), (error: Error) => {
    assert.equal(cudaReason(error.message).kind, 'libraryBroken');
    return true;
  });
});

test(
  'libraries: the folders go first, the loader’s own search last, cuDNN is always asked for',
  { skip: !linux },
  async () => {
    // A stand-in that needs CUDA's would have to be compiled; onnxruntime's own binding needs none.
    mkdirSync(at('stand-in'));
    writeFileSync(at('stand-in/libcudnn.so.9'), 'x');
    const { binaries } = runtime();
    const stand = at('as-provider');
    mkdirSync(stand);
    copyFileSync(path.join(binaries, 'onnxruntime_binding.node'), path.join(stand, providerFiles[1]));
    const tried: string[] = [];
    const load = (file: string) => (tried.push(file), file === 'libcudnn.so.9' ? undefined : `${file}: file too short`);
    assert.deepEqual(await loadLibraries(stand, [at('stand-in')], load), { needed: ['libcudnn.so.9'], failures: [] });
    assert.deepEqual(tried, [at('stand-in/libcudnn.so.9'), 'libcudnn.so.9']);
  },
);

test('a library is loaded for good, a missing or broken one says why', { skip: !linux }, () => {
  assert.equal(loadLibrary('libm.so.6'), undefined);
  assert.match(loadLibrary('libnone.so.1')!, /libnone\.so\.1: cannot open shared object file/);
  writeFileSync(at('libbad.so'), 'x');
  assert.match(loadLibrary(at('libbad.so'))!, /file too short/);
});

test('library folders: as given, as pip lays them out, and the usual places', () => {
  const root = at('given');
  for (const name of ['lib64', 'nvidia/cudnn/lib', 'cublas/lib']) mkdirSync(path.join(root, name), { recursive: true });
  mkdirSync(at('venv/lib/python3.12/site-packages/nvidia/cufft/lib'), { recursive: true });
  const found = libraryFolders([root], { VIRTUAL_ENV: at('venv') });
  for (const expected of [root, `${root}/lib64`, `${root}/nvidia/cudnn/lib`, `${root}/cublas/lib`])
    assert.ok(found.includes(expected), expected);
  assert.ok(found.includes(at('venv/lib/python3.12/site-packages/nvidia/cufft/lib')));
  assert.ok(found.indexOf(root) < found.indexOf(at('venv/lib/python3.12/site-packages/nvidia/cufft/lib')));
});

test('auto tries what its platform has and ends with the processor', () => {
  for (const [target, expected] of [
    ['linux-x64', ['cuda', 'cpu']],
    ['linux-arm64', ['cpu']],
    ['win32-x64', ['directml', 'webgpu', 'cpu']],
    ['darwin-arm64', ['coreml', 'cpu']],
  ] as const)
    assert.deepEqual(candidates('auto', target), expected);
  assert.deepEqual(candidates('cuda', 'darwin-arm64'), ['cuda']);
  assert.throws(() => candidates('gpu'), /"gpu" is unknown; choose auto, cpu/);
});

/** A device with memory for `room` images: doubles them, and counts each. */
function device(room: number) {
  const batches: number[] = [];
  const run = inHalves(async ({ image }) => {
    const [count] = image!.dims as [number];
    batches.push(count);
    if (count > room)
      throw new Error('BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 9');
    return {
      twice: float32(
        (image!.data as Float32Array).map((value) => 2 * value),
        image!.dims,
      ),
      place: int64(Array.from({ length: count }, (_, i) => (image!.data as Float32Array)[2 * i]!)),
    };
  });
  return { run, batches };
}

test('out of memory: the batch is halved until it fits, once; the answer is the same', async () => {
  const image = float32(
    Array.from({ length: 14 }, (_, i) => i),
    [7, 2],
  );
  const expected = await device(9).run({ image });
  const { run, batches } = device(2);
  assert.deepEqual(await run({ image }), expected);
  assert.deepEqual(batches, [7, 3, 1, 1, 1, 1, 1, 1, 1]);
  batches.length = 0;
  assert.deepEqual(await run({ image }), expected);
  assert.ok(batches.every((count) => count === 1));
});

test('other failures, and a single image that does not fit, are told as they are', async () => {
  const one = float32([1, 2], [1, 2]);
  await assert.rejects(device(0).run({ image: one }), /Failed to allocate/);
  const failing = inHalves(() => Promise.reject(new Error('Got invalid dimensions')));
  await assert.rejects(failing({ image: float32([1, 2, 3, 4], [2, 2]) }), /invalid dimensions/);
});

test('an optimised model is kept by model and provider; a damaged or unwritable cache costs only time', async () => {
  const opened: string[] = [];
  const open = async (bytes: Uint8Array, how: { optimised?: true; saveTo?: string }) => {
    const text = Buffer.from(bytes).toString();
    if (text === 'damaged') throw new Error('damaged');
    opened.push(`${text}${how.optimised ? ' as it is' : ''}`);
    if (how.saveTo) writeFileSync(how.saveTo, `optimised ${text}`);
    return text;
  };
  const cache = at('optimised');
  const a = Buffer.from('a');
  assert.equal((await openOptimised(a, 'cpu', cache, open)).from, 'given');
  assert.equal((await openOptimised(a, 'cpu', cache, open)).from, 'cache');
  assert.equal((await openOptimised(a, 'cuda', cache, open)).from, 'given');
  assert.deepEqual(opened, ['a', 'optimised a as it is', 'a']);
  for (const file of readdirSync(cache)) writeFileSync(path.join(cache, file), 'damaged');
  assert.equal((await openOptimised(a, 'cpu', cache, open)).from, 'given');
  writeFileSync(at('a file'), '');
  assert.equal((await openOptimised(a, 'cpu', at('a file/below'), open)).session, 'a');
  for (let i = 0; i < 20; i++) await openOptimised(Buffer.from(String(i)), 'cpu', cache, open);
  assert.ok(readdirSync(cache).length <= 12);
});
