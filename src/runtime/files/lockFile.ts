import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../services/ports/errors.ts';
import { errorCode, fileError } from './fileErrors.ts';

/**
 * Work under a lock takes milliseconds: an older one is taken over, also where a process of its
 * number is alive (by now another one) or can't be asked for (another machine's, on a network
 * disk).
 */
const staleMs = 15_000;
/**
 * A lock that looks that old must be there this long while we watch: a machine that slept wakes up
 * with its locks held.
 */
const watchMs = 1000;
const pollMs = 15;

/**
 * Locks of this process; a file's callers queue up here first, so that only one of them at a time
 * meets the other processes.
 */
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` alone, among all processes that ask for the same file: `file.lock` is there meanwhile
 * and tells whose it is. A lock whose process is gone, or that is far older than any work takes, is
 * taken over.
 * @throws UserError where another process holds it for `patienceMs`
 */
export async function locked<T>(file: string, work: () => Promise<T>, patienceMs = 10_000): Promise<T> {
  const key = path.resolve(file);
  const before = queues.get(key) ?? Promise.resolve();
  const turn = before.then(() => alone(`${key}.lock`, work, patienceMs));
  const settled = turn.catch(() => undefined);
  queues.set(key, settled);
  void settled.then(() => queues.get(key) === settled && queues.delete(key));
  return turn;
}

async function alone<T>(lock: string, work: () => Promise<T>, patienceMs: number): Promise<T> {
  const owner = `${process.pid} ${hostname()} ${randomUUID()}\n`;
  await take(lock, owner, patienceMs);
  try {
    return await work();
  } finally {
    // Ours may have been taken over while this process slept.
    if ((await readFile(lock, 'utf8').catch(() => '')) === owner)
      await rm(lock, { force: true }).catch(() => undefined);
  }
}

async function take(lock: string, owner: string, patienceMs: number): Promise<void> {
  const start = performance.now();
  let seen: { readonly held: string; readonly since: number } | undefined;
  for (;;) {
    try {
      await mkdir(path.dirname(lock), { recursive: true });
      await create(lock, owner);
      return;
    } catch (error) {
      // Windows says EPERM for a file that is just being deleted.
      if (errorCode(error) !== 'EEXIST' && !(errorCode(error) === 'EPERM' && process.platform === 'win32'))
        throw fileError('write', lock, error);
    }
    const held = await readFile(lock, 'utf8').catch(() => undefined);
    if (held !== undefined && held !== seen?.held) seen = { held, since: performance.now() };
    if (held !== undefined && (await isStale(lock, held, performance.now() - seen!.since))) await takeOver(lock, held);
    else if (performance.now() - start > patienceMs)
      throw new UserError(
        `${lock}: held by process ${held?.split(' ')[0] ?? 'unknown'} for ` +
          `${Math.round(patienceMs / 1000)} s. Close the other window, or delete the file.`,
      );
    else await sleep(pollMs * (0.5 + Math.random()));
  }
}

/** The lock appears with its content: an empty one would belong to nobody. */
async function create(lock: string, owner: string): Promise<void> {
  const own = `${lock}.${randomUUID()}`;
  const handle = await open(own, 'wx');
  try {
    await handle.writeFile(owner);
    await handle.close();
    await link(own, lock).catch(async (error: unknown) => {
      if (errorCode(error) === 'EEXIST') throw error;
      // A disk without hard links.
      const made = await open(lock, 'wx');
      await made.writeFile(owner).finally(() => made.close());
    });
  } finally {
    await rm(own, { force: true });
  }
}

async function isStale(lock: string, held: string, watchedMs: number): Promise<boolean> {
  const [pid, host] = held.trim().split(' ');
  if (host === hostname() && !isAlive(Number(pid))) return true;
  if (watchedMs < watchMs) return false;
  const found = await stat(lock).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > staleMs;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Moves a stale lock away; one that is somebody's fresh one by now is put back. */
async function takeOver(lock: string, stale: string): Promise<void> {
  const moved = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, moved);
    if ((await readFile(moved, 'utf8')) !== stale) await link(moved, lock).catch(() => undefined);
  } catch {
    // Somebody else was quicker.
  }
  await rm(moved, { force: true });
}
