import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { installVsix } from '../../test/e2e/driver/server.ts';
import { until } from '../../test/e2e/driver/until.ts';
import type { VsCode } from '../../test/e2e/driver/vscode.ts';
import { ourStretches, type CpuProfile } from './profile.ts';

/** Delays of the extension host's event loop, in milliseconds. */
export interface Delays {
  readonly max: number;
  readonly p99: number;
}

/** What our own code did in the extension host. */
export interface Ours {
  /** The longest time that our code, or what it called, held the event loop without a break. */
  readonly longestMs: number;
  /** All of it. */
  readonly totalMs: number;
  /** What of ours the longest stretch spent its time in. */
  readonly longestIn: string;
}

interface Report {
  readonly delays?: Delays;
  readonly profile?: CpuProfile;
}

const manifest = {
  name: 'probe',
  publisher: 'nferd-bench',
  version: '1.0.0',
  engines: { vscode: '^1.100.0' },
  main: './extension.js',
  contributes: {
    commands: ['Delays', 'Profile', 'Report'].map((title) => ({ command: `probe.${title}`, title, category: 'Probe' })),
  },
};

const extension = String.raw`
const vscode = require('vscode');
const { writeFileSync, renameSync } = require('node:fs');
const inspector = require('node:inspector');
const delays = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 });
const file = process.env.NFERD_PROBE;
let report;

function write(value) {
  writeFileSync(file + '.part', JSON.stringify(value));
  renameSync(file + '.part', file);
}

const commands = {
  Delays() {
    delays.enable();
    delays.reset();
    const ms = (nanoseconds) => nanoseconds / 1e6;
    report = () => {
      const found = { max: ms(delays.max), p99: ms(delays.percentile(99)) };
      delays.disable();
      write({ delays: found });
    };
  },
  Profile() {
    const session = new inspector.Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.setSamplingInterval', { interval: 250 });
    session.post('Profiler.start');
    report = () => session.post('Profiler.stop', (error, found) => write({ profile: found.profile }));
  },
  Report: () => report(),
};

exports.activate = (context) => {
  for (const [name, run] of Object.entries(commands)) {
    const command = () => {
      run();
      if (name !== 'Report') write({});
    };
    context.subscriptions.push(vscode.commands.registerCommand('probe.' + name, command));
  }
};
`;

/**
 * Puts a second extension into a running VS Code, which watches the event loop that it shares with
 * ours.
 */
export async function installProbe(code: VsCode, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(path.join(folder, 'README.md'), '# Probe\n\nWatches the event loop.\n');
  await writeFile(path.join(folder, 'extension.js'), extension);
  const packagePath = path.join(folder, 'probe.vsix');
  await createVSIX({ cwd: folder, packagePath, dependencies: false, allowMissingRepository: true, skipLicense: true });
  const root = path.resolve(code.settingsFile, '../../..');
  await installVsix(packagePath, { userData: path.join(root, 'user'), extensions: path.join(root, 'extensions') });
  await code.page.reload();
  await code.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
}

/** How long the event loop was held up while `work` ran, by whomever. */
export async function delaysDuring(code: VsCode, file: string, work: () => Promise<void>): Promise<Delays> {
  return (await during(code, file, 'Delays', work)).delays!;
}

/** How long our code ran in the extension host while `work` did, by the processor's samples. */
export async function oursDuring(code: VsCode, file: string, work: () => Promise<void>): Promise<Ours> {
  const { profile } = await during(code, file, 'Profile', work);
  if (process.env['NFERD_PROFILE']) await writeFile(process.env['NFERD_PROFILE'], JSON.stringify(profile));
  const stretches = ourStretches(profile!, '/nferd.nferd-');
  const longest = stretches.reduce((most, one) => (one.ms > most.ms ? one : most), { ms: 0, where: '' });
  return {
    longestMs: longest.ms,
    longestIn: longest.where,
    totalMs: stretches.reduce((sum, { ms }) => sum + ms, 0),
  };
}

async function during(code: VsCode, file: string, what: string, work: () => Promise<void>): Promise<Report> {
  const content = async (): Promise<Report> => JSON.parse(await readFile(file, 'utf8')) as Report;
  await code.runCommand(`Probe: ${what}`);
  await until('the probe', async () => Object.keys(await content()).length === 0);
  await work();
  await code.runCommand('Probe: Report');
  return until('the report', async () => {
    const report = await content();
    return Object.keys(report).length > 0 && report;
  });
}
