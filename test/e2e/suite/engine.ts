import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { until } from '../driver/until.ts';
import type { VsCode } from '../driver/vscode.ts';

/**
 * The process of the engine that this VS Code started, as soon as there is one: its script lies in
 * the folder of this VS Code's extensions, which no other has. (Linux.)
 */
export const enginePid = (code: VsCode): Promise<number> => until('an engine', async () => (await enginePids(code))[0]);

/** Those of all windows, at this moment. */
export async function enginePids({ settingsFile }: VsCode): Promise<number[]> {
  const extensions = path.resolve(settingsFile, '../../../extensions');
  const pids: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.some((word) => word.startsWith(extensions) && word.endsWith('worker.mjs'))) pids.push(Number(pid));
  }
  return pids;
}
