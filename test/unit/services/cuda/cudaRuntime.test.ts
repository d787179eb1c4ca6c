import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled } from '../../../../src/services/ports/progress.ts';
import {
  describePlan,
  installCuda,
  planCuda,
  removeCuda,
  type CudaLibraries,
  type CudaPorts,
} from '../../../../src/services/cuda/cudaRuntime.ts';

const clock = () => 0;
const lost = 'cannot open shared object file: No such file or directory';
const needed = ['libcuda.so.1', 'libcublas.so.12', 'libcudnn.so.9'];
const all: CudaLibraries = { needed, failures: [], cudaMajor: 12 };
const lacking = (...names: string[]): CudaLibraries => ({
  ...all,
  failures: names.map((library) => ({ library, message: `${library}: ${lost}` })),
});

/**
 * A machine on which all goes well, but for what `odd` replaces; `left` is what lies on its disk.
 */
function machine(odd: Partial<CudaPorts> = {}) {
  const left = new Set<string>();
  const asked: string[] = [];
  const ports: CudaPorts = {
    machine: async () => ({
      target: 'linux-x64',
      gpus: [{ name: 'Tesla T4', memoryMiB: 15360 }],
      driver: '550.54.15',
    }),
    locate: async () => ({
      version: '1.2.3',
      cudaMajor: 12,
      source: 'http://127.0.0.1/p.nupkg',
      files: [{ name: 'libonnxruntime_providers_cuda.so', pathInPackage: 'native/x.so' }],
      bytes: 300 * 2 ** 20,
      sha512: 'ab',
    }),
    download: async ({ target, onProgress }) => {
      left.add(target);
      onProgress?.({ receivedBytes: 2e6, totalBytes: 3e6, bytesPerSecond: 1e6 });
      return { bytes: 3, sha256: '', verifiedBy: 'nobody' };
    },
    sha512: async () => 'ab',
    unpack: async (_archive, files, folder) => files.forEach(({ name }) => left.add(`${folder}/${name}`)),
    libraries: async () => all,
    fetchLibraries: async (libraries, _major, folder) => void asked.push(`${libraries.join()} → ${folder}`),
    prove: async () => ({ maxDifference: 2e-5, cudaMs: 2, cpuMs: 40 }),
    async writeFolder(folder, fill) {
      const temporary = `${folder}.tmp`;
      const move = (to?: string) => {
        for (const path of [...left].filter((name) => name.startsWith(temporary))) {
          left.delete(path);
          if (to) left.add(path.replace(temporary, to));
        }
      };
      await fill(temporary).catch((error: unknown) => {
        move();
        throw error;
      });
      move(folder);
    },
    writeText: async (file) => void left.add(file),
    exists: async (path) => [...left].some((name) => name.startsWith(path)),
    remove: async (path) => [...left].filter((name) => name.startsWith(path)).forEach((name) => left.delete(name)),
    folder: '/cuda',
    now: () => 'now',
    ...odd,
  };
  return { ports, left, asked };
}

test('an install that goes well leaves the provider and its record, and removing leaves nothing', async () => {
  const { ports, left } = machine();
  const plan = await planCuda(ports);
  assert.deepEqual(describePlan(plan), [
    'GPU: Tesla T4 (15360 MiB); driver 550.54.15',
    'fetch: onnxruntime 1.2.3 for CUDA 12 from http://127.0.0.1/p.nupkg',
    'size: 300 MiB',
    'checksum: SHA-512, stated by the source',
    'into: /cuda/1.2.3',
  ]);
  const phases: string[] = [];
  const installed = await installCuda(plan, { fetchMissing: false }, ports, {
    clock,
    onProgress: ({ phase }) => phases.push(phase),
  });
  assert.deepEqual(installed, { maxDifference: 2e-5, cudaMs: 2, cpuMs: 40, target: '/cuda/1.2.3' });
  assert.deepEqual([...left].sort(), ['/cuda/1.2.3/cuda.json', '/cuda/1.2.3/libonnxruntime_providers_cuda.so']);
  assert.deepEqual(phases, [
    'Fetching the CUDA provider (MB)',
    'Unpacking',
    'Looking for the CUDA libraries',
    'Proving it with one detection',
  ]);
  assert.equal(await removeCuda(ports), true);
  assert.equal(await removeCuda(ports), false);
  assert.equal(left.size, 0);
});

