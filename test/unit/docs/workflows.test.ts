import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { root } from '../../../scripts/docs/documents.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[]; readonly permissions?: object }>>;
}

const folder = path.join(root, '.github/workflows');
const names = readdirSync(folder);
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const builtIn = ['ci', 'version', 'start', 'test'];

/** What a script of a step runs that is not there. */
function missing(run: string): string[] {
  const npm = [...run.matchAll(/\bnpm (run )?([\w:-]+)/g)].flatMap(([whole, isScript, name]) =>
    isScript || !builtIn.includes(name!) || ['start', 'test'].includes(name!) ? (name! in scripts ? [] : [whole]) : [],
  );
  const files = [...run.matchAll(/(?:^|[\s(])((?:scripts|test|\.ci)\/[\w./-]+)/gm)].map(([, file]) => file!);
  return [...npm, ...files.filter((file) => !existsSync(path.join(root, file)))];
}

test('the rule sees what is missing', () => {
  assert.deepEqual(missing('npm run no:such\nnode scripts/none.mjs && npm ci && npm run build'), [
    'npm run no:such',
    'scripts/none.mjs',
  ]);
});

for (const name of names) {
  const workflow = parse(readFileSync(path.join(folder, name), 'utf8')) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  test(`${name}: every script that it runs exists`, () => {
    assert.deepEqual(
      steps.flatMap(({ run = '' }) => missing(run)),
      [],
    );
  });

  test(`${name}: actions are GitHub's own, by their major version; rights are to read unless a job says more`, () => {
    const strange = steps.flatMap(({ uses }) => (uses && !/^actions\/[\w-]+@v\d+$/.test(uses) ? [uses] : []));
    assert.deepEqual(strange, []);
    assert.deepEqual(workflow.permissions, { contents: 'read' });
  });

  test(`${name}: what others write is never pasted into a script`, () => {
    for (const { run = '' } of steps) assert.doesNotMatch(run, /\$\{\{/);
  });
}

test('the scripts that they run by name can be executed', () => {
  assert.ok(statSync(path.join(root, '.ci/run')).mode & 0o100);
});

for (const name of readdirSync(path.join(root, '.github/ISSUE_TEMPLATE')))
  test(`issue form ${name} is YAML with what GitHub asks for`, () => {
    const form = parse(readFileSync(path.join(root, '.github/ISSUE_TEMPLATE', name), 'utf8')) as Record<
      string,
      unknown
    >;
    if (name === 'config.yml') return;
    for (const key of ['name', 'description', 'body']) assert.ok(form[key], key);
  });

test('the editor is told of tasks that exist', () => {
  const read = (name: string) =>
    JSON.parse(readFileSync(path.join(root, name), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '')) as Record<string, unknown>;
  const { configurations } = read('.vscode/launch.json') as { configurations: { preLaunchTask?: string }[] };
  const { tasks } = read('.vscode/tasks.json') as { tasks: { label: string; script: string }[] };
  for (const { script } of tasks) assert.ok(script in scripts, script);
  const wanted = configurations.flatMap(({ preLaunchTask }) => preLaunchTask ?? []);
  assert.deepEqual(
    wanted.filter((label) => !tasks.some((task) => task.label === label)),
    [],
  );
});

test('what F5 hands to the extension is known there', () => {
  const launch = readFileSync(path.join(root, '.vscode/launch.json'), 'utf8');
  const names = [...launch.matchAll(/NFERD_\w+/g)].map(([name]) => name);
  assert.ok(names.length > 0);
  const fork = readFileSync(path.join(root, 'src/extension/features/engine/forkEngine.ts'), 'utf8');
  for (const name of names) assert.ok(fork.includes(name), name);
});
