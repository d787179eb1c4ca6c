import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Finding } from '../../../src/cli/detect.ts';
import { metricNames } from '../../../src/protocol/metrics.ts';
import { readNpy } from '../../../src/runtime/files/npy.ts';
import { readFullImage } from '../../../src/runtime/images/images.ts';
import { drawPlates, workplace } from './workplace.ts';

const { at, nferd, files, remove } = workplace();
const model = at('plate.nferd');
let plate = '';
before(async () => {
  plate = await drawPlates(at);
});
after(remove);

test('train prints thresholds and what they cannot promise yet', async () => {
  const { code, out, err } = await nferd(['train', plate, '--out', model, '--size', '128', '--threads', '1']);
  assert.deepEqual({ code, err }, { code: 0, err: [] });
  assert.match(out, /instant detector of 8 normal images/);
  assert.match(out, /image threshold {2}\d/);
  assert.match(
    out,
    /5 % can't be promised yet, only 11.1 %: 8 normal images calibrated it, 19 are needed \(train on 19/,
  );
});

const detecting = async (images: readonly string[], ...more: readonly string[]) =>
  nferd(['detect', ...images.map(at), '--model', model, '--out', at('found'), '--threads', '1', ...more]);

test('detect: exit code 0 for normal, 1 for an anomaly, 2 where an image failed', async () => {
  // Not the calibrated threshold: eight images can't promise that a ninth lies below it.
  const limit = ['--threshold', '2', '--no-files'];
  assert.equal((await detecting(['plate/test/good/0.png', 'plate/test/good/1.png'], ...limit)).code, 0);
  const { code, out } = await detecting(['plate/test/good/0.png', 'plate/test/dot/0.png'], ...limit);
  assert.equal(code, 1);
  assert.match(out, /^normal .*good\/0\.png/m);
  assert.match(out, /^anomalous .* > 2 {2}.*dot\/0\.png/m);
  writeFileSync(at('text.png'), 'not an image');
  const failed = await detecting(['text.png', 'plate/test/dot/0.png'], ...limit);
  assert.equal(failed.code, 2);
  assert.match(failed.out, /^anomalous .*dot\/0\.png/m, 'the rest is done');
  assert.match(failed.err.join('\n'), /^nferd: failed \(1\):\n {2}.*text\.png: /m);
  assert.ok(!files().some((file) => file.startsWith('found')));
});

test('detect writes a picture, a map and the reasons under distinct names', async () => {
  const { out, err } = await detecting(['plate/test/good/0.png', 'plate/test/dot/0.png'], '--json');
  assert.deepEqual(err, []);
  const written = files().filter((file) => file.startsWith('found/'));
  assert.deepEqual(
    written,
    ['dot-0', 'good-0'].flatMap((name) => ['heatmap.png', 'json', 'map.npy'].map((end) => `found/${name}.${end}`)),
  );
  const { images } = JSON.parse(out) as { images: Finding[] };
  const dot = images[1]!;
  assert.deepEqual(JSON.parse(readFileSync(at('found/dot-0.json'), 'utf8')), dot);
  assert.ok(Math.abs(dot.hottest.x - 40) <= 10 && Math.abs(dot.hottest.y - 12) <= 10, JSON.stringify(dot.hottest));
  const [region, ...others] = dot.regions;
  assert.deepEqual([others.length, region!.peak], [0, dot.hottest.value]);
  const { left, top, width, height } = region!.box;
  assert.ok(left < 40 && 40 < left + width && top < 12 && 12 < top + height, JSON.stringify(region!.box));
  assert.ok(region!.area > 0 && region!.area <= width * height && width <= 64 && height <= 48);
  const nearest = dot.neighbours[0]!;
  assert.match(nearest.image, /plate\/train\/good\/\d\.png$/);
  assert.ok(nearest.left >= 0 && nearest.left + nearest.width <= 64 && nearest.top + nearest.height <= 48);
  const map = await readNpy(at('found/dot-0.map.npy'));
  assert.ok(Math.abs(Math.max(...map.data) - dot.hottest.value) < 1e-6);
  const picture = await readFullImage(at('found/dot-0.heatmap.png'));
  assert.deepEqual([picture.width, picture.height], [64, 48], "the image's own size");
});

