import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { WantedFile } from '../../services/ports/teacherPorts.ts';
import type { CudaPackage } from '../../services/cuda/cudaRuntime.ts';
import { UserError } from '../../services/ports/errors.ts';
import { runtime } from './cudaPlace.ts';
import { get, type Environment } from '../net/downloadRequest.ts';
import { firstLine } from '../files/fileErrors.ts';

/** What onnxruntime-node's own install script reads (script/install-metadata.js). */
export interface InstallMetadata {
  readonly requirements: Readonly<Record<string, readonly string[]>>;
  readonly manifests: Readonly<
    Record<string, Readonly<Record<string, { readonly package: string; readonly path: string }>>>
  >;
  readonly packages: Readonly<
    Record<
      string,
      { readonly name: string; readonly versions: readonly { readonly feed: string; readonly version: string }[] }
    >
  >;
  readonly feeds: Readonly<Record<string, { readonly type: string; readonly index: string }>>;
}

/** TensorRT's provider is in the package as well; we don't use it. */
const isWanted = (name: string): boolean => !name.includes('tensorrt');

export function installMetadata(): InstallMetadata {
  const require = createRequire(import.meta.url);
  try {
    return require(path.join(runtime().folder, 'script/install-metadata.js')) as InstallMetadata;
  } catch (error) {
    throw new UserError(
      `onnxruntime-node says nothing on where its CUDA libraries are (${firstLine(error)}). Set ` +
        'NFERD_CUDA_SOURCE to their package.',
      { cause: error },
    );
  }
}

/**
 * Finds the package with the CUDA provider of this onnxruntime. The source is the one that
 * onnxruntime-node's install script uses, or what `NFERD_CUDA_SOURCE` names: a package feed's index
 * (`…/index.json`), a package's address, or a file on this machine (a .nupkg, or the wheel of
 * onnxruntime-gpu of the same version).
 * @throws UserError
 */
export async function locateCuda(
  env: Environment = process.env,
  metadata: InstallMetadata = installMetadata(),
  target = `${process.platform}/${process.arch}`,
): Promise<CudaPackage> {
  const name = metadata.requirements[target]?.find((requirement) => requirement.startsWith('cuda'));
  const manifest = name === undefined ? undefined : metadata.manifests[`${target}:${name}`];
  if (!name || !manifest) throw new UserError(`onnxruntime has no CUDA for ${target}. It has it for Linux on x64.`);
  const parts = Object.entries(manifest).filter(([file]) => isWanted(file));
  const files: WantedFile[] = parts.map(([file, part]) => ({ name: path.basename(file), pathInPackage: part.path }));
  const wanted = metadata.packages[parts[0]![1].package]!;
  const { feed, version } = wanted.versions[0]!;
  const cudaMajor = Number(/\d+/.exec(name)?.[0]) || undefined;
  const own = env.NFERD_CUDA_SOURCE;
  if (own && !isFeed(own)) return given(own, version, files);
  const index = own || metadata.feeds[feed]!.index;
  const found = await inFeed(index, wanted.name.toLowerCase(), version.toLowerCase(), env);
  return { version, files, ...(cudaMajor !== undefined && { cudaMajor }), ...found };
}

const isFeed = (source: string): boolean => /^https?:.*\.json$/.test(source);

async function given(source: string, version: string, files: readonly WantedFile[]): Promise<CudaPackage> {
  if (/^https?:/.test(source)) return { version, files, source };
  const found = await stat(source).catch(() => undefined);
  if (!found?.isFile()) throw new UserError(`${source}: no such file. Correct NFERD_CUDA_SOURCE or remove it.`);
  return { version, files, source: path.resolve(source), bytes: found.size };
}

interface ServiceIndex {
  readonly resources?: readonly { readonly '@id': string; readonly '@type': string }[];
}

/**
 * The NuGet v3 protocol: the index names the services; one has the packages, another their size and
 * checksum.
 */
async function inFeed(index: string, name: string, version: string, env: Environment) {
  const { resources = [] } = await json<ServiceIndex>(index, env);
  const service = (type: string) => resources.find((resource) => resource['@type'].startsWith(type))?.['@id'];
  const packages = service('PackageBaseAddress/3');
  if (!packages) throw new UserError(`${index}: no package feed. Correct NFERD_CUDA_SOURCE or remove it.`);
  const base = packages.replace(/\/?$/, '/');
  const { versions = [] } = await json<{ readonly versions?: readonly string[] }>(`${base}${name}/index.json`, env);
  if (!versions.includes(version))
    throw new UserError(`${index}: has no ${name} ${version}. Update NFERD, or set NFERD_CUDA_SOURCE to another feed.`);
  const source = `${base}${name}/${version}/${name}.${version}.nupkg`;
  const registrations = service('RegistrationsBaseUrl/3.6') ?? service('RegistrationsBaseUrl');
  return { source, ...(registrations && (await stated(registrations, name, version, env))) };
}

/**
 * Size and checksum, where the feed states them; without, the files' own CRC-32 are all there is.
 */
async function stated(registrations: string, name: string, version: string, env: Environment) {
  try {
    const leaf = await json<{ readonly catalogEntry?: unknown }>(
      `${registrations.replace(/\/?$/, '/')}${name}/${version}.json`,
      env,
    );
    if (typeof leaf.catalogEntry !== 'string') return {};
    const entry = await json<{ packageSize?: number; packageHash?: string; packageHashAlgorithm?: string }>(
      leaf.catalogEntry,
      env,
    );
    const { packageSize, packageHash, packageHashAlgorithm } = entry;
    return {
      ...(packageSize !== undefined && { bytes: packageSize }),
      ...(packageHash &&
        packageHashAlgorithm === 'SHA512' && { sha512: Buffer.from(packageHash, 'base64').toString('hex') }),
    };
  } catch {
    return {};
  }
}

const largestJson = 8 * 2 ** 20;

async function json<T>(url: string, env: Environment): Promise<T> {
  try {
    const headers = { 'User-Agent': 'nferd', Accept: 'application/json', 'Accept-Encoding': 'identity' };
    const signal = AbortSignal.timeout(60_000);
    const { response } = await get(url, { headers, env, stallMs: 30_000, signal });
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of response as AsyncIterable<Buffer>) {
      if ((bytes += part.length) > largestJson) throw new Error('the answer is too long');
      parts.push(part);
    }
    if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`);
    const body = Buffer.concat(parts);
    // Some answers are stored compressed and sent so whatever is asked for.
    const text = response.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    return JSON.parse(text.toString('utf8')) as T;
  } catch (error) {
    throw new UserError(
      `${url}: can't be read (${firstLine(error)}). Check the network and the proxy, or set ` +
        'NFERD_CUDA_SOURCE to the package.',
      { cause: error },
    );
  }
}
