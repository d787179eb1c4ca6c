import { randomUUID } from 'node:crypto';
import { cp, lstat, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { detectorFile, taughtFolder } from '../../../dataset/onDisk.ts';
import { freeName } from '../detectors/detectorNames.ts';

/** A detector that waits to be accepted. */
export interface Taught {
  readonly name: string;
  readonly folder: string;
}

/** Older ones were left behind by a window that was killed. */
const forgottenMs = 24 * 60 * 60 * 1000;

const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );
/** `parts`, `parts-2` and so on: the first that is free. */
const freeIn = (parent: string, name: string): Promise<string> =>
  freeName(name.replace(/-\d+$/, ''), (each) => exists(path.join(parent, each)));

/**
 * Where a new version of `detector` waits: a folder of its own below `taught`, which no other
 * teaching and no other window shares.
 * @param parent the folder that detectors are in
 */
export async function newTaught(detector: string, parent: string): Promise<Taught> {
  const name = await freeIn(parent, path.basename(detector));
  const taught = path.join(path.dirname(parent), taughtFolder);
  await removeForgotten(taught);
  const own = path.join(taught, randomUUID());
  await mkdir(own, { recursive: true });
  return { name, folder: path.join(own, name) };
}

async function removeForgotten(taught: string): Promise<void> {
  for (const name of await readdir(taught).catch(() => [])) {
    const folder = path.join(taught, name);
    const found = await lstat(folder).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > forgottenMs) await rm(folder, { recursive: true, force: true });
  }
}

/** Deletes it with the folder that it waits in. */
export const removeTaught = ({ folder }: Taught): Promise<void> =>
  rm(path.dirname(folder), { recursive: true, force: true });

/**
 * Moves it among the detectors, under a name that is free now, as the newest of them; another
 * detector is never written over.
 * @param move for tests
 * @returns its name there
 */
export async function acceptTaught(taught: Taught, parent: string, move = rename): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (;;) {
    const name = await freeIn(parent, taught.name);
    const to = path.join(parent, name);
    await nameDetector(taught.folder, name);
    try {
      await moveFolder(taught.folder, to, move);
    } catch (error) {
      // Another window took the name in between.
      if (await exists(to)) continue;
      throw error;
    }
    const now = new Date();
    await utimes(path.join(to, detectorFile), now, now).catch(() => undefined);
    await removeTaught(taught).catch(() => undefined);
    return name;
  }
}

/**
 * A detector is called as its folder is. The model's metadata keep the name it was taught under:
 * the model's hash is the detector's version.
 */
async function nameDetector(folder: string, name: string): Promise<void> {
  const file = path.join(folder, detectorFile);
  const record = JSON.parse(await readFile(file, 'utf8')) as { readonly name?: string };
  if (record.name === name) return;
  const half = `${file}.${randomUUID()}`;
  await writeFile(half, `${JSON.stringify({ ...record, name })}\n`);
  await rename(half, file);
}

/** To another disk by a copy that is hidden until it is whole. */
async function moveFolder(from: string, to: string, move: typeof rename): Promise<void> {
  try {
    await move(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const half = path.join(path.dirname(to), `.${path.basename(to)}-${randomUUID()}`);
    try {
      await cp(from, half, { recursive: true });
      await rename(half, to);
    } catch (fault) {
      await rm(half, { recursive: true, force: true });
      throw fault;
    }
  }
}
