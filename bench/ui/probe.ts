import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { installVsix } from '../../test/e2e/driver/server.ts';
import { until } from '../../test/e2e/driver/until.ts';
import type { VsCode } from '../../test/e2e/driver/vscode.ts';

/** Delays of the extension host's event loop, in milliseconds. */
export interface Delays {
  readonly max: number;
  readonly p99: number;
}

const manifest = {
  name: 'probe',
  publisher: 'nferd-bench',
  version: '1.0.0',
  engines: { vscode: '^1.100.0' },
  main: './extension.js',
  contributes: {
    commands: [
      { command: 'probe.start', title: 'Start', category: 'Probe' },
      { command: 'probe.report', title: 'Report', category: 'Probe' },
    ],
  },
};

const extension = String.raw`
const vscode = require('vscode');
const { writeFileSync } = require('node:fs');
const delays = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 });

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand('probe.start', () => {
      delays.enable();
      delays.reset();
      writeFileSync(process.env.NFERD_PROBE, '{}');
    }),
    vscode.commands.registerCommand('probe.report', () => {
      const ms = (nanoseconds) => nanoseconds / 1e6;
      writeFileSync(process.env.NFERD_PROBE, JSON.stringify({ max: ms(delays.max), p99: ms(delays.percentile(99)) }));
    }),
  );
};
`;

/** Puts a second extension into a running VS Code, which watches the event loop that it shares with ours. */
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

/** Runs `work` and returns how long the event loop was held up meanwhile. */
export async function delaysDuring(code: VsCode, file: string, work: () => Promise<void>): Promise<Delays> {
  const content = async (): Promise<string> => readFile(file, 'utf8');
  await code.runCommand('Probe: Start');
  await until('the probe', async () => (await content()) === '{}');
  await work();
  await code.runCommand('Probe: Report');
  return JSON.parse(await until('the report', async () => /max.*\}/.test(await content()) && content())) as Delays;
}
