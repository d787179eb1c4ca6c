import '../useFakeVscode.ts';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

const { Work } = await import('../../../../src/extension/features/dataset/work.ts');

let told: string[];
let work: InstanceType<typeof Work>;

beforeEach(() => {
  told = [];
  work = new Work({
    onStart: () => told.push('start'),
    onProgress: (progress) => told.push(progress?.phase ?? 'end'),
    onFailure: (error) => told.push((error as Error).message),
  });
});

/** Work that lasts until it is stopped or let go. */
function lasting() {
  let letGo: () => void = () => undefined;
  const state = { aborted: false };
  const run = ({ signal }: { readonly signal: AbortSignal }) =>
    new Promise<string>((resolve, reject) => {
      letGo = () => resolve('done');
      signal.addEventListener('abort', () => {
        state.aborted = true;
        reject(new Error('cancelled'));
      });
    });
  return { run, state, letGo: () => letGo() };
}

test('one thing at a time', async () => {
  const { run, letGo } = lasting();
  const first = work.run('Importing', run);
  await assert.rejects(work.run('Teaching', run), /under way/);
  letGo();
  assert.equal(await first, 'done');
  assert.deepEqual(told, ['start', 'Importing', 'end']);
  assert.equal(await work.run('Next', async () => 1), 1);
});

test('what fails is told', async () => {
  assert.equal(await work.run('Importing', () => Promise.reject(new Error('no such file'))), undefined);
  assert.deepEqual(told, ['start', 'Importing', 'no such file', 'end']);
});

test('another detector waits for an import, and stops an inspection', async () => {
  const importing = lasting();
  const imported = work.run('Importing', importing.run);
  let settled = false;
  const waiting = work.settle().then(() => (settled = true));
  await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual([settled, importing.state.aborted], [false, false]);
  importing.letGo();
  await waiting;
  assert.equal(await imported, 'done');

  const inspecting = lasting();
  const inspected = work.run('Inspecting', inspecting.run, { inspects: true });
  await work.settle();
  assert.equal(inspecting.state.aborted, true);
  await work.run('Inspecting by the other', async () => 1);
  assert.equal(await inspected, undefined);
  assert.deepEqual(
    told.filter((each) => each === 'cancelled'),
    [],
  );
});