test('detect: rules make a normal score anomalous, and say so', async () => {
  const quiet = ['--threshold', '1000', '--no-files'];
  const dot = ['plate/test/dot/0.png'];
  assert.equal((await detecting(dot, ...quiet)).code, 0);
  const { code, out } = await detecting(dot, ...quiet, '--most-regions', '0');
  assert.equal(code, 1);
  assert.match(out, /^anomalous .* ≤ 1000 {2}.* {2}1 region {2}1 region, at most 0 allowed$/);
  const small = ['--most-regions', '0', '--smallest-area', '1e6', '--largest-total-area', '0'];
  assert.equal((await detecting(dot, ...quiet, ...small)).code, 0);
  const area = JSON.parse((await detecting(dot, ...quiet, '--largest-total-area', '10', '--json')).out) as {
    rules: object;
    images: Finding[];
  };
  assert.deepEqual(area.rules, { smallestArea: 0, mostRegions: null, largestTotalArea: 10 });
  const [{ breaches, regions, verdict }] = area.images as [Finding];
  assert.deepEqual([verdict, breaches.map(({ rule, limit }) => [rule, limit])], ['anomalous', [['totalArea', 10]]]);
  const sum = regions.reduce((total, region) => total + region.area, 0);
  assert.ok(Math.abs(sum - breaches[0]!.value) < 0.1);
  assert.equal((await detecting(dot, ...quiet, '--most-regions', '1.5')).code, 2);
});

test('evaluate: the keys of the JSON, the table, the CSV', async () => {
  const args = ['evaluate', plate, '--model', model, '--threads', '1'];
  const { code, out } = await nferd([...args, '--json', '--csv', at('scores.csv')]);
  assert.equal(code, 0);
  const found = JSON.parse(out) as Record<string, unknown>;
  assert.equal(found['imageAuroc'], 1);
  assert.deepEqual([found['imageAp'], found['imageF1Max']], [1, 1]);
  assert.ok(
    Number(found['pixelAuroc']) > 0.9 && Number(found['aupro']) > 0.6,
    `${found['pixelAuroc']} ${found['aupro']}`,
  );
  assert.deepEqual(Object.keys(found['perDefect'] as object), ['dot']);
  const rates = found['atThreshold'] as Record<string, unknown>;
  assert.deepEqual(Object.keys(rates['falseAlarmInterval'] as object), ['low', 'high']);
  const dot = (found['perDefect'] as Record<string, Record<string, unknown>>)['dot']!;
  for (const name of metricNames) assert.ok(Number(found[name]) > 0 && Number(dot[name]) > 0, name);
  for (const name of ['recall', 'falseAlarmRate', 'pixelF1', 'pixelIou', 'pixelThreshold'])
    assert.equal(typeof rates[name], 'number', name);
  const lines = readFileSync(at('scores.csv'), 'utf8').trim().split('\r\n');
  assert.equal(lines[0], 'path,label,defect,score,verdict');
  assert.equal(lines.length, 5);
  assert.match(
    (await nferd(args)).out,
    /^dot .*\nall .*\nat the threshold .*95 % interval.*\nat the pixel threshold .*pixel F1 .*IoU/m,
  );
});

test('Ctrl-C: a checkpoint, exit code 130, and the same command goes on and gives the same detector', async () => {
  const train = (out: string) => ['train', plate, '--out', at(out), '--size', '128', '--steps', '2', '--threads', '1'];
  const stop = new AbortController();
  const stopped = await nferd(train('stopped/plate.nferd'), {
    signal: stop.signal,
    onProgress: ({ phase, done }) => void (phase === 'Training' && done === 3 && stop.abort()),
  });
  assert.equal(stopped.code, 130);
  assert.deepEqual(stopped.err, ['nferd: Stopped. Run the same command again to go on from here.']);
  assert.ok(!files().includes('stopped/plate.nferd'), 'nothing under the final name');
  const resumed = await nferd(train('stopped/plate.nferd'));
  assert.match(resumed.out, /resumed at step \d/);
  assert.ok(!files().some((file) => file.includes('checkpoint')));
  await nferd(train('straight/plate.nferd'));
  assert.ok(
    readFileSync(at('stopped/plate.nferd/detector.onnx')).equals(
      readFileSync(at('straight/plate.nferd/detector.onnx')),
    ),
  );
});

test('stopped before anything could be kept', async () => {
  const { code, err } = await nferd(['train', plate, '--out', at('never'), '--size', '128'], {
    signal: AbortSignal.abort(),
  });
  assert.equal(code, 130);
  assert.match(err.join('\n'), /^nferd: Stopped before .* start over\.$/);
});

test('doctor, teacher list, help and version', async () => {
  const doctor = await nferd(['doctor', '--threads', '1']);
  assert.equal(doctor.code, 0);
  assert.match(doctor.out, /nferd 1\.2\.3\n {2}onnxruntime-node \d/);
  assert.match(doctor.out, /cpu +works/);
  assert.match(doctor.out, /one 256 px image takes [\d.]+ ms/);
  assert.match((await nferd(['teacher', 'list'])).out, /^efficientnet-lite0: 24 channels at stride 4.*\(shipped\)/);
  assert.deepEqual(await nferd(['--version']), { code: 0, out: '1.2.3', err: [] });
  assert.match((await nferd(['train', '--help'])).out, /--false-alarm-rate <share>/);
});
