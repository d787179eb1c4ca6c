import { existsSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CudaLibraries } from '../../services/cuda/cudaRuntime.ts';
import { neededLibraries } from './elf.ts';

/** Loaded by cuDNN and by onnxruntime by name when first used, so no file names them as needed. */
const neededLater = ['libcudnn.so.9'];
const neededIfThere = ['libnvrtc.so', 'libcufft.so'];
const isCuda = (name: string): boolean => /^lib(cu|nv)/.test(name);
const providerName = 'libonnxruntime_providers_cuda.so';

/** Stays loaded although it registers no module: RTLD_NODELETE of glibc and musl. */
const keepLoaded = 0x1000;

/** Loads a shared library for good. @returns what the loader says against it, or undefined */
export function loadLibrary(file: string): string | undefined {
  const { RTLD_NOW, RTLD_GLOBAL } = os.constants.dlopen;
  try {
    process.dlopen({ exports: {} }, file, RTLD_NOW | RTLD_GLOBAL | keepLoaded);
  } catch (error) {
    const { message } = error as Error;
    // It is loaded, and no addon: what we want.
    if (!message.startsWith('Module did not self-register')) return message;
  }
  return undefined;
}

/**
 * Loads what the CUDA provider needs, so that the loader need not find it by itself: the provider
 * carries no search path. For each library the folders go first, in order, then the loader's own
 * search (LD_LIBRARY_PATH, ldconfig).
 *
 * @param providers the folder with the CUDA provider
 * @param load replaced in tests
 */
export async function loadLibraries(
  providers: string,
  folders: readonly string[],
  load: (file: string) => string | undefined = loadLibrary,
): Promise<CudaLibraries> {
  const needed = (await neededLibraries(path.join(providers, providerName))).filter(isCuda);
  // The driver first: without it nothing else can load.
  const driver = needed.filter((name) => name.startsWith('libcuda.so'));
  const rest = [...needed.filter((name) => !driver.includes(name)), ...neededLater];
  const cudaMajor = majorOf(needed);
  const failures: { readonly library: string; readonly message: string }[] = [];
  for (const library of [...driver, ...dependenciesFirst(rest)]) {
    const message = loadFirst(library, folders, load);
    if (message !== undefined) failures.push({ library, message });
  }
  for (const stem of neededIfThere) {
    const file = folders.flatMap((folder) => versionsOf(stem, folder)).at(0);
    if (file) load(file);
  }
  return { needed: [...driver, ...rest], failures, ...(cudaMajor !== undefined && { cudaMajor }) };
}

/** libcublas needs libcublasLt, libcudnn both. */
const order = ['libcudart', 'libcublasLt', 'libcublas'];
const rank = (name: string): number => (order.indexOf(name.split('.')[0]!) + 1 || order.length + 1) - 1;
const dependenciesFirst = (names: readonly string[]): string[] => [...names].sort((a, b) => rank(a) - rank(b));

/** CUDA's major version is that of its runtime and of cuBLAS. */
function majorOf(needed: readonly string[]): number | undefined {
  const [, major] = needed.map((name) => /^lib(?:cudart|cublas)\.so\.(\d+)/.exec(name)).find(Boolean) ?? [];
  return major === undefined ? undefined : Number(major);
}

function loadFirst(
  library: string,
  folders: readonly string[],
  load: (file: string) => string | undefined,
): string | undefined {
  const files = folders.map((folder) => path.join(folder, library)).filter((file) => existsSync(file));
  let first: string | undefined;
  for (const file of [...files, library]) {
    const message = load(file);
    if (message === undefined) return undefined;
    first ??= message;
  }
  return first;
}

const versionsOf = (stem: string, folder: string): string[] =>
  listed(folder)
    .filter((name) => name.startsWith(stem))
    .map((name) => path.join(folder, name));

/**
 * Where CUDA's libraries may lie: the folders given, as they are and as pip and NVIDIA's installers
 * arrange them, then the usual places of this machine.
 */
export function libraryFolders(given: readonly string[], env: NodeJS.ProcessEnv = process.env): string[] {
  const toolkits = [env.CUDA_HOME, env.CUDA_PATH, '/usr/local/cuda', '/opt/cuda'];
  const usual = toolkits.flatMap((root) => (root ? ['lib64', 'lib'].map((name) => path.join(root, name)) : []));
  const environments = [env.VIRTUAL_ENV, env.CONDA_PREFIX].flatMap((root) => (root ? sitePackages(root) : []));
  const all = [...given.flatMap(arrangements), ...usual, ...environments.flatMap(arrangements)];
  return [...new Set(all)].filter((folder) => existsSync(folder));
}

/**
 * FOLDER, FOLDER/lib, FOLDER/lib64 and, as pip lays out NVIDIA's packages, FOLDER/nvidia/NAME/lib.
 */
function arrangements(folder: string): string[] {
  const packages = [folder, path.join(folder, 'nvidia')].flatMap((root) =>
    listed(root).map((name) => path.join(root, name, 'lib')),
  );
  return [folder, path.join(folder, 'lib'), path.join(folder, 'lib64'), ...packages];
}

const sitePackages = (root: string): string[] =>
  listed(path.join(root, 'lib'))
    .filter((name) => name.startsWith('python3'))
    .map((name) => path.join(root, 'lib', name, 'site-packages', 'nvidia'));

function listed(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