test('where the machine can do no CUDA, nothing is looked up or fetched', async () => {
  const never = () => Promise.reject(new Error('asked'));
  for (const [found, says] of [
    [{ target: 'linux-x64', gpus: [] }, /no NVIDIA GPU/],
    [{ target: 'win32-x64', gpus: [], driver: '600.1' }, /Linux x64 only.*DirectML/],
  ] as const)
    await assert.rejects(planCuda(machine({ machine: async () => found, locate: never }).ports), says);
  const old = { target: 'linux-x64', gpus: [], driver: '470.57.02' };
  await assert.rejects(
    planCuda(machine({ machine: async () => old }).ports),
    /driver 470\.57\.02 is too old: CUDA 12 needs 525\.60\.13/,
  );
});

const failing: readonly [string, Partial<CudaPorts>, RegExp][] = [
  ['wrong checksum', { sha512: async () => 'cd' }, /sha512 is cd, expected ab.*deleted/],
  ['damaged package', { unpack: () => Promise.reject(new Error('damaged')) }, /damaged/],
  [
    'a library is missing',
    { libraries: async () => lacking('libcublas.so.12') },
    /not installed: libcublas\.so\.12 is missing/,
  ],
  [
    'several are missing',
    { libraries: async () => lacking('libcudnn.so.9', 'libcurand.so.10') },
    /cuDNN 9 is missing; also missing or broken: libcurand\.so\.10/,
  ],
  [
    'the package is for a newer CUDA than its source said',
    { libraries: async () => ({ ...all, cudaMajor: 13 }) },
    /CUDA 13 needs 580/,
  ],
  [
    'the proof fails',
    { prove: () => Promise.reject(new Error('CUDA failure 35: CUDA driver version is insufficient ; GPU=-1')) },
    /not installed: NVIDIA's driver is too old/,
  ],
  [
    'the map is wrong',
    { prove: async () => ({ maxDifference: 0.5, cudaMs: 1, cpuMs: 1 }) },
    /differs from the processor's by 0\.5/,
  ],
  [
    'the map is no number',
    { prove: async () => ({ maxDifference: NaN, cudaMs: 1, cpuMs: 1 }) },
    /differs from the processor's by NaN/,
  ],
];

test('whatever fails, nothing is left', async () => {
  for (const [what, odd, says] of failing) {
    const { ports, left } = machine(odd);
    const plan = await planCuda(ports);
    await assert.rejects(installCuda(plan, { fetchMissing: false }, ports, { clock }), says, what);
    assert.deepEqual([...left], [], what);
  }
});

test('who stops it finds nothing left', async () => {
  const { ports, left } = machine();
  const stop = new AbortController();
  const watch = {
    clock,
    signal: stop.signal,
    onProgress: ({ phase }: { phase: string }) => phase === 'Unpacking' && stop.abort(),
  };
  await assert.rejects(installCuda(await planCuda(ports), { fetchMissing: false }, ports, watch), Cancelled);
  assert.deepEqual([...left], []);
});

test('missing libraries are fetched where asked for, the driver never', async () => {
  let looks = 0;
  const libraries = async () => (looks++ === 0 ? lacking('libcublas.so.12', 'libcudnn.so.9') : all);
  const { ports, asked } = machine({ libraries });
  await installCuda(await planCuda(ports), { fetchMissing: true }, ports, { clock });
  assert.deepEqual(asked, ['libcublas.so.12,libcudnn.so.9 → /cuda/1.2.3.tmp/libraries']);
  const other = machine({ libraries: async () => lacking('libcuda.so.1') });
  await assert.rejects(
    installCuda(await planCuda(other.ports), { fetchMissing: true }, other.ports, { clock }),
    /driver is not installed/,
  );
  assert.deepEqual(other.asked, []);
});

test('a package on this machine is used where it lies, and stays', async () => {
  const locate = async () => ({ version: '1.2.3', source: '/mnt/p.whl', files: [] });
  const download = () => Promise.reject(new Error('fetched'));
  const { ports, left } = machine({ locate, download });
  left.add('/mnt/p.whl');
  await installCuda(await planCuda(ports), { fetchMissing: false }, ports, { clock });
  assert.deepEqual([...left].sort(), ['/cuda/1.2.3/cuda.json', '/mnt/p.whl']);
});
