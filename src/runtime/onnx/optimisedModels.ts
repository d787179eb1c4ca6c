import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runtime } from '../cuda/cudaPlace.ts';

/** Models kept; the longest unused go first. */
const most = 12;

/** `NFERD_MODEL_CACHE`, which both front ends set; without it nothing is kept. */
export const modelCache = (env = process.env): string | undefined => env.NFERD_MODEL_CACHE || undefined;

export interface Opened<T> {
  readonly session: T;
  /** Where the model that was opened came from. */
  readonly from: 'given' | 'cache';
}

/**
 * Opens a model as onnxruntime optimised it before; optimising takes a third of the time that
 * opening takes. An optimised model holds for one version of onnxruntime, one provider and one
 * processor. Without a cache that can be written everything works, slower.
 *
 * @param open opens a model: as it is (`optimised`), or optimising it and writing the outcome to
 * `saveTo`
 */
export async function openOptimised<T>(
  model: Uint8Array,
  provider: string,
  folder: string,
  open: (model: Uint8Array, how: { readonly optimised?: true; readonly saveTo?: string }) => Promise<T>,
): Promise<Opened<T>> {
  const hash = createHash('sha256').update([runtime().version, provider, os.cpus()[0]?.model].join('\0')).update(model);
  const file = path.join(folder, `${hash.digest('hex').slice(0, 32)}.onnx`);
  const known = await readFile(file).catch(() => undefined);
  if (known) {
    try {
      const session = await open(known, { optimised: true });
      const now = new Date();
      await utimes(file, now, now).catch(() => undefined);
      return { session, from: 'cache' };
    } catch {
      await rm(file, { force: true }).catch(() => undefined);
    }
  }
  const temporary = `${file}.${randomUUID().slice(0, 8)}.tmp`;
  const writable = await mkdir(folder, { recursive: true }).then(
    () => true,
    () => false,
  );
  if (!writable) return { session: await open(model, {}), from: 'given' };
  try {
    const session = await open(model, { saveTo: temporary });
    await rename(temporary, file)
      .then(() => prune(folder))
      .catch(() => undefined);
    return { session, from: 'given' };
  } catch {
    // A full disk is no reason not to detect; what is wrong with the model comes again.
    return { session: await open(model, {}), from: 'given' };
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.onnx'));
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      return { file, usedMs: (await stat(file)).mtimeMs };
    }),
  );
  const old = files.sort((a, b) => b.usedMs - a.usedMs).slice(most);
  await Promise.all(old.map(({ file }) => rm(file, { force: true })));
}
