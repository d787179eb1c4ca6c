import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { float32 } from '../../../src/graph/tensor.ts';
import { openFaster } from '../../../src/runtime/halfForm.ts';
import type { Session } from '../../../src/services/sessionPort.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'nferd-half-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const [whole, half] = [0, 1];
/** Sessions of a model (its last byte 0) and its 16-bit form (1), which takes so long and answers so. */
function machine(given: { readonly ms: number; readonly value?: number; readonly fails?: 'opening' | 'running' }) {
  const told = { opened: [] as number[], released: [] as number[] };
  const open = (model: Uint8Array): Promise<Session> => {
    const kind = model.at(-1)!;
    told.opened.push(kind);
    if (kind === half && given.fails === 'opening') return Promise.reject(new Error('no 16 bits here'));
    return Promise.resolve({
      executionProvider: 'somewhere',
      outputNames: ['map'],
      atOnce: 1,
      async run() {
        if (kind === half && given.fails === 'running') throw new Error('no 16 bits here');
        await pause(kind === half ? given.ms : 20);
        return { map: float32([kind === half ? (given.value ?? 1) : 1]) };
      },
      release: () => Promise.resolve(void told.released.push(kind)),
    });
  };
  return { told, open };
}
const form = { make: () => Uint8Array.of(9, half), feeds: () => ({}), output: 'map' };
let models = 0;
const fresh = (): Uint8Array => Uint8Array.of(++models, whole);
const trials = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.float16.json'));

test('the faster form is run, the other let go; the next time no trial is made', async () => {
  const model = fresh();
  const { told, open } = machine({ ms: 2 });
  const session = await openFaster(model, form, 'somewhere', open, folder);
  assert.equal(session.float16, true);
  assert.deepEqual(told, { opened: [whole, half], released: [whole] });
  const [file] = trials();
  assert.equal((JSON.parse(readFileSync(path.join(folder, file!), 'utf8')) as { float16: boolean }).float16, true);
  const again = machine({ ms: 2 });
  assert.equal((await openFaster(model, form, 'somewhere', again.open, folder)).float16, true);
  assert.deepEqual(again.told.opened, [half]);
});

test('slower, or wrong: the model itself', async () => {
  for (const given of [{ ms: 40 }, { ms: 2, value: 1.5 }]) {
    const model = fresh();
    const { told, open } = machine(given);
    const session = await openFaster(model, form, 'somewhere', open, folder);
    assert.notEqual(session.float16, true);
    assert.deepEqual(told, { opened: [whole, half], released: [half] });
    const again = machine(given);
    await openFaster(model, form, 'somewhere', again.open, folder);
    assert.deepEqual(again.told.opened, [whole]);
  }
});

test('where it fails, the model itself, and no trial is kept for other processes', async () => {
  const before = trials().length;
  for (const fails of ['opening', 'running'] as const) {
    const { open, told } = machine({ ms: 2, fails });
    assert.notEqual((await openFaster(fresh(), form, 'somewhere', open, folder)).float16, true);
    assert.deepEqual(told.released, fails === 'running' ? [half] : []);
  }
  assert.equal(trials().length, before);
});

test('what was found is read from the disk by another process, and made anew where it is damaged', async () => {
  const known = trials();
  const model = fresh();
  await openFaster(model, form, 'somewhere', machine({ ms: 2 }).open, folder);
  const file = path.join(
    folder,
    trials().find((name) => !known.includes(name))!,
  );
  // As another process would, which has nothing in memory: another instance of the module.
  const another = async (name: string) =>
    (await import(`../../../src/runtime/halfForm.ts?${name}`)) as { openFaster: typeof openFaster };
  const other = await another('other');
  const reading = machine({ ms: 2 });
  await other.openFaster(model, form, 'somewhere', reading.open, folder);
  assert.deepEqual(reading.told.opened, [half]);
  writeFileSync(file, '{"float16"');
  const third = await another('third');
  const damaged = machine({ ms: 2 });
  await third.openFaster(model, form, 'somewhere', damaged.open, folder);
  assert.deepEqual(damaged.told.opened, [whole, half]);
  assert.match(readFileSync(file, 'utf8'), /"float16":true/);
});

test('without a folder it works as well', async () => {
  assert.equal((await openFaster(fresh(), form, 'somewhere', machine({ ms: 2 }).open, undefined)).float16, true);
});
