import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { providerFiles } from './cudaPlace.ts';

/**
 * A folder of links in which onnxruntime finds its CUDA provider. libonnxruntime looks for providers in the folder that it was
 * loaded from, by the name it was loaded under; so the binding is loaded from here first, and with it libonnxruntime (its run
 * path is $ORIGIN). The package's own `require` then finds both already loaded.
 *
 * @param links where such folders are kept; the same parts make the same folder, so processes may share it
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
