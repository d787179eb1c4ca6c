import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { Machine } from '../services/doctor/doctor.ts';
import { bundledProviders } from './onnx/providers.ts';

/** This process and its machine, as they are now. */
export const machine = (): Machine => ({
  versions: {
    ...Object.fromEntries(['onnxruntime-node', 'sharp'].map((name) => [name, versionOf(name)])),
    node: process.versions.node,
  },
  platform: `${process.platform}-${process.arch}`,
  processor: os.cpus()[0]?.model.trim() ?? 'unknown processor',
  cores: os.cpus().length,
  freeBytes: os.freemem(),
  totalBytes: os.totalmem(),
  residentBytes: process.memoryUsage().rss,
  bundledProviders: bundledProviders().flatMap(({ name, bundled }) => (bundled ? [name] : [])),
});

/** The installed version of a package, whatever it exports; `unknown` where it can't be told. */
function versionOf(name: string): string {
  try {
    let folder = path.dirname(createRequire(import.meta.url).resolve(name));
    while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
    return (
      (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version?: string }).version ?? 'unknown'
    );
  } catch {
    return 'unknown';
  }
}
