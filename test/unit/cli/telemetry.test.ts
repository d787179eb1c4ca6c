import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { drawPlates, workplace } from './workplace.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const { at, nferd, remove } = workplace();
after(remove);

/** The command line in a process of its own, whose home folder is empty. */
function nferdAtHome(home: string, args: readonly string[]) {
  const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, XDG_DATA_HOME: ___, ...env } = process.env;
  const main = ['--import', 'tsx', path.join(root, 'src/cli/main.ts')];
  return spawnSync(process.execPath, [...main, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...env, HOME: home, USERPROFILE: home, LOCALAPPDATA: home, APPDATA: home, NFERD_MODEL_CACHE: '' },
  });
}

test('onnxruntime sends nothing, and 300 images on the command line are no crash', async () => {
  const plate = await drawPlates(at);
  const trained = await nferd(['train', plate, '--out', at('plate.nferd'), '--size', '128', '--threads', '1']);
  assert.equal(trained.code, 0, trained.err.join('\n'));
  mkdirSync(at('many'));
  mkdirSync(at('home'));
  const images = Array.from({ length: 300 }, (_, i) => at(`many/${'a-long-name-'.repeat(5)}${i}.png`));
  for (const image of images) copyFileSync(at('plate/test/good/0.png'), image);
  const { status, signal, stdout, stderr } = nferdAtHome(at('home'), [
    'detect',
    ...images,
    ...['--no-files', '--model', at('plate.nferd'), '--provider', 'cpu', '--threads', '1'],
  ]);
  assert.equal(signal, null, stderr);
  assert.ok(status === 0 || status === 1, stderr);
  assert.equal(stdout.trim().split('\n').length, images.length);
  const written = readdirSync(at('home'), { recursive: true, encoding: 'utf8' });
  assert.deepEqual(
    written.filter((name) => /microsoft|onnx(?!$)|\.db/i.test(name)),
    [],
    'nothing is queued for anyone',
  );
});

test('a thread that could not switch it off loads no onnxruntime', async () => {
  const source = pathToFileURL(path.join(root, 'src/runtime/ort.ts')).href;
  const script = `
    const post = (said) => require('node:worker_threads').parentPort.postMessage(said);
    import('tsx/esm/api')
      .then(({ register }) => (register(), import(${JSON.stringify(source)})))
      .then(({ ort }) => ort())
      .then(() => post('loaded'), (error) => post(error.message));`;
  const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
  const worker = new Worker(script, { eval: true, env });
  const said = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  assert.match(String(said), /ORT_DISABLE_TELEMETRY is not set/);
});

test('the native library still knows the switch', () => {
  const folder = path.join(root, 'node_modules/onnxruntime-node/bin/napi-v6', process.platform, process.arch);
  const library = readdirSync(folder).find((name) => /onnxruntime(\.so|\.dll|\.1\.|.*\.dylib)/.test(name));
  assert.ok(library, folder);
  if (process.platform === 'linux')
    assert.ok(readFileSync(path.join(folder, library)).includes('ORT_DISABLE_TELEMETRY'), library);
});
