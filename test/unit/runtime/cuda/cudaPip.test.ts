import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fetchLibraries } from '../../../../src/runtime/cuda/cudaPorts.ts';
import { smiProgram } from '../../../../src/runtime/cuda/cudaProvider.ts';
import { Cancelled } from '../../../../src/services/ports/progress.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'nferd-pip-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const posix = { skip: process.platform === 'win32' };

/**
 * A program in place of Python, a shell script; `run` works with it in the current folder `cwd`.
 */
async function withPython<T>(script: string, cwd: string, run: () => Promise<T>): Promise<T> {
  const python = path.join(folder, 'python.sh');
  writeFileSync(python, `#!/bin/sh\n${script}\n`);
  chmodSync(python, 0o755);
  const before = { cwd: process.cwd(), python: process.env.NFERD_PYTHON };
  process.chdir(cwd);
  process.env.NFERD_PYTHON = `./${path.relative(cwd, python)}`;
  try {
    return await run();
  } finally {
    process.chdir(before.cwd);
    delete process.env.NFERD_PYTHON;
    if (before.python !== undefined) process.env.NFERD_PYTHON = before.python;
  }
}

test('pip of the current folder is not executed', posix, async () => {
  const repository = path.join(folder, 'repository');
  mkdirSync(path.join(repository, 'pip'), { recursive: true });
  for (const name of ['__init__.py', '__main__.py'])
    writeFileSync(path.join(repository, 'pip', name), `open(${JSON.stringify(path.join(folder, 'pwned'))}, 'w')\n`);
  // The command as it is, but that pip only tells its version: without Python it fails, which
  // proves nothing but harms nobody.
  const script =
    `pwd > ${folder}/where; echo $PYTHONSAFEPATH >> ${folder}/where; echo "$@" >> ${folder}/where; ` +
    'exec python3 -m pip --version';
  await withPython(script, repository, () => fetchLibraries(['libcurand.so.10'], 12, 'into')).catch(() => undefined);
  assert.ok(!existsSync(path.join(folder, 'pwned')));
  const [where, safe, command] = readFileSync(path.join(folder, 'where'), 'utf8').split('\n');
  assert.match(where!, /nferd-pip-\w{6}$/);
  assert.equal(existsSync(where!), false);
  assert.equal(safe, '1');
  assert.match(command!, new RegExp(`^-m pip install .*--target ${repository}/into nvidia-curand-cu12>=10,<11$`));
});

test('stopped, pip is killed', posix, async () => {
  const aborter = new AbortController();
  const work = withPython('exec sleep 60', folder, () =>
    fetchLibraries(['libcudart.so.12'], 12, folder, aborter.signal),
  );
  setTimeout(() => aborter.abort(), 30);
  await assert.rejects(work, Cancelled);
  const early = withPython('exec sleep 60', folder, () =>
    fetchLibraries(['libcudart.so.12'], 12, folder, AbortSignal.abort()),
  );
  await assert.rejects(early, Cancelled);
});

test('what pip says last is told in one line', posix, async () => {
  const work = withPython('echo one >&2; echo ERROR: no index >&2; exit 1', folder, () =>
    fetchLibraries(['libcudart.so.12'], 12, folder),
  );
  await assert.rejects(work, /pip could not fetch them \(ERROR: no index\)\. Install [^\n]*$/);
});

test('nvidia-smi is named by its place on Windows', () => {
  assert.equal(smiProgram('win32', 'D:\\Win'), 'D:\\Win\\System32\\nvidia-smi.exe');
  assert.equal(smiProgram('linux'), 'nvidia-smi');
});
