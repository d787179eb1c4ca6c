import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { firstLine } from '../files/fileErrors.ts';
import { cudaPlace, providerFiles, providersFolder, runtime } from './cudaPlace.ts';

let linkFailure: string | undefined;

/**
 * Why the CUDA provider could not be put beside onnxruntime; undefined where it is there or none is
 * installed.
 */
export const cudaLinkFailure = (): string | undefined => linkFailure;

/**
 * Loads the binding from a folder of links, so that it finds the CUDA provider; before the package
 * is required.
 */
export function linkCuda(): void {
  if (process.platform !== 'linux') return;
  const place = cudaPlace();
  const { binaries } = runtime();
  const providers = providersFolder(place);
  if (!providers || providers === binaries) return;
  try {
    process.dlopen({ exports: {} }, linkProviders(path.join(place.folder, 'links'), binaries, providers));
  } catch (error) {
    linkFailure = firstLine(error);
  }
}

/**
 * A folder of links in which onnxruntime finds its CUDA provider. libonnxruntime looks for
 * providers in the folder that it was loaded from, by the name it was loaded under; so the binding
 * is loaded from here first, and with it libonnxruntime (its run path is $ORIGIN). The package's
 * own `require` then finds both already loaded.
 *
 * @param links where such folders are kept; the same parts make the same folder, so processes may
 * share it
 * @returns the binding's link
 * @throws Error where the disk has no room or no links
 */
export function linkProviders(links: string, binaries: string, providers: string): string {
  const name = createHash('sha256').update(`${binaries}\0${providers}`).digest('hex').slice(0, 16);
  const folder = path.join(links, name);
  mkdirSync(folder, { recursive: true });
  const parts = [
    ...readdirSync(binaries).map((file) => path.join(binaries, file)),
    ...providerFiles.map((file) => path.join(providers, file)),
  ];
  for (const part of parts) link(part, path.join(folder, path.basename(part)));
  return path.join(folder, 'onnxruntime_binding.node');
}

function link(target: string, file: string): void {
  if (linkTarget(file) === target) return;
  // Another process may do the same: renaming is atomic and the outcome equal.
  const temporary = `${file}.${randomUUID().slice(0, 8)}`;
  symlinkSync(target, temporary);
  renameSync(temporary, file);
}

function linkTarget(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
