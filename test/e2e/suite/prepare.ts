import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { startVsCode, type VsCode } from '../driver/vscode.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);
const node = (...given: string[]): Promise<unknown> => run(process.execPath, given, { cwd: root });

/** A workspace with a set in it, and a VS Code with the packaged extension on it. */
export interface Prepared {
  readonly code: VsCode;
  /** The workspace folder. */
  readonly folder: string;
  dispose(): Promise<void>;
}

export interface Wanted {
  /** Subfolder of test/e2e/artifacts. */
  readonly name: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** For the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** Draws into the folder; the demo set (16 normal images, 3 of each defect) where absent. */
  readonly draw?: (folder: string) => Promise<unknown>;
  /** Called with that folder before VS Code starts. @returns a path to open that instead of it */
  readonly before?: (folder: string) => Promise<unknown>;
}

const smallDemoSet = (folder: string) => makeDemoSet(folder, { train: 16, testGood: 3, perDefect: 3 });

/** Packages, draws a set into a temporary folder, starts VS Code there. */
export async function prepare({ name, settings, env, draw = smallDemoSet, before }: Wanted): Promise<Prepared> {
  const vsix = await packagedExtension();
  const folder = await mkdtemp(path.join(tmpdir(), 'nferd-demo-'));
  const clean = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    await draw(folder);
    const given = await before?.(folder);
    const opened = typeof given === 'string' ? given : folder;
    const code = await startVsCode({ folder: opened, vsix, name, ...(settings && { settings }), ...(env && { env }) });
    const dispose = async (): Promise<void> => {
      await code.dispose();
      await clean();
    };
    return { code, folder, dispose };
  } catch (error) {
    await clean();
    throw error;
  }
}

/** Where a detector that the extension shall find goes. */
export const detectorFolder = (folder: string, name: string): string => path.join(folder, '.nferd/detectors', name);

/** Trains by the command line as it is packaged; `flags` as in `nferd train --help`. */
export async function trainOn(set: string, out: string, ...flags: string[]): Promise<void> {
  await mkdir(path.dirname(out), { recursive: true });
  await node('dist/cli.mjs', 'train', set, '--out', out, ...flags);
}

/** On the demo set. */
export const train = (folder: string, out: string, ...flags: string[]): Promise<void> =>
  trainOn(path.join(folder, 'flange'), out, ...flags);

export interface DemoSet {
  readonly seed?: number;
  readonly train: number;
  readonly testGood: number;
  readonly perDefect: number;
}

/** Draws `folder/flange`. */
export async function makeDemoSet(folder: string, set: DemoSet): Promise<void> {
  // By its address: the compiler would want the script inside this project.
  const script = pathToFileURL(path.join(root, 'scripts/demo/makeDemo.ts')).href;
  const { makeDemo } = (await import(script)) as {
    makeDemo(to: string, options: DemoSet): Promise<string>;
  };
  await makeDemo(folder, set);
}

const sources = ['src', 'models', 'media', 'package.json', 'package.nls.json', 'esbuild.mjs', 'scripts/package.mjs'];

/** The .vsix for this machine; built anew where a source is newer. */
async function packagedExtension(): Promise<string> {
  const target = `${process.platform}-${process.arch}`;
  const built = async (): Promise<{ file: string; ms: number } | undefined> => {
    const names = await readdir(path.join(root, 'out')).catch(() => [] as string[]);
    const name = names
      .filter((each) => each.includes(`-${target}-`) && each.endsWith('.vsix'))
      .sort()
      .at(-1);
    const file = path.join(root, 'out', name ?? '');
    return name ? { file, ms: (await stat(file)).mtimeMs } : undefined;
  };
  const newest = Math.max(...(await Promise.all(sources.map((each) => newestMs(path.join(root, each))))));
  const found = await built();
  if (found && found.ms > newest && (await newestMs(path.join(root, 'dist/cli.mjs'))) > 0) return found.file;
  await node('esbuild.mjs');
  await node('scripts/package.mjs');
  return (await built())!.file;
}

async function newestMs(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
  const names = await readdir(file);
  return Math.max(0, ...(await Promise.all(names.map((name) => newestMs(path.join(file, name))))));
}
