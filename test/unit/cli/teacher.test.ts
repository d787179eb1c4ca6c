import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { entriesOf, safetensorsOf } from '../teacher/formulaWeights.ts';
import { serve, sha256Of } from '../teacher/server.ts';
import { drawPlates, workplace } from './workplace.ts';

const { at, nferd, files, remove } = workplace();
const shipped = path.resolve(import.meta.dirname, '../../../models/efficientnet-lite0.onnx');
let plate = '';
before(async () => {
  plate = await drawPlates(at);
});
after(remove);

test('teacher add: fetched, checked, installed, listed', async () => {
  const weights = safetensorsOf(entriesOf('resnet18'));
  const sum = sha256Of(weights);
  const server = await serve({ body: weights });
  const progress: string[] = [];
  try {
    const args = ['teacher', 'add', 'resnet18', '--base-url', server.url, '--sha256', sum];
    const { code, out, err } = await nferd(args, { onProgress: ({ phase }) => progress.push(phase) });
    assert.deepEqual({ code, err }, { code: 0, err: [] });
    assert.match(
      out,
      /^resnet18: 64 channels at stride 4, 128 channels at stride 8, 256 channels at stride 16; licence/,
    );
    assert.ok(out.endsWith(`downloaded sha256 ${sum}, as you gave it`), out);
  } finally {
    await server.close();
  }
  assert.ok(progress.includes('Downloading (MiB)'));
  assert.ok(files().includes('teachers/resnet18.onnx'));
  const list = await nferd(['teacher', 'list']);
  assert.equal(list.code, 0);
  assert.match(list.out, /^resnet18: .* \(user\)$/m);
  assert.match(list.out, /To be had with "nferd teacher add": wide_resnet50_2$/);
});

test('teacher import: a backbone becomes a teacher that a detector is trained with', async () => {
  const normalised = ['--mean', '127,127,127', '--scale', '128,128,128'];
  const { code, out, err } = await nferd(['teacher', 'import', shipped, '--name', 'mine', ...normalised]);
  assert.deepEqual({ code, err }, { code: 0, err: [] });
  assert.match(
    out,
    /^mine: 24 channels at stride 4, 40 channels at stride 8, 112 channels at stride 16; licence .*\n {2}maps /,
  );
  const train = (name: string, teacher: string) =>
    nferd([
      'train',
      plate,
      '--out',
      at(name),
      '--teacher',
      teacher,
      '--size',
      '128',
      '--threads',
      '1',
      '--provider',
      'cpu',
    ]);
  assert.equal((await train('mine.nferd', 'mine')).code, 0);
  assert.equal((await train('shipped.nferd', 'efficientnet-lite0')).code, 0);
  const record = (name: string) =>
    JSON.parse(readFileSync(at(`${name}.nferd/detector.json`), 'utf8')) as {
      teacher: { name: string };
      calibration: { scores: number[] };
    };
  assert.equal(record('mine').teacher.name, 'mine');
  const { scores } = record('shipped').calibration;
  record('mine').calibration.scores.forEach((score, i) => assert.ok(Math.abs(score - scores[i]!) < 1e-3));
});

test('teacher import without a normalisation says what it assumed', async () => {
  const { code, err } = await nferd(['teacher', 'import', shipped, '--name', 'assumed']);
  assert.equal(code, 0);
  assert.match(err.join('\n'), /^note: ImageNet's mean and scale were assumed\. Give --mean and --scale/);
});
