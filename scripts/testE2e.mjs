// The end-to-end tests in a real VS Code: sets the host up (minutes, once), then runs test/e2e.
// Screenshots: test/e2e/artifacts.
//   npm run test:e2e                          fails where the host can't be set up
//   node scripts/testE2e.mjs --or-skip        says so and passes there (part of npm test); any other failure fails
//   npm run test:e2e -- around a11y           only files whose names begin so
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

/** setup.sh's exit code where the machine can't: no Debian, no root, no network. */
const cannot = 3;
const e2e = path.resolve(import.meta.dirname, '../test/e2e');
const given = process.argv.slice(2);
const wanted = given.filter((argument) => !argument.startsWith('-'));

const setup = spawnSync('bash', [path.join(e2e, 'host/setup.sh')], { stdio: 'inherit' });
const reason = setup.error ? `no bash (${setup.error.message})` : 'the reason is above';
if (setup.error || setup.status === cannot) {
  const skip = given.includes('--or-skip');
  console.error(
    `End-to-end tests ${skip ? 'SKIPPED' : 'NOT RUN'}: their VS Code can't be set up on this machine; ${reason}.`,
  );
  process.exit(skip ? 0 : 1);
}
if (setup.status !== 0) process.exit(setup.status ?? 1);

const files = ['.', 'driver']
  .flatMap((folder) => readdirSync(path.join(e2e, folder)).map((name) => path.join(folder, name)))
  .filter((name) => name.endsWith('.test.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((start) => path.basename(name).startsWith(start)))
  .map((name) => path.join('test/e2e', name))
  .sort();
if (files.length === 0) throw new Error(`No end-to-end test is called ${wanted.join(' or ')}.`);
const flags = ['--import', 'tsx', '--test', '--test-concurrency=1', '--test-reporter=spec'];
const tests = spawnSync(process.execPath, [...flags, ...files], {
  cwd: path.dirname(path.dirname(e2e)),
  stdio: 'inherit',
});
process.exit(tests.status ?? 1);
