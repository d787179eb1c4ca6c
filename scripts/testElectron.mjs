// Runs the packaged extension in a desktop VS Code that @vscode/test-electron downloads (npm run
// test:electron). For machines that can download it; elsewhere `npm run test:e2e` drives
// code-server instead. After `npm run package`.
//   VSCODE_VERSION=1.100.0 npm run test:electron      another version than the newest
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';

const root = path.resolve(import.meta.dirname, '..');
const { name, version, engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const vsix = path.join(root, 'out', `${name}-${process.platform}-${process.arch}-${version}.vsix`);
const temporary = mkdtempSync(path.join(tmpdir(), 'nferd-electron-'));
// Profile folders of our own: the packaged extension and nothing else.
const profile = ['extensions', 'user-data'].map((folder) => `--${folder}-dir=${path.join(temporary, folder)}`);

/**
 * test-electron wants an extension in development. An empty one: what is tested is the installed
 * .vsix.
 */
function emptyExtension() {
  const folder = path.join(temporary, 'empty');
  const manifest = { name: 'empty', publisher: 'nferd-tests', version: '1.0.0', engines: { vscode: engines.vscode } };
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

try {
  if (!existsSync(vsix)) throw new Error(`${vsix} is missing: run npm run package first.`);
  const vscodeExecutablePath = await downloadAndUnzipVSCode(process.env.VSCODE_VERSION ?? 'stable').catch((error) => {
    throw new Error(`VS Code could not be downloaded (${error.message}): use npm run test:e2e on this machine.`);
  });
  const [cli] = resolveCliArgsFromVSCodeExecutablePath(vscodeExecutablePath);
  const installed = spawnSync(cli, [...profile, '--install-extension', vsix, '--force'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (installed.status !== 0) throw new Error(`${vsix} could not be installed (exit code ${installed.status}).`);
  await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: emptyExtension(),
    extensionTestsPath: path.join(root, 'test/e2e/electron/smoke.cjs'),
    launchArgs: profile,
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
}
